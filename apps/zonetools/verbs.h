// The verbs of `zonewright zone`. Each takes what the command line said and returns the exit code.
#pragma once

#include <string>
#include <vector>

#include "dnssec/sign.h"
#include "zonetools/input.h"

namespace zw::app {

struct CheckVerb {
  Input input;
  Format format = Format::text;
  int run() const;
};

struct SignVerb {
  Input input;
  Format format = Format::text;
  std::string keys;             // a folder
  std::string denial = "nsec";  // or "nsec3", "optout"
  unsigned iterations = 0;
  std::string salt;                                                       // in hex digits
  std::string at;                                                         // empty: now
  long long inception_offset = 3600, validity = 14 * 86'400, jitter = 0;  // seconds
  std::string serial = "keep";      // or "increment", "unixtime", "date"
  std::vector<std::string> zonemd;  // "sha384", "sha512"
  std::string to = "canonical";     // or "text", "wire"
  std::string output;               // empty: standard output
  unsigned threads = 0;             // 0: all cores
  int run() const;

 private:
  Result<SigningPlan> plan_for(const Zone& zone, WallTime now) const;
};

struct VerifyVerb {
  Input input;
  Format format = Format::text;
  std::vector<std::string> anchors;  // files
  std::string at;                    // empty: now
  bool require_zonemd = false;
  bool accept_rsasha1 = false;
  unsigned threads = 0;  // 0: all cores
  int run() const;
};

struct DigestVerb {
  Input input;
  Format format = Format::text;
  std::string hash = "sha384";
  int run() const;
};

struct DiffVerb {
  Input before, after;
  Format format = Format::text;
  int run() const;
};

struct InfoVerb {
  Input input;
  Format format = Format::text;
  int run() const;
};

struct ConvertVerb {
  Input input;
  Format format = Format::text;
  std::string to = "canonical";  // or "text", "wire"
  std::string output;            // empty: standard output
  int run() const;
};

struct MakeVerb {
  std::string kind;  // "root" or "tld"
  Format format = Format::text;
  std::string origin = "example.";
  unsigned long long seed = 1;
  std::size_t size = 0;  // delegations; 0: as many as fit the kind
  std::string names = "/usr/share/publicsuffix/public_suffix_list.dat";
  std::string output;
  std::size_t changes = 0;         // also make a second zone that differs by so many delegations
  unsigned long long to_seed = 2;  // of the changes
  std::string changed_output;      // the second zone
  int run() const;
};

}  // namespace zw::app
