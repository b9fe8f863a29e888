// The verbs of `zonewright zone`. Each takes what the command line said and returns the exit code.
#pragma once

#include <string>
#include <vector>

#include "zonetools/input.h"

namespace zw::app {

struct CheckVerb {
  Input input;
  Format format = Format::text;
  int run() const;
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
