// The verbs of `zonewright localroot`. Each returns the exit code: 0 yes, 1 the answer is no, 2 wrong use, 3
// could not find out.
#pragma once

#include <string>
#include <vector>

namespace zw {
class JsonWriter;
}

namespace zw::localroot {

struct ServeCommand {
  std::string config;
  bool check_only = false;
  bool take_over = false;
  std::string at;  // a moment to begin at instead of now; for trials with old zones
  int run() const;
};

struct StatusCommand {
  std::string config;
  bool json = false;
  int run() const;
};

struct LogVerifyCommand {
  std::vector<std::string> files;
  std::string head;  // a link that must be in the one file; or empty
  bool json = false;
  int run() const;

 private:
  int verify_one(const std::string& file, JsonWriter& writer) const;
};

/// Who looks after a portal, which may be running.
struct PortalAdminCommand {
  std::string config;
  std::string email;
  bool revoke = false;
  int run() const;
};

/// What the configuration may say, for `--help`.
std::string config_help();

}  // namespace zw::localroot
