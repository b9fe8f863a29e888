#include "transfer/notifier.h"

#include <algorithm>

#include "net/socket.h"
#include "transfer/sign_query.h"

namespace zw {

NotifyCounters::NotifyCounters(Metrics& metrics, NameView zone)
    : sent(metrics.counter("zonewright_transfer_notifies_sent_total", "NOTIFY messages sent.",
                           {{"zone", print(zone)}})),
      answered(metrics.counter("zonewright_transfer_notifies_answered_total",
                               "NOTIFY messages that were answered.", {{"zone", print(zone)}})),
      unanswered(metrics.counter("zonewright_transfer_notifies_unanswered_total",
                                 "NOTIFY messages without an answer in time.", {{"zone", print(zone)}})),
      given_up(metrics.counter("zonewright_transfer_notifies_abandoned_total",
                               "Versions that a secondary could not be told.", {{"zone", print(zone)}})) {}

namespace {

// Beside loopback: the kernel sends from the very address that it sends to only if that is its own.
bool is_local(const Address& address, Random& random) {
  if (address.ip.is_loopback()) return true;
  auto socket = open_udp_client(address, std::nullopt, random);
  if (!socket) return false;
  auto from = local_address(socket->get());
  return from && from->ip == address.ip;
}

}  // namespace

bool is_ourselves(const Address& target, const std::vector<Address>& listening, Random& random) {
  return std::any_of(listening.begin(), listening.end(), [&](const Address& own) {
    if (own == target) return true;
    bool covers = own.ip.is_any() && own.port == target.port && own.ip.is_v4() == target.ip.is_v4();
    return covers && is_local(target, random);
  });
}

Notifier::Notifier(Loop& loop, const Clock& clock, Random& random, std::vector<NotifyTarget> targets,
                   const NotifySettings& settings, NotifyCounters counters, OnEvent on_event)
    : loop_(loop),
      clock_(clock),
      random_(random),
      targets_(std::move(targets)),
      schedule_(targets_.size(), settings),
      counters_(counters),
      on_event_(std::move(on_event)),
      timer_(loop, [this] { work(); }),
      flights_(targets_.size()) {}

void Notifier::announce(ZonePtr zone) {
  zone_ = std::move(zone);
  schedule_.announce(zone_->serial(), loop_.now());
  work();
}

void Notifier::work() {
  for (const NotifySend& one : schedule_.send(loop_.now())) send(one);
  auto next = schedule_.next();
  if (next)
    timer_.start(std::max(Milliseconds(0), *next - loop_.now()));
  else
    timer_.stop();
}

void Notifier::send(const NotifySend& send) {
  const NotifyTarget& target = targets_[send.target];
  auto& flight = flights_[send.target];
  flight = std::make_unique<Flight>(loop_, random_);
  flight->id = static_cast<std::uint16_t>(random_.next());
  flight->serial = send.serial;
  Buffer message = compose_notify(*zone_, flight->id);
  flight->tsig = sign_query(target.key, message, clock_.wall());
  counters_.sent.add();
  flight->exchange.start(
      target.address, target.from, message, send.wait,
      [this, &one = *flight](Bytes answer) { return take(one, answer); },
      [this, i = send.target](const Result<void>& result) { ended(i, result); });
}

Next Notifier::take(Flight& flight, Bytes message) {
  NotifyAnswer answer = read_notify_answer(message, zone_->origin(), flight.id,
                                           flight.tsig ? &*flight.tsig : nullptr, clock_.wall());
  flight.rcode = answer.rcode;
  flight.fault = answer.what;
  return answer.rcode ? Next::done : Next::more;
}

void Notifier::ended(std::size_t target, const Result<void>& result) {
  auto flight = std::move(flights_[target]);
  if (result) {
    schedule_.answered(target, *flight->rcode, loop_.now());
    counters_.answered.add();
  } else {
    std::string fault = std::move(flight->fault);
    if (fault.empty()) fault = result.error().what;
    schedule_.unanswered(target, std::move(fault), loop_.now(), random_);
    counters_.unanswered.add();
  }
  const NotifyTargetState& state = schedule_.targets()[target];
  bool over = !state.telling;
  if (over && !result) counters_.given_up.add();
  if (over && on_event_) on_event_({targets_[target], state, flight->serial, result.has_value()});
  work();
}

void log_event(Logger& log, NameView zone, const Notifier::Event& event) {
  std::string name = print(zone), target = event.target.address.print(), rcode = print(event.state.rcode);
  if (event.answered)
    log.debug("NOTIFY answered", {{"zone", name},
                                  {"target", target},
                                  {"serial", event.serial.value()},
                                  {"rcode", rcode},
                                  {"took_ms", event.state.round_trip.value_or(Milliseconds(0)).count()}});
  else
    log.warning("NOTIFY not answered", {{"zone", name},
                                        {"target", target},
                                        {"serial", event.serial.value()},
                                        {"tries", event.state.tries},
                                        {"reason", event.state.last_fault}});
}

}  // namespace zw
