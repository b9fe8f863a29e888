// Tells the subscribers of one zone of its new versions: who is told decides notify_policy.h, when and how
// often transfer/notifier.h. Some subscribers are configured and stay; others come and go while it runs. On
// the loop's thread.
#pragma once

#include <array>
#include <functional>
#include <span>

#include "localroot/config.h"
#include "localroot/notify_policy.h"
#include "localroot/status.h"
#include "localroot/subscriber_book.h"
#include "transfer/notifier.h"

namespace zw::localroot {

/// What all announcers share. Outlives them.
struct AnnouncerWorld {
  Loop& loop;
  const Clock& clock;
  Random& random;
  Logger& log;
  LogRate& lines;
  Metrics& metrics;
  EgressBudget& budget;
};

class Announcer {
 public:
  /// What became of a version that a subscriber was told of: an answer, or none although all was tried.
  struct Told {
    const Address& address;
    const TsigKey* key;  // that signed; null: none
    Serial serial;
    bool answered;
    Rcode rcode;              // of the answer
    NotifyFault fault;        // why there was none
    Milliseconds round_trip;  // of the answer
  };
  /// Of those who came by change(). Must not change the subscribers.
  using OnTold = std::function<void(const Told&)>;

  /// `configured`: those who stay; their groups are policies. `on_told` may be null.
  Announcer(const AnnouncerWorld& world, const Name& zone, const std::vector<NotifyTarget>& configured,
            OnTold on_told = nullptr);

  /// Other subscribers: those in `told` come, or are told otherwise than before; those in `gone` go, before
  /// the others come. There is one at each address and port, and none at that of a configured one. Who comes
  /// is told of what was announced, or will be first, unless it is known to have heard of it; one of whom
  /// nothing is known has what was announced before it came.
  void change(std::span<const NotifyTarget> told, std::span<const Address> gone);
  /// All that came by change() go. What one was still to be told it hears no more, also if it comes back.
  void forget_dynamic();
  /// Those who came by change(), with what they have heard of, for the announcer that takes the place of this
  /// one.
  std::vector<NotifyTarget> dynamic() const;

  /// `version` is served from now on. `change`: since the one before. `step`, `whole`: octets of the transfer
  /// that a subscriber will ask for who has the version before, or an older one.
  void published(const ZonePtr& version, const VersionChange& change, std::uint64_t step,
                 std::uint64_t whole);
  /// Somebody asked for the zone. If it is a subscriber, it lives, unless it was refused.
  void heard(const Fetch& fetch);
  /// Which serial was announced last; absent before the first one.
  std::optional<Serial> announced() const;

  /// Tells versions that were withheld until now, if their time has come; happens by itself.
  void check_deadlines();

  /// For how long a version has been served that is newer than this one; 0 if it is the newest.
  Milliseconds lag_of(Serial held) const { return book_.lag_of(held, world_.loop.now()); }

  void show(ZoneStatus& status) const;

  /// Subscribers whose details a status shows, configured ones first.
  static constexpr std::size_t kMostShown = 1000;

 private:
  void tell(Notifier::Groups groups);
  void set_timer();
  void ended(const Notifier::Event& event);
  SubscriberStatus status_of(std::size_t number, Milliseconds now) const;

  AnnouncerWorld world_;
  Name zone_;
  OnTold on_told_;
  std::array<NotifyGroup, kNotifyPolicies> groups_;
  Notifier notifier_;
  SubscriberBook book_;
  Histogram fetched_after_;
  Timer withheld_;
  ZonePtr version_;
  std::uint64_t step_ = 0, whole_ = 0;
};

}  // namespace zw::localroot
