// The verb `zonewright localroot config`. Exit codes: 0 done, or nothing found or changed; 1 there are
// findings or changes, or the software cannot do it; 2 wrong use; 3 could not find out.
#pragma once

#include <string>
#include <vector>

namespace zw::localroot {

struct AdviseCommand {
  std::string target;
  std::string zone;                      // empty: the root, or the only one of `config`
  std::vector<std::string> servers;      // ADDRESS[@PORT]
  std::vector<std::string> tls_servers;  // ADDRESS[@PORT]
  std::string tls_name, tls_authorities, url;
  std::string key;  // NAME[:ALGORITHM[:FILE]]
  bool with_secret = false;
  std::vector<std::string> subscriber;  // addresses
  std::vector<std::string> fall_backs;  // ADDRESS[@PORT]
  bool no_public_fall_backs = false;
  std::string folder, anchor, serial, label;
  bool no_zonemd = false;
  std::string config;    // of our server, to take from it what is not given here
  std::string output;    // a folder to write the files to, instead of standard output
  std::string compared;  // a file that somebody has, to tell what is other now
  std::string at;        // a moment instead of now
  int run() const;
};

struct AdviceListCommand {
  int run() const;
};

struct AdviceCheckCommand {
  std::vector<std::string> files;
  bool json = false;
  std::string at;
  int run() const;
};

}  // namespace zw::localroot
