#include "localroot/bench/commands.h"

#include <fmt/format.h>

#include "dns/address_text.h"
#include "localroot/bench/notify.h"
#include "localroot/bench/query.h"
#include "localroot/bench/query_list.h"
#include "localroot/bench/xfr.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/service.h"
#include "zone/reader.h"

namespace zw::localroot {
namespace {

enum Exit { yes = 0, no = 1, wrong_use = 2, unknown = 3 };

constexpr double kMostSeconds = 86'400;
constexpr double kQuerySeconds = 5;  // unless something else is said
constexpr std::size_t kMostFileOctets = std::size_t{4} << 30;
constexpr std::size_t kMadeQueries = 20'000;
constexpr std::uint64_t kMostClients = 500'000;

int complain(Exit status, std::string_view what) {
  fmt::print(stderr, "zonewright: {}\n", what);
  return status;
}

/// What the options of all verbs mean.
struct Aim {
  Address target;
  std::optional<AddressRange> sources;
  std::optional<TsigKey> key;
};

Result<void> check_times(const BenchCommon& common) {
  if (common.seconds < 0 || common.seconds > kMostSeconds)
    return fail(ErrorKind::limit, "--seconds: from 0 to {}, found {}", kMostSeconds, common.seconds);
  if (common.timeout <= 0 || common.timeout > kMostSeconds)
    return fail(ErrorKind::limit, "--timeout: above 0 and at most {}, found {}", kMostSeconds,
                common.timeout);
  return {};
}

Result<Aim> read_aim(const BenchCommon& common) {
  Aim aim;
  auto target = Address::parse(common.target, kDnsPort);
  if (!target)
    return fail(ErrorKind::malformed, "expected an address such as 127.0.0.1@53, found {}", common.target);
  aim.target = *target;
  if (!common.address_range.empty()) {
    ZW_TRY(aim.sources, AddressRange::parse(common.address_range));
  }
  ZW_CHECK(check_target(aim.target, aim.sources, common.allow_remote));
  if (!common.key.empty()) {
    ZW_TRY(aim.key, read_key(common.key));
  }
  ZW_CHECK(check_times(common));
  return aim;
}

Result<double> share_of(std::string_view option, double percent) {
  if (percent < 0 || percent > 100)
    return fail(ErrorKind::limit, "{}: from 0 to 100, found {}", option, percent);
  return percent / 100;
}

Milliseconds milliseconds(double seconds) { return Milliseconds(static_cast<std::int64_t>(seconds * 1000)); }

/// Each connection needs a file descriptor.
Result<void> check_open_files(std::uint64_t clients) {
  std::size_t most = raise_open_files();
  if (clients + 32 <= most) return {};
  return fail(
      ErrorKind::limit,
      "--clients {}: this process may have {} files open; raise the limit (ulimit -n) or ask for less",
      clients, most);
}

/// Ends the load when a person has seen enough. What there is by then is still told.
class Interrupt final : public Watcher {
 public:
  Interrupt(Loop& loop, Signals& signals, std::function<void()> stop)
      : loop_(loop), signals_(signals), stop_(std::move(stop)) {}
  ~Interrupt() { loop_.unwatch(signals_.fd(), *this); }
  Result<void> start() { return loop_.watch(signals_.fd(), EPOLLIN, *this); }
  bool came() const { return came_; }

