#include "transfer/notifier.h"

#include <algorithm>
#include <cstring>

namespace zw {
namespace {

constexpr int kMessagesInTurn = 512;  // some milliseconds

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
      schedule_(settings, budget),
      counters_(counters),
      on_event_(std::move(on_event)),
      timer_(loop, [this] { work(); }),
      index_(random) {
  take_room(targets.size());
  for (const NotifyTarget& target : targets) add(target);
}

void Notifier::reserve(std::size_t targets) {
  std::size_t room = endpoints_.capacity();
  if (targets > room) take_room(std::max(targets, room + room / 4 + 2));
}

void Notifier::take_room(std::size_t places) {
  schedule_.reserve(places);
  index_.reserve(places);
  endpoints_.reserve(places);
  macs_.reserve(mac_octets_ * places);
  macs_.resize(mac_octets_ * endpoints_.capacity());
}

std::uint32_t Notifier::add(const NotifyTarget& target) {
  if (schedule_.is_full()) reserve(places() + 1);
  std::uint32_t i = schedule_.add(target.group, target.heard);
  if (i == endpoints_.size()) endpoints_.emplace_back();
  index_.add(i, target.address);
  endpoints_[i].source = source_number(target);
  endpoints_[i].key = key_number(target.key);
  return i;
}

std::optional<Notifier::Placed> Notifier::set(const NotifyTarget& target) {
  std::uint32_t i = find_place(target.address);
  if (i == kNobody) {
    i = add(target);
    endpoints_[i].added = true;
    if (!schedule_.is_all_told()) timer_.start(Milliseconds(0));
    return Placed{i, true};
  }
  Endpoint& endpoint = endpoints_[i];
  if (!endpoint.added) return std::nullopt;
  std::uint8_t source = source_number(target);
  bool is_same = target.group == state(i).group && source == endpoint.source && target.key.get() == key(i);
  if (is_same) return Placed{i, false};
  std::uint32_t key = key_number(target.key);
  release_key(std::exchange(endpoint.key, key));
  endpoint.source = source;
  schedule_.change(i, target.group);
  timer_.start(Milliseconds(0));
  return Placed{i, false};
}

std::optional<std::size_t> Notifier::remove(const Address& address) {
  std::uint32_t i = find_place(address);
  if (i == kNobody || !endpoints_[i].added) return std::nullopt;
  index_.remove(i);
  schedule_.remove(i);
  release_key(endpoints_[i].key);
  endpoints_[i] = {};
  timer_.start(Milliseconds(0));
  return i;
}

NotifyTarget Notifier::target(std::size_t i) const {
  const Endpoint& endpoint = endpoints_[i];
  NotifyTarget out{address(i), sources_[endpoint.source]->from, nullptr, state(i).group, {}};
  if (endpoint.key != kNobody) out.key = keys_[endpoint.key].key;
  if (state(i).answered > 0 || state(i).heard) out.heard = Serial(state(i).answered_serial);
  return out;
}

std::vector<std::size_t> Notifier::at(const IpAddress& ip) const {
  std::vector<std::size_t> out;
  index_.each(ip, [&](std::uint32_t i) { out.push_back(i); });
  return out;
}

// Targets that stay share no place with one that was added, so any of a place tells which kind it has.
std::uint32_t Notifier::find_place(const Address& address) const {
  return index_.find(address, [](std::uint32_t) { return true; });
}

// ---- keys and sources -------------------------------------------------------------------------------------

std::uint32_t Notifier::key_number(const std::shared_ptr<const TsigKey>& key) {
  if (!key) return kNobody;
  auto [number, is_new] = key_numbers_.try_emplace(key.get(), static_cast<std::uint32_t>(keys_.size()));
  if (is_new && free_keys_.empty()) {
    keys_.emplace_back();
  } else if (is_new) {
    number->second = free_keys_.back();
    free_keys_.pop_back();
  }
  if (is_new) {
    keys_[number->second].key = key;
    lengthen_macs(zw::mac_octets(key->algorithm()));
  }
  ++keys_[number->second].targets;
  return number->second;
}

void Notifier::release_key(std::uint32_t number) {
  if (number == kNobody || --keys_[number].targets > 0) return;
  auto key = std::exchange(keys_[number].key, nullptr);
  tsig_.forget(*key);
  key_numbers_.erase(key.get());
  free_keys_.push_back(number);
}

void Notifier::lengthen_macs(std::size_t octets) {
  if (octets <= mac_octets_) return;
  std::vector<std::uint8_t> longer(octets * endpoints_.capacity());
  for (std::size_t i = 0; mac_octets_ > 0 && i < endpoints_.size(); ++i)
    std::memcpy(&longer[i * octets], &macs_[i * mac_octets_], mac_octets_);
  macs_ = std::move(longer);
  mac_octets_ = octets;
}

std::uint8_t Notifier::source_number(const NotifyTarget& target) {
  IpAddress from = target.from.value_or(any_address(target.address.ip));
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

// One address may be several targets, with different keys: the ID tells them apart. Who has taken the place
// of another one has no message yet that could be answered.
std::uint32_t Notifier::find(const Address& from, unsigned socket, std::uint16_t id,
                             const Source& source) const {
  return index_.find(from, [&](std::uint32_t i) {
    const Endpoint& endpoint = endpoints_[i];
    return endpoint.id == id && endpoint.socket == socket && sources_[endpoint.source].get() == &source &&
           schedule_.target(i).unanswered;
  });
}

void Notifier::heard(const IpAddress& from) {
  bool any = false;
  index_.each(from, [&](std::uint32_t i) {
    schedule_.heard(i);
    any = true;
  });
  if (any) timer_.start(Milliseconds(0));
}

std::size_t Notifier::memory() const {
  return schedule_.memory() + index_.memory() + endpoints_.capacity() * sizeof(Endpoint) + macs_.capacity();
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
  for (std::uint32_t i : given_up_) {
    if (state(i).given_up) counters_.given_up.add();
    if (on_event_) on_event_({address(i), state(i), false, key(i), is_added(i)});
  }
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
  endpoint.socket = fan->socket() & 0x7f;
  set16(room.data(), endpoint.id);
  if (const TsigKey* key = this->key(i)) {
    TsigMac mac;
    size = tsig_.sign(*key, room, size, wall_, mac);
    ZW_ASSERT(size > 0);
    std::memcpy(&macs_[i * mac_octets_], mac.octets.data(), mac.size);
  }
  fan->stage(address(i), size, i);
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
  NotifyAnswer answer;
  if (const TsigKey* key = this->key(i)) {
    TsigMac mac(Bytes(macs_).subspan(i * mac_octets_, zw::mac_octets(key->algorithm())));
    NotifySignature signature{tsig_, *key, mac};
    answer = read_notify_answer(message, topic_, &signature, clock_.wall());
  } else {
    answer = read_notify_answer(message, topic_, nullptr, wall_);
  }
  if (!answer.rcode) return schedule_.note(i, answer.fault);
  answered(i, *answer.rcode);
}

void Notifier::answered(std::uint32_t i, Rcode rcode) {
  if (!schedule_.answered(i, rcode, loop_.now())) return;
  counters_.answered.add();
  counters_.answered_after.observe(since_announcement());
  timer_.start(Milliseconds(0));  // once for all that comes in this turn
  if (on_event_) on_event_({address(i), state(i), true, key(i), is_added(i)});
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
  bool by_probe = !event.answered && !event.state.given_up;
  if ((event.answered || by_probe) && !log.enabled(LogLevel::debug)) return;
  std::string name = print(zone), target = event.target.print();
  if (event.answered)
    log.debug("NOTIFY answered", {{"zone", name},
                                  {"target", target},
                                  {"serial", event.state.answered_serial},
                                  {"rcode", print(static_cast<Rcode>(event.state.rcode))},
                                  {"took_ms", event.state.round_trip}});
  else if (by_probe)
    log.debug("NOTIFY not answered by a parked target",
              {{"zone", name}, {"target", target}, {"serial", event.state.serial}});
  else
    log.write(LogLevel::warning, rate, "NOTIFY not answered",
              {{"zone", name},
               {"target", target},
               {"serial", event.state.serial},
               {"parked", event.state.parked},
               {"reason", print(event.state.fault)}});
}

}  // namespace zw
