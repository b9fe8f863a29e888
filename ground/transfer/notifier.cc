#include "transfer/notifier.h"

#include <algorithm>
#include <cstring>

namespace zw {
namespace {

constexpr int kMessagesInTurn = 512;  // some milliseconds

std::vector<std::uint8_t> groups_of(const std::vector<NotifyTarget>& targets) {
  std::vector<std::uint8_t> out;
  out.reserve(targets.size());
  for (const NotifyTarget& target : targets) out.push_back(target.group);
  return out;
}

// Beside loopback: the kernel sends from the very address that it sends to only if that is its own.
bool is_local(const Address& address, Random& random) {
  if (address.ip.is_loopback()) return true;
  auto socket = open_udp_client(address, std::nullopt, random);
  if (!socket) return false;
  auto from = local_address(socket->get());
  return from && from->ip == address.ip;
}

Gauge targets(Metrics& metrics, NameView zone, std::string_view state) {
  return metrics.gauge("zonewright_transfer_notify_targets",
                       "Secondaries by how far the telling of the last version has come.",
                       {{"zone", print(zone)}, {"state", std::string(state)}});
}

// From some milliseconds to a quarter of an hour.
Histogram seconds(Metrics& metrics, NameView zone, std::string_view name, std::string_view help) {
  return metrics.histogram(name, help, {0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000},
                           {{"zone", print(zone)}});
}

}  // namespace

NotifyCounters::NotifyCounters(Metrics& metrics, NameView zone)
    : sent(metrics.counter("zonewright_transfer_notifies_sent_total", "NOTIFY messages sent.",
                           {{"zone", print(zone)}})),
      answered(metrics.counter("zonewright_transfer_notifies_answered_total",
                               "NOTIFY messages that were answered.", {{"zone", print(zone)}})),
      unanswered(metrics.counter("zonewright_transfer_notifies_unanswered_total",
                                 "NOTIFY messages without an answer in time.", {{"zone", print(zone)}})),
      given_up(metrics.counter("zonewright_transfer_notifies_abandoned_total",
                               "Versions that a secondary could not be told.", {{"zone", print(zone)}})),
      told_after(seconds(metrics, zone, "zonewright_transfer_notify_told_seconds",
                         "From the announcement of a version to the first message to a secondary.")),
      answered_after(seconds(metrics, zone, "zonewright_transfer_notify_answered_seconds",
                             "From the announcement of a version to the answer of a secondary.")),
      to_tell(targets(metrics, zone, "to_tell")),
      waiting(targets(metrics, zone, "waiting")),
      done(targets(metrics, zone, "answered")),
      abandoned(targets(metrics, zone, "given_up")),
      parked(targets(metrics, zone, "parked")) {}

bool is_ourselves(const Address& target, const std::vector<Address>& listening, Random& random) {
  return std::any_of(listening.begin(), listening.end(), [&](const Address& own) {
    if (own == target) return true;
    bool covers = own.ip.is_any() && own.port == target.port && own.ip.is_v4() == target.ip.is_v4();
    return covers && is_local(target, random);
  });
}

// ---- targets ----------------------------------------------------------------------------------------------

Notifier::Notifier(Loop& loop, const Clock& clock, Random& random, const std::vector<NotifyTarget>& targets,
                   const NotifySettings& settings, NotifyCounters counters, OnEvent on_event,
                   EgressBudget* budget)
    : loop_(loop),
      clock_(clock),
      random_(random),
      schedule_(groups_of(targets), settings, budget),
      counters_(counters),
      on_event_(std::move(on_event)),
      timer_(loop, [this] { work(); }),
      endpoints_(targets.size()) {
  KeyNumbers numbers;
  for (std::uint32_t i = 0; i < targets.size(); ++i) add(i, targets[i], numbers);
  macs_.resize(mac_octets_ * targets.size());
  index();
}

void Notifier::add(std::uint32_t i, const NotifyTarget& target, KeyNumbers& numbers) {
  Endpoint& endpoint = endpoints_[i];
  endpoint.ip = target.address.ip;
  endpoint.port = target.address.port;
  endpoint.source = source_number(target.from.value_or(any_address(target.address.ip)));
  if (!target.key) return;
  mac_octets_ = std::max(mac_octets_, zw::mac_octets(target.key->algorithm()));
  auto [number, is_new] = numbers.try_emplace(target.key, static_cast<std::uint32_t>(keys_.size()));
  if (is_new) keys_.push_back(target.key);
  endpoint.key = number->second;
}

std::uint8_t Notifier::source_number(const IpAddress& from) {
  auto known = std::find_if(sources_.begin(), sources_.end(),
                            [&](const auto& source) { return source->from == from; });
  if (known == sources_.end()) {
    ZW_ASSERT(sources_.size() < 255);
    sources_.push_back(std::make_unique<Source>(Source{from, nullptr}));
    open(*sources_.back());
    known = sources_.end() - 1;
  }
  return static_cast<std::uint8_t>(known - sources_.begin());
}

void Notifier::open(Source& source) {
  UdpFan::Calls calls;
  calls.received = [this, &source](unsigned socket, const Address& from, Bytes message) {
    received(source, socket, from, message);
  };
  calls.unsent = [this](std::uint32_t target) { schedule_.note(target, NotifyFault::unsent); };
  calls.writable = [this] { work(); };
  auto fan = UdpFan::make(loop_, source.from, random_, std::move(calls));
  if (fan) source.fan = std::move(*fan);
}

std::uint64_t Notifier::hash(const IpAddress& ip, std::uint16_t port) {
  std::uint64_t mixed = (std::hash<IpAddress>()(ip) + port) * 0x9e3779b97f4a7c15u;
  return mixed ^ mixed >> 32;
}

void Notifier::index() {
  std::size_t size = 16;
  while (size < 2 * endpoints_.size()) size *= 2;
  table_.assign(size, kNobody);
  for (std::uint32_t i = 0; i < endpoints_.size(); ++i) {
    std::size_t at = hash(endpoints_[i].ip, endpoints_[i].port) & (size - 1);
    while (table_[at] != kNobody) at = (at + 1) & (size - 1);
    table_[at] = i;
  }
}

// One address may be several targets, with different keys: the ID tells them apart.
std::uint32_t Notifier::find(const Address& from, unsigned socket, std::uint16_t id,
                             const Source& source) const {
  for (std::size_t at = hash(from.ip, from.port) & (table_.size() - 1); table_[at] != kNobody;
       at = (at + 1) & (table_.size() - 1)) {
    const Endpoint& endpoint = endpoints_[table_[at]];
    if (endpoint.port == from.port && endpoint.ip == from.ip && endpoint.id == id &&
        endpoint.socket == socket && sources_[endpoint.source].get() == &source &&
        schedule_.target(table_[at]).unanswered)
      return table_[at];
  }
  return kNobody;
}

void Notifier::heard(const IpAddress& from) {
  if (by_ip_.empty()) {
    by_ip_.resize(endpoints_.size());
    for (std::uint32_t i = 0; i < by_ip_.size(); ++i) by_ip_[i] = i;
    std::sort(by_ip_.begin(), by_ip_.end(),
              [&](std::uint32_t a, std::uint32_t b) { return endpoints_[a].ip < endpoints_[b].ip; });
  }
  auto at = std::lower_bound(by_ip_.begin(), by_ip_.end(), from,
                             [&](std::uint32_t i, const IpAddress& ip) { return endpoints_[i].ip < ip; });
  for (; at != by_ip_.end() && endpoints_[*at].ip == from; ++at) schedule_.heard(*at);
  timer_.start(Milliseconds(0));
}

std::size_t Notifier::memory() const {
  return schedule_.memory() + endpoints_.capacity() * sizeof(Endpoint) + macs_.capacity() +
         (table_.capacity() + by_ip_.capacity()) * sizeof(std::uint32_t);
}

// ---- telling ----------------------------------------------------------------------------------------------

void Notifier::announce(const NotifyTopic& topic, Groups groups, std::uint64_t octets) {
  for (auto& source : sources_)
    if (!source->fan) open(*source);
  topic_ = topic;
  message_ = compose_notify(topic);
  schedule_.announce(topic.serial, groups, octets);
  announced_at_ = loop_.now();
  told_at_.reset();
  work();
}

// Answers are taken between batches, so that the buffers of the kernel do not overflow.
void Notifier::work() {
  wall_ = clock_.wall();
  Milliseconds now = loop_.now();
  end_waits();
  std::uint64_t sent = 0;
  bool room = flush();
  for (int i = 0; room && i < kMessagesInTurn; ++i) {
    auto next = schedule_.send(now, random_);
    if (!next) break;
    room = send(next->target);
    ++sent;
    if (next->first) counters_.told_after.observe(since_announcement());
  }
  room = flush() && room;
  counters_.sent.add(sent);
  if (schedule_.is_all_told() && !told_at_) told_at_ = now;
  show();
  auto next = schedule_.next(now);
  if (next && room)  // else the fan says when there is room again
    timer_.start(std::max(Milliseconds(0), *next - now));
  else
    timer_.stop();
}

void Notifier::end_waits() {
  given_up_.clear();
  std::size_t ended = schedule_.expire(loop_.now(), given_up_);
  counters_.unanswered.add(ended);
  counters_.given_up.add(given_up_.size());
  if (!on_event_) return;
  for (std::uint32_t i : given_up_) on_event_({address(i), schedule_.target(i), false});
}

// False if the fan has no room for another one.
bool Notifier::send(std::uint32_t i) {
  Endpoint& endpoint = endpoints_[i];
  UdpFan* fan = sources_[endpoint.source]->fan.get();
  if (!fan) return schedule_.note(i, NotifyFault::unsent), true;
  MutableBytes room = fan->room();
  std::memcpy(room.data(), message_.data(), message_.size());
  std::size_t size = message_.size();
  endpoint.id = static_cast<std::uint16_t>(random_.next());
  endpoint.socket = static_cast<std::uint8_t>(fan->socket());
  set16(room.data(), endpoint.id);
  if (endpoint.key != kNobody) {
    TsigMac mac;
    size = tsig_.sign(*keys_[endpoint.key], room, size, wall_, mac);
    ZW_ASSERT(size > 0);
    std::memcpy(&macs_[i * mac_octets_], mac.octets.data(), mac.size);
  }
  fan->stage({endpoint.ip, endpoint.port}, size, i);
  if (!fan->room().empty()) return true;
  bool more = fan->flush();
  fan->receive();
  return more;
}

bool Notifier::flush() {
  bool all = true;
  for (auto& source : sources_)
    if (source->fan) all = source->fan->flush() && all;
  return all;
}

void Notifier::received(const Source& source, unsigned socket, const Address& from, Bytes message) {
  if (message.size() < kHeaderOctets || (message[2] & 0x80) == 0) return;
  std::uint32_t i = find(from, socket, get16(message.data()), source);
  if (i == kNobody) return;
  const Endpoint& endpoint = endpoints_[i];
  NotifyAnswer answer;
  if (endpoint.key == kNobody) {
    answer = read_notify_answer(message, topic_, nullptr, wall_);
  } else {
    const TsigKey& key = *keys_[endpoint.key];
    TsigMac mac(Bytes(macs_).subspan(i * mac_octets_, zw::mac_octets(key.algorithm())));
    NotifySignature signature{tsig_, key, mac};
    answer = read_notify_answer(message, topic_, &signature, clock_.wall());
  }
  if (!answer.rcode) return schedule_.note(i, answer.fault);
  answered(i, *answer.rcode);
}

void Notifier::answered(std::uint32_t i, Rcode rcode) {
  if (!schedule_.answered(i, rcode, loop_.now())) return;
  counters_.answered.add();
  counters_.answered_after.observe(since_announcement());
  timer_.start(Milliseconds(0));  // once for all that comes in this turn
  if (on_event_) on_event_({address(i), schedule_.target(i), true});
}

void Notifier::show() {
  NotifyProgress progress = schedule_.progress();
  counters_.to_tell.set(static_cast<double>(progress.to_tell));
  counters_.waiting.set(static_cast<double>(progress.waiting()));
  counters_.done.set(static_cast<double>(progress.answered));
  counters_.abandoned.set(static_cast<double>(progress.given_up));
  counters_.parked.set(static_cast<double>(progress.parked));
}

void log_event(Logger& log, LogRate& rate, NameView zone, const Notifier::Event& event) {
  if (event.answered && !log.enabled(LogLevel::debug)) return;
  std::string name = print(zone), target = event.target.print();
  if (event.answered)
    log.debug("NOTIFY answered", {{"zone", name},
                                  {"target", target},
                                  {"serial", event.state.answered_serial},
                                  {"rcode", print(static_cast<Rcode>(event.state.rcode))},
                                  {"took_ms", event.state.round_trip}});
  else
    log.write(LogLevel::warning, rate, "NOTIFY not answered",
              {{"zone", name},
               {"target", target},
               {"serial", event.state.serial},
               {"parked", event.state.parked},
               {"reason", print(event.state.fault)}});
}

}  // namespace zw
