#include "localroot/bench/notify.h"

#include <fmt/format.h>

#include "authority/request.h"
#include "os/files.h"

namespace zw::localroot {
namespace {

constexpr Milliseconds kCheck{50}, kLatePace{5};

TcpLimits connection_limits(std::size_t targets) {
  TcpLimits limits;
  // All of them may be of one server.
  limits.connections = limits.of_client = std::min(raise_open_files() / 2, targets + 1000);
  return limits;
}

}  // namespace

NotifyLoad::NotifyLoad(Loop& loop, const Clock& clock, NotifyOptions options, std::function<void()> done)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      done_(std::move(done)),
      metrics_(1),
      counters_(make_net_counters(metrics_, 0)),
      table_(connection_limits(options_.crowd.size()).connections,
             connection_limits(options_.crowd.size()).of_client),
      connections_(loop, *this, counters_, table_, connection_limits(options_.crowd.size())),
      batch_(make_udp_batch()),
      room_(kMaxMessageOctets),
      check_(loop, [this] { check(); }),
      late_(loop, [this] { send_late(); }) {
  tally_.told.resize(options_.crowd.size());
}

// ---- its time ---------------------------------------------------------------------------------------------

Result<void> NotifyLoad::start() {
  const CrowdPlan& plan = options_.crowd.plan();
  ZW_CHECK(open(plan.port, true));
  ZW_CHECK(open(plan.dead_port, false));
  began_ = heard_ = steady_micros();
  check_.start(kCheck);
  return {};
}

Result<void> NotifyLoad::open(std::uint16_t port, bool takes_connections) {
  Address here{any_address(options_.crowd.at(0).ip), port};
  ZW_TRY(Descriptor udp, open_udp_server(here));
  ZW_TRY(Descriptor tcp, open_tcp_server(here));
  auto& listener = takes_connections ? udp_ : dead_udp_;
  listener = std::make_unique<UdpListener>(loop_, std::move(udp), here, *this, counters_, batch_);
  ZW_CHECK(listener->start());
  if (!takes_connections) return dead_tcp_ = std::move(tcp), Result<void>();
  tcp_ = std::make_unique<TcpListener>(loop_, std::move(tcp), here, Transport::tcp, connections_);
  return tcp_->start();
}

void NotifyLoad::stop() {
  if (stopped_) return;
  stopped_ = true;
  ended_ = steady_micros();
  check_.stop();
  late_.stop();
  tcp_.reset();
  udp_.reset();
  dead_udp_.reset();
}

bool NotifyLoad::is_over() const {
  Micros now = steady_micros();
  if (options_.limit && now - began_ >= *options_.limit) return true;
  Micros silent = now - heard_;
  if (silent >= options_.patience) return true;
  bool all_told = tally_.messages > 0 && tally_.living == living();
  return all_told && silent >= options_.quiet && late_answers_.empty();
}

void NotifyLoad::check() {
  if (!is_over()) return check_.start(kCheck);
  stop();
  done_();
}

// ---- what comes -------------------------------------------------------------------------------------------

std::size_t NotifyLoad::udp(Bytes message, const Peer& peer, MutableBytes answer) {
  std::optional<std::size_t> target;
  std::size_t size = take(message, peer, answer, target);
  if (!target || size == 0 || options_.crowd.role(*target) != CrowdRole::slow) return size;
  late_answers_.push_back({steady_micros() + options_.slow_after, peer.local, peer.address,
                           Buffer(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size))});
  if (!late_.running()) late_.start(options_.slow_after);
  return 0;
}

void NotifyLoad::tcp(Bytes message, const Peer& peer, TcpReply& reply) {
  std::optional<std::size_t> target;
  std::size_t size = take(message, peer, room_, target);
  if (size > 0) reply.send(Bytes(room_).first(size));
}

void NotifyLoad::send_late() {
  Micros now = steady_micros();
  for (; !late_answers_.empty() && late_answers_.front().due <= now; late_answers_.pop_front()) {
    const LateAnswer& late = late_answers_.front();
    udp_->send_one(late.message, late.from.ip, late.to);
  }
  if (!late_answers_.empty()) late_.start(kLatePace);
}

std::size_t NotifyLoad::take(Bytes message, const Peer& peer, MutableBytes answer,
                             std::optional<std::size_t>& target) {
  auto wrong = [&](std::string_view reason, std::string_view what) {
    tally_.failures.add(reason, fmt::format("{}: {}", peer.local.print(), what));
  };
  target = options_.crowd.find(peer.local);
  if (!target) return wrong("not-a-target", "nobody of the crowd is there"), 0;
  Request request = Request::read(message);
  if (request.kind() == RequestKind::ignore || !request.message())
    return wrong("malformed", "no message that could be read"), 0;
  TsigRequest tsig;
  if (options_.keys.size() > 0) tsig = verify_request(*request.message(), options_.keys, clock_.wall());
  if (tsig.status != TsigStatus::absent && tsig.status != TsigStatus::good) {
    wrong("bad-tsig", print(tsig.status));
    return write_answer(*request.message(), tsig, tsig.rcode(), answer);
  }
  auto notify = request.kind() == RequestKind::notify ? read_notify(request) : std::nullopt;
  if (!notify) {
    wrong("no-notify", "a message that is no NOTIFY about an SOA");
    return write_answer(*request.message(), tsig, Rcode::NOTIMP, answer);
  }
  if (notify->zone != NameView(options_.zone)) {
    wrong("other-zone", print(notify->zone));
    return write_answer(*request.message(), tsig, Rcode::NOTAUTH, answer);
  }
  tally_.unsigned_ones += tsig.status == TsigStatus::absent;
  count(*target, *notify, peer);
  switch (options_.crowd.role(*target)) {
    case CrowdRole::dead: return 0;
    case CrowdRole::refuses: return write_answer(*request.message(), tsig, Rcode::REFUSED, answer);
    default: return write_answer(*request.message(), tsig, Rcode::NOERROR, answer);
  }
}

