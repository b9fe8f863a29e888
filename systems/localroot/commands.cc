#include "localroot/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/manual.h"
#include "format/json.h"
#include "localroot/portal/portal.h"
#include "localroot/publication_log.h"
#include "localroot/service.h"
#include "localroot/status.h"
#include "os/clock.h"
#include "os/memory.h"
#include "web/accounts/accounts.h"
#include "web/http_client.h"

namespace zw::localroot {
namespace {

enum Exit { yes = 0, no = 1, wrong_use = 2, unknown = 3 };

void complain(std::string_view what) { fmt::print(stderr, "zonewright: {}\n", what); }

// Runs from another moment on, at the usual pace.
class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(WallTime begin) : begin_(begin), steady_begin_(system_.steady()) {}
  WallTime wall() const override {
    return begin_ + std::chrono::duration_cast<Seconds>(system_.steady() - steady_begin_);
  }
  std::chrono::milliseconds steady() const override { return system_.steady(); }

 private:
  SystemClock system_;
  WallTime begin_;
  std::chrono::milliseconds steady_begin_;
};

}  // namespace

std::string config_help() { return print_settings_help(localroot_settings().docs()); }

int ServeCommand::run() const {
  keep_heap_small();
  auto loaded = load_config(config);
  if (!loaded) {
    fmt::print(stderr, "{}", loaded.error());
    return wrong_use;
  }
  if (check_only) {
    fmt::print("{}: no errors\n", config);
    return yes;
  }
  std::unique_ptr<Clock> clock = std::make_unique<SystemClock>();
  if (!at.empty()) {
    auto begin = parse_time(at);
    if (!begin) {
      complain("--at: expected a time such as 2026-08-05T00:00:00Z, found " + at);
      return wrong_use;
    }
    clock = std::make_unique<ShiftedClock>(*begin);
  }
  auto signals = Signals::make();
  if (!signals) {
    complain(signals.error().what);
    return unknown;
  }
  Logger log(*clock, {loaded->config.log_level, loaded->config.log_format});
  if (!at.empty()) log.warning("the clock is not the system's", {{"begins_at", at}});
  StartOptions options{
      config, take_over, {"zonewright-localroot", "serve", "--config", config, "--take-over"}};
  if (!at.empty()) options.upgrade.insert(options.upgrade.end(), {"--at", at});
  auto service = Service::make(options, *loaded, *clock, log);
  if (!service) {
    complain(service.error().what);
    return unknown;
  }
  for (const Address& address : (*service)->listening())
    log.info("listening", {{"address", address.print()}});
  for (const Address& address : (*service)->listening_tls())
    log.info("listening for TLS", {{"address", address.print()}});
  for (const Address& address : (*service)->listening_https())
    log.info("listening for HTTPS", {{"address", address.print()}});
  for (const Address& address : (*service)->listening_portal())
    log.info("the portal listens", {{"address", address.print()}});
  if (auto http = (*service)->http()) log.info("listening for HTTP", {{"address", http->print()}});
  return (*service)->run(*signals, ServiceManager::from_environment()) ? yes : unknown;
}

int LogVerifyCommand::run() const {
  if (!head.empty() && files.size() != 1) {
    complain("--head: belongs to one log, and " + std::to_string(files.size()) + " are named");
    return wrong_use;
  }
  Exit exit = yes;
  std::string out;
  JsonWriter writer(out);
  writer.begin_array();
  for (const std::string& file : files) exit = std::max(exit, static_cast<Exit>(verify_one(file, writer)));
  writer.end_array();
  if (json) fmt::print("{}\n", out);
  return exit;
}

int LogVerifyCommand::verify_one(const std::string& file, JsonWriter& writer) const {
  auto found = verify_log(file, head);
  std::string fault = found ? "" : found.error().what;
  if (found && !head.empty() && !found->has_link)
    fault = file + ": the link " + head + " is not in this log: its end was cut off, or it was written anew";
  if (!fault.empty()) complain(fault);
  LogSummary summary = found ? *found : LogSummary();
  writer.begin_object().member("file", file).member("fault", fault);
  if (found) add_log_summary(writer, summary);
  writer.end_object();
  if (found && !json) fmt::print("{}", print_log_summary(file, summary));
  if (fault.empty()) return yes;
  return found || found.error().kind == ErrorKind::malformed ? no : unknown;
}

int PortalAdminCommand::run() const {
  auto loaded = load_config(config);
  if (!loaded) {
    fmt::print(stderr, "{}", loaded.error());
    return wrong_use;
  }
  if (!loaded->config.portal.enabled) {
    complain(config + " has no portal: see enabled in [portal]");
    return wrong_use;
  }
  SystemClock clock;
  SystemRandom random;
  auto database = portal::open_portal_database(loaded->config.portal, loaded->config.state,
                                               {.clock = clock, .random = random});
  if (!database) {
    complain(database.error().what);
    return unknown;
  }
  AccountRole role = revoke ? AccountRole::user : AccountRole::admin;
  auto set = Accounts::set_role(**database, email, role, "local", "local");
  if (!set) {
    complain(set.error().what);
    return set.error().kind == ErrorKind::not_found || set.error().kind == ErrorKind::refused ? no : unknown;
  }
  fmt::print("{} is {} now\n", email, revoke ? "a user" : "an administrator");
  return yes;
}

int StatusCommand::run() const {
  auto loaded = load_config(config);
  if (!loaded) {
    fmt::print(stderr, "{}", loaded.error());
    return wrong_use;
  }
  if (!loaded->config.http) {
    complain("the configuration has no http listener to ask: add http = \"127.0.0.1@8053\"");
    return unknown;
  }
  auto answer = http_get(*loaded->config.http, "/status", std::chrono::seconds(5));
  if (!answer) {
    complain(answer.error().what);
    return unknown;
  }
  auto status = parse_json(answer->body, {std::size_t{64} << 20, 16});
  auto text = status ? print_status_text(answer->body) : std::unexpected(status.error());
  if (!text) {
    complain(text.error().what);
    return unknown;
  }
  fmt::print("{}", json ? answer->body : *text);
  const Json* healthy = status->find("healthy");
  return healthy && healthy->boolean().value_or(false) ? yes : no;
}

}  // namespace zw::localroot
