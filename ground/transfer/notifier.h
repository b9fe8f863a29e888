// Tells the secondaries of one zone, be they a million, that it has a new version: the policy of
// notify_schedule.h with sockets. Messages leave over four sockets for each source address, at random ports,
// with random IDs; an answer is taken from the address, at the socket and with the ID of the last message to
// a target, and if that was signed, with a signature that is chained to it. Work is done in slices of some
// milliseconds, between which the loop turns.
//
// Lives on its loop's thread. Memory for each target: 44 octets of schedule, 28 of address, 12 of index, and
// 16 to 64, as long as a MAC, if there are keys.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "log/log.h"
#include "metrics/metrics.h"
#include "net/udp_fan.h"
#include "transfer/notify_out.h"
#include "transfer/notify_schedule.h"

namespace zw {

struct NotifyTarget {
  Address address;
  std::optional<IpAddress> from{};  // the address of ours to send from
  const TsigKey* key = nullptr;     // outlives the notifier
  std::uint8_t group = 0;           // those who are told together, by whatever policy; below 8
};

struct NotifyCounters {
  NotifyCounters(Metrics& metrics, NameView zone);
  Counter sent, answered, unanswered, given_up;
  Histogram told_after, answered_after;  // the announcement
  Gauge to_tell, waiting, done, abandoned, parked;
};

/// True if a message to `target` would come to one of the addresses that we listen at. For a wildcard address
/// the kernel is asked whether the target is an address of this machine; nothing is sent.
bool is_ourselves(const Address& target, const std::vector<Address>& listening, Random& random);

class Notifier {
 public:
  using Groups = NotifySchedule::Groups;
  struct Event {
    const Address& target;
    const NotifyTargetState& state;
    bool answered;  // else no message about this version will follow: the target was silent too often
  };
  using OnEvent = std::function<void(const Event&)>;

  /// `targets`: leave out ourselves. `budget`: for all who share a line; null: no limit. All but `targets`
  /// outlives it.
  Notifier(Loop& loop, const Clock& clock, Random& random, const std::vector<NotifyTarget>& targets,
           const NotifySettings& settings, NotifyCounters counters, OnEvent on_event,
           EgressBudget* budget = nullptr);

  /// Tells these groups. `octets`: of the transfer that each NOTIFY causes.
  void announce(const NotifyTopic& topic, Groups groups, std::uint64_t octets);
  void announce(const NotifyTopic& topic) { announce(topic, Groups().set(), 0); }
  /// Somebody asked us for something: a target at this address lives.
  void heard(const IpAddress& from);

  std::size_t size() const { return endpoints_.size(); }
  Address address(std::size_t i) const { return {endpoints_[i].ip, endpoints_[i].port}; }
  const NotifyTargetState& state(std::size_t i) const {
    return schedule_.target(static_cast<std::uint32_t>(i));
  }
  NotifyProgress progress() const { return schedule_.progress(); }
  /// Of the last announcement: from its beginning until everybody had a first message, or until now.
  Milliseconds telling_for() const { return (told_at_ ? *told_at_ : loop_.now()) - announced_at_; }
  bool is_all_told() const { return schedule_.is_all_told(); }
  std::size_t memory() const;

 private:
  static constexpr std::uint32_t kNobody = ~std::uint32_t{0};
  struct Endpoint {
    IpAddress ip;
    std::uint16_t port = 0;
    std::uint16_t id = 0;     // of the last message
    std::uint8_t source = 0;  // in sources_
    std::uint8_t socket = 0;  // by which the last message left
    std::uint32_t key = kNobody;
  };
  struct Source {
    IpAddress from;
    std::unique_ptr<UdpFan> fan;  // null if it could not be opened
  };

  using KeyNumbers = std::unordered_map<const TsigKey*, std::uint32_t>;
  void add(std::uint32_t i, const NotifyTarget& target, KeyNumbers& numbers);
  std::uint8_t source_number(const IpAddress& from);
  void open(Source& source);
  void index();
  static std::uint64_t hash(const IpAddress& ip, std::uint16_t port);
  std::uint32_t find(const Address& from, unsigned socket, std::uint16_t id, const Source& source) const;

  void work();
  bool send(std::uint32_t i);
  bool flush();
  void received(const Source& source, unsigned socket, const Address& from, Bytes message);
  void answered(std::uint32_t i, Rcode rcode);
  void end_waits();
  double since_announcement() const {  // seconds
    return std::chrono::duration<double>(loop_.now() - announced_at_).count();
  }
  void show();

  Loop& loop_;
  const Clock& clock_;
  Random& random_;
  NotifySchedule schedule_;
  NotifyCounters counters_;
  OnEvent on_event_;
  Timer timer_;
  std::vector<Endpoint> endpoints_;
  std::vector<const TsigKey*> keys_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::size_t mac_octets_ = 0;        // the most that a key has
  std::vector<std::uint8_t> macs_;    // of the last message to each target
  std::vector<std::uint32_t> table_;  // targets by address and port; open addressing
  std::vector<std::uint32_t> by_ip_;  // targets in the order of their addresses, once somebody was heard
  std::vector<std::uint32_t> given_up_;
  TsigQueries tsig_;
  NotifyTopic topic_;
  Buffer message_;  // about topic_, with ID 0
  WallTime wall_{};
  Milliseconds announced_at_{0};
  std::optional<Milliseconds> told_at_;
};

/// One line for an event, within `rate` if it is a warning.
void log_event(Logger& log, LogRate& rate, NameView zone, const Notifier::Event& event);

}  // namespace zw