 private:
  void ready(std::uint32_t) override {
    while (signals_.next()) came_ = true;
    stop_();
  }
  Loop& loop_;
  Signals& signals_;
  std::function<void()> stop_;
  bool came_ = false;
};

int tell(const Report& report, const std::string& json, bool interrupted) {
  if (json == "-")
    fmt::print("{}", report.print_json());
  else
    fmt::print("{}", report.print_text());
  if (!json.empty() && json != "-")
    if (auto written = write_file_atomically(json, as_bytes(report.print_json())); !written)
      return complain(unknown, written.error().what);
  if (interrupted) return complain(unknown, "interrupted");
  return report.succeeded() ? yes : no;
}

/// Runs one load on a loop of its own until it is done or a person ends it.
template <typename Load, typename Options>
int run_load(Options options, const std::string& json) {
  auto signals = Signals::make();
  auto loop = Loop::make();
  if (!signals || !loop) return complain(unknown, signals ? loop.error().what : signals.error().what);
  SystemClock clock;
  Load load(**loop, clock, std::move(options), [&] { (*loop)->stop(); });
  Interrupt interrupt(**loop, *signals, [&] {
    load.stop();
    (*loop)->stop();
  });
  if (auto watched = interrupt.start(); !watched) return complain(unknown, watched.error().what);
  if (auto started = load.start(); !started) return complain(unknown, started.error().what);
  if constexpr (requires { load.print_waiting(); }) fmt::print(stderr, "{}\n", load.print_waiting());
  (*loop)->run();
  return tell(load.report(), json, interrupt.came());
}

Result<void> check_clients(std::size_t clients) {
  if (clients == 0 || clients > kMostClients)
    return fail(ErrorKind::limit, "--clients: from 1 to {}, found {}", kMostClients, clients);
  return check_open_files(clients);
}

Result<StreamCheck> read_check(std::string_view text) {
  if (text == "soa") return StreamCheck::soa;
  if (text == "records") return StreamCheck::records;
  if (text == "digest") return StreamCheck::digest;
  return fail(ErrorKind::malformed, "--check: expected soa, records or digest, found {}", text);
}

Result<Serial> read_serial(std::string_view text) {
  auto serial = parse_number(text, 0xffffffff);
  if (!serial) return fail(ErrorKind::malformed, "--serial: expected a number, found {}", text);
  return Serial(static_cast<std::uint32_t>(*serial));
}

Result<XfrOptions> read_options(const BenchXfrCommand& command) {
  const BenchCommon& common = command.common;
  ZW_TRY(Aim aim, read_aim(common));
  XfrOptions options;
  options.target = aim.target;
  options.sources = aim.sources;
  options.key = std::move(aim.key);
  ZW_TRY(options.zone, Name::parse(command.zone, NameView()));
  if (!command.serial.empty()) {
    ZW_TRY(options.serial, read_serial(command.serial));
  }
  if (command.total == 0 && common.seconds == 0)
    return fail(ErrorKind::limit, "--total 0 means no end: then --seconds has to give one");
  ZW_CHECK(check_clients(command.clients));
  options.total = command.total == 0 ? ~std::uint64_t{0} : command.total;
  options.clients = command.clients;
  options.rate = command.rate;
  if (common.seconds > 0) options.limit = milliseconds(common.seconds);
  options.patience = milliseconds(common.timeout);
  options.slow_octets_per_second = static_cast<std::uint64_t>(command.slow_kbit * 1000 / 8);
  ZW_TRY(options.slow_share, share_of("--slow-percent", command.slow_percent));
  ZW_TRY(options.reset_share, share_of("--reset-percent", command.reset_percent));
  ZW_TRY(options.verify_share, share_of("--verify-tsig", command.verify_percent));
  ZW_TRY(options.check, read_check(command.check));
  options.edns = !command.no_edns;
  options.seed = common.seed;
  return options;
}

Result<std::vector<Buffer>> read_queries(const BenchQueryCommand& command) {
  QueryForm form{!command.no_edns, command.dnssec_ok};
  const std::string& file = command.zone.empty() ? command.queries : command.zone;
  if (command.zone.empty() == command.queries.empty())
    return fail(ErrorKind::malformed, "the queries come from either --queries or --zone");
  ZW_TRY(MappedFile content, MappedFile::open(file, kMostFileOctets));
  std::string_view text = as_text(content.bytes());
  if (command.zone.empty()) {
    auto queries = parse_queries(text, form);
    return queries ? std::move(queries) : fail(queries.error().kind, "{}: {}", file, queries.error().what);
  }
  ZoneReading reading = read_zone(text, file);
  if (!reading.zone)
    return fail(ErrorKind::malformed, "{}",
                reading.report.issues.empty() ? file + ": no zone" : print(reading.report.issues.front()));
  Splitmix random(command.common.seed);
  return make_queries(*reading.zone, kMadeQueries, random, form);
}

Result<QueryOptions> read_options(const BenchQueryCommand& command) {
  const BenchCommon& common = command.common;
  ZW_TRY(Aim aim, read_aim(common));
  QueryOptions options;
  options.target = aim.target;
  options.sources = aim.sources;
  ZW_CHECK(check_clients(command.clients));
  if (command.in_flight < command.clients || command.in_flight > command.clients * InFlight::kMost)
    return fail(ErrorKind::limit, "--in-flight: from 1 to {} for each client, found {} for {} clients",
                InFlight::kMost, command.in_flight, command.clients);
  ZW_TRY(options.queries, read_queries(command));
  options.transport = command.tcp ? Transport::tcp : Transport::udp;
  options.clients = command.clients;
  options.in_flight = command.in_flight;
  options.rate = command.rate;
  options.total = command.total;
  bool endless = common.seconds == 0 && command.total > 0;
  options.limit = milliseconds(common.seconds > 0 ? common.seconds : endless ? kMostSeconds : kQuerySeconds);
  options.patience = milliseconds(common.timeout);
  options.seed = common.seed;
  return options;
}

Result<Crowd> make_crowd(const BenchNotifyCommand& command) {
  const BenchCommon& common = command.common;
  ZW_TRY(AddressRange addresses, AddressRange::parse(common.address_range));
  if (!common.allow_remote && !addresses.is_loopback())
    return fail(ErrorKind::refused, "{} is not on loopback; if it is yours, say --allow-remote",
                addresses.print());
  unsigned dead_port = command.dead_port > 0 ? command.dead_port : command.port + 1;
  if (command.port > 65'535 || dead_port > 65'535)
    return fail(ErrorKind::limit, "a port is at most 65535, found {} and {}", command.port, dead_port);
  CrowdPlan plan{addresses};
  plan.size = command.targets;
  plan.port = static_cast<std::uint16_t>(command.port);
  plan.dead_port = static_cast<std::uint16_t>(dead_port);
  ZW_TRY(plan.dead, share_of("--dead-percent", command.dead_percent));
  ZW_TRY(plan.refusing, share_of("--refusing-percent", command.refusing_percent));
  ZW_TRY(plan.slow, share_of("--slow-percent", command.slow_percent));
  plan.seed = common.seed;
  return Crowd::make(plan);
}

Result<NotifyOptions> read_options(const BenchNotifyCommand& command, Crowd crowd) {
  const BenchCommon& common = command.common;
  ZW_CHECK(check_times(common));
  NotifyOptions options{std::move(crowd)};
  ZW_TRY(options.zone, Name::parse(command.zone, NameView()));
  if (!common.key.empty()) {
    ZW_TRY(TsigKey key, read_key(common.key));
    ZW_CHECK(options.keys.add(std::move(key)));
  }
  if (command.slow_ms < 1 || command.slow_ms > kMostSeconds)
    return fail(ErrorKind::limit, "--slow-ms: from 1 to {}, found {}", kMostSeconds, command.slow_ms);
  if (command.quiet < 0 || command.quiet > kMostSeconds)
    return fail(ErrorKind::limit, "--quiet: from 0 to {}, found {}", kMostSeconds, command.quiet);
  options.slow_after = milliseconds(command.slow_ms / 1000);
  options.quiet = milliseconds(command.quiet);
  options.patience = milliseconds(common.timeout);
  if (common.seconds > 0) options.limit = milliseconds(common.seconds);
  if (!command.serial.empty()) {
    ZW_TRY(options.serial, read_serial(command.serial));
  }
  return options;
}

int print_config(const Crowd& crowd, const BenchNotifyCommand& command) {
  auto format = parse_crowd_format(command.print_config);
  if (!format)
    return complain(wrong_use, fmt::format("--print-config: expected one of {}, found {}",
                                           print_crowd_formats(), command.print_config));
  const std::string& key = command.common.key;
  fmt::print("{}", print_targets(crowd, *format, std::string_view(key).substr(0, key.find(':'))));
  return yes;
}

}  // namespace

int BenchNotifyCommand::run() const {
  auto crowd = make_crowd(*this);
  if (!crowd) return complain(wrong_use, crowd.error().what);
  if (!print_config.empty()) return localroot::print_config(*crowd, *this);
  auto options = read_options(*this, std::move(*crowd));
  if (!options) return complain(wrong_use, options.error().what);
  return run_load<NotifyLoad>(std::move(*options), common.json);
}

int BenchQueryCommand::run() const {
  auto options = read_options(*this);
  if (!options) return complain(wrong_use, options.error().what);
  return run_load<QueryLoad>(std::move(*options), common.json);
}

int BenchXfrCommand::run() const {
  auto options = read_options(*this);
  if (!options) return complain(wrong_use, options.error().what);
  return run_load<XfrLoad>(std::move(*options), common.json);
}

}  // namespace zw::localroot
