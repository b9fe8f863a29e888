// Tells the subscribers of one zone of its new versions: who is told decides notify_policy.h, when and how
// often transfer/notifier.h. On the loop's thread.
#pragma once

#include <array>

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
  /// `targets`: their groups are policies. Keys outlive it.
  Announcer(const AnnouncerWorld& world, const Name& zone, const std::vector<NotifyTarget>& targets);

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

  void show(ZoneStatus& status) const;

  /// Subscribers whose details a status shows.
  static constexpr std::size_t kMostShown = 1000;

 private:
  void tell(Notifier::Groups groups);
  void set_timer();

  AnnouncerWorld world_;
  Name zone_;
  std::array<NotifyGroup, kNotifyPolicies> groups_;
  Notifier notifier_;
  SubscriberBook book_;
  Histogram fetched_after_;
  Timer withheld_;
  ZonePtr version_;
  std::uint64_t step_ = 0, whole_ = 0;
};

}  // namespace zw::localroot
