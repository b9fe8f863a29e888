// Tells the secondaries of one zone, be they a million, that it has a new version: the policy of
// notify_schedule.h with sockets. Messages leave over four sockets for each source address, at random ports,
// with random IDs; an answer is taken from the address, at the socket and with the ID of the last message to
// a target, and if that was signed, with a signature that is chained to it. Work is done in slices of some
// milliseconds, between which the loop turns.
//
// Targets come and go while it runs. Where there is no room for another one, memory for a quarter more is
// taken and copied into; what was taken is kept, also when targets go.
//
// Lives on its loop's thread. Memory for each target: 40 octets of schedule, 34 to 36 of address and index, 8
// of its last message, and 16 to 64, as long as the longest MAC, if there are keys; for each key some 100
// besides itself.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "log/log.h"
#include "metrics/metrics.h"
#include "net/udp_fan.h"
#include "transfer/notifier_index.h"
#include "transfer/notify_out.h"
#include "transfer/notify_schedule.h"

namespace zw {

struct NotifyTarget {
  Address address;
  std::optional<IpAddress> from{};       // the address of ours to send from
  std::shared_ptr<const TsigKey> key{};  // null: unsigned. Kept as long as a target needs it
  std::uint8_t group = 0;                // those who are told together, by whatever policy; below 8
  /// The newest version that it is known to have heard of, when it is new here: see NotifySchedule::add().
  std::optional<Serial> heard{};
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
    bool answered;       // else no message about this version will follow: the target was silent too often,
                         // or to a probe
    const TsigKey* key;  // that signed the message; null: none
    bool is_added;       // it came by set()
  };
  /// Must not change the targets.
  using OnEvent = std::function<void(const Event&)>;

  /// `targets`: leave out ourselves, here and later. They stay for ever, and several may have one address and
  /// port, with different keys. `budget`: for all who share a line; null: no limit. All but `targets`
  /// outlives it.
  Notifier(Loop& loop, const Clock& clock, Random& random, const std::vector<NotifyTarget>& targets,
           const NotifySettings& settings, NotifyCounters counters, OnEvent on_event,
           EgressBudget* budget = nullptr);

  /// Tells these groups. `octets`: of the transfer that each NOTIFY causes.
  void announce(const NotifyTopic& topic, Groups groups, std::uint64_t octets);
  void announce(const NotifyTopic& topic) { announce(topic, Groups().set(), 0); }
  /// Somebody asked us for something: a target at this address lives.
  void heard(const IpAddress& from);

  /// Memory for so many targets in all: quicker, before many come. Nothing happens if it is there.
  void reserve(std::size_t targets);
  struct Placed {
    std::size_t number;
    bool is_new;
  };
  /// A target that can be removed, in the place of the one that has its address and port: it is told from the
  /// next announcement on, or, if it has not heard of it, of the last one. If it takes the place of another,
  /// all that is known of that is kept, and if anything but the address is new, what that was being told it
  /// is told anew. Absent, and nothing is changed, if the address and port is that of a target that stays.
  std::optional<Placed> set(const NotifyTarget& target);
  /// Gives back the number that is free now. Absent if there is no such target, or it stays.
  std::optional<std::size_t> remove(const Address& address);

  /// Numbers of targets are below places(), those that stay first; some may be free, for targets to come.
  std::size_t places() const { return endpoints_.size(); }
  bool is_free(std::size_t i) const { return schedule_.is_free(static_cast<std::uint32_t>(i)); }
  /// Whether it came by set().
  bool is_added(std::size_t i) const { return endpoints_[i].added; }
  std::size_t size() const { return progress().targets; }
  /// Of a number that is not free, like state() and key().
  NotifyTarget target(std::size_t i) const;
  Address address(std::size_t i) const { return index_.address(static_cast<std::uint32_t>(i)); }
  /// Null: unsigned.
  const TsigKey* key(std::size_t i) const {
    std::uint32_t key = endpoints_[i].key;
    return key == kNobody ? nullptr : keys_[key].key.get();
  }
  /// Numbers of those with this address, whatever the port.
  std::vector<std::size_t> at(const IpAddress& ip) const;
  const NotifyTargetState& state(std::size_t i) const {
    return schedule_.target(static_cast<std::uint32_t>(i));
  }
  NotifyProgress progress() const { return schedule_.progress(); }
  /// Of the last announcement: from its beginning until everybody had a first message, or until now.
  Milliseconds telling_for() const { return (told_at_ ? *told_at_ : loop_.now()) - announced_at_; }
  bool is_all_told() const { return schedule_.is_all_told(); }
  std::size_t memory() const;

 private:
  static constexpr std::uint32_t kNobody = NotifierIndex::kNobody;
  struct Endpoint {
    std::uint16_t id = 0;         // of the last message
    std::uint8_t source = 0;      // in sources_
    std::uint8_t socket : 7 = 0;  // by which the last message left
    bool added : 1 = false;
    std::uint32_t key = kNobody;
  };
  static_assert(sizeof(Endpoint) == 8);
  struct Source {
    IpAddress from;
    std::unique_ptr<UdpFan> fan;  // null if it could not be opened
  };
  struct Key {
    std::shared_ptr<const TsigKey> key;
    std::uint32_t targets = 0;
  };

  void take_room(std::size_t places);
  std::uint32_t add(const NotifyTarget& target);
  std::uint32_t find_place(const Address& address) const;
  std::uint8_t source_number(const NotifyTarget& target);
  std::uint32_t key_number(const std::shared_ptr<const TsigKey>& key);
  void release_key(std::uint32_t number);
  void lengthen_macs(std::size_t octets);
  void open(Source& source);
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
  NotifierIndex index_;
  std::vector<Endpoint> endpoints_;
  std::vector<Key> keys_;
  std::vector<std::uint32_t> free_keys_;
  std::unordered_map<const TsigKey*, std::uint32_t> key_numbers_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::size_t mac_octets_ = 0;      // the most that a key had
  std::vector<std::uint8_t> macs_;  // of the last message to each target, for all that there is room for
  std::vector<std::uint32_t> given_up_;
  TsigQueries tsig_;
  NotifyTopic topic_;
  Buffer message_;  // about topic_, with ID 0
  WallTime wall_{};
  Milliseconds announced_at_{0};
  std::optional<Milliseconds> told_at_;
};

/// One line for an event, within `rate` if it is a warning. That of a probe is none.
void log_event(Logger& log, LogRate& rate, NameView zone, const Notifier::Event& event);

}  // namespace zw