void NotifyLoad::count(std::size_t target, const NotifyRequest& notify, const Peer& peer) {
  if (notify.hint && (tally_.serials.size() < kMostSerials || tally_.serials.contains(notify.hint->value())))
    ++tally_.serials[notify.hint->value()];
  if (options_.serial && notify.hint != options_.serial) return;
  heard_ = steady_micros();
  bool dead = options_.crowd.role(target) == CrowdRole::dead;
  if (tally_.messages++ == 0) tally_.first = heard_;
  tally_.last = heard_;
  tally_.over_tcp += peer.transport == Transport::tcp;
  auto since = static_cast<std::uint32_t>((heard_ - tally_.first).count());
  Told& told = tally_.told[target];
  if (told.messages++ == 0) {
    told.first = since;
    ++(dead ? tally_.dead : tally_.living);
    if (!dead) tally_.last_new = heard_;
  } else {
    (dead ? tally_.repeated_dead : tally_.repeated_living).add(since - told.last);
  }
  told.last = since;
}

std::size_t NotifyLoad::write_answer(const MessageView& message, const TsigRequest& tsig, Rcode rcode,
                                     MutableBytes answer) {
  writer_.start_response(answer, message, rcode, Header::kAa);
  std::size_t size = writer_.finish().size();
  if (!tsig.wants_signer()) return size;
  auto signer = TsigStreamSigner::make(tsig);
  return signer ? signer->sign(answer, size, clock_.wall()) : 0;
}

// ---- what came of it --------------------------------------------------------------------------------------

std::string NotifyLoad::print_waiting() const {
  const CrowdPlan& plan = options_.crowd.plan();
  return fmt::format("{} targets from {} on wait for NOTIFY of {} at port {}, {} of them dead at port {}",
                     options_.crowd.size(), options_.crowd.at(0).ip.print(), print(options_.zone), plan.port,
                     options_.crowd.count(CrowdRole::dead), plan.dead_port);
}

Report NotifyLoad::report() const {
  using Unit = Report::Unit;
  const Crowd& crowd = options_.crowd;
  Report report("notify");
  double seconds =
      tally_.messages > 0 ? static_cast<double>((tally_.last_new - tally_.first).count()) / 1e6 : 0;
  LogHistogram living_us, dead_us;
  std::uint64_t repeated_living = 0, repeated_dead = 0;
  for (std::size_t i = 0; i < crowd.size(); ++i) {
    const Told& told = tally_.told[i];
    if (told.messages == 0) continue;
    bool dead = crowd.role(i) == CrowdRole::dead;
    (dead ? dead_us : living_us).add(told.first);
    (dead ? repeated_dead : repeated_living) += told.messages - 1;
  }
  report.text("zone", "zone", print(options_.zone));
  report.count("targets", "targets", crowd.size());
  report.count("refusing", "that refuse", crowd.count(CrowdRole::refuses));
  report.count("slow", "that are slow", crowd.count(CrowdRole::slow));
  report.count("dead", "that never answer", crowd.count(CrowdRole::dead));
  report.count("messages", "NOTIFY that came", tally_.messages);
  report.count("over_tcp", "of them over TCP", tally_.over_tcp);
  if (options_.keys.size() > 0) report.count("unsigned", "not signed", tally_.unsigned_ones);
  report.count("told", "who live and were told", tally_.living);
  report.count("untold", "who live and were not", living() - tally_.living);
  report.count("told_dead", "the dead that were told", tally_.dead);
  report.count("repeated", "again, to who live", repeated_living);
  report.count("repeated_dead", "again, to the dead", repeated_dead);
  Report::Counts serials;
  for (auto [serial, messages] : tally_.serials) serials.emplace_back(std::to_string(serial), messages);
  report.counts("messages_of_serial", "of any version", std::move(serials));
  report.number("told_seconds", "until all who live", seconds, Unit::seconds);
  report.number("told_per_second", "told", seconds > 0 ? static_cast<double>(tally_.living) / seconds : 0,
                Unit::per_second);
  report.self(static_cast<double>(((stopped_ ? ended_ : steady_micros()) - began_).count()) / 1e6);
  report.times("told_us", "told after", living_us);
  report.times("told_dead_us", "the dead, after", dead_us);
  report.times("repeated_us", "again after", tally_.repeated_living);
  report.times("repeated_dead_us", "the dead, again after", tally_.repeated_dead);
  report.failures(tally_.failures);
  report.succeeded(tally_.living == living() && tally_.failures.count() == 0);
  return report;
}

}  // namespace zw::localroot
