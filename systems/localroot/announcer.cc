#include "localroot/announcer.h"

#include <algorithm>

namespace zw::localroot {
namespace {

constexpr Seconds kLongestSleep{24 * 3600};

SubscriberStatus status_of(const Address& address, const NotifyTargetState& state) {
  SubscriberStatus out;
  out.address = address.print();
  out.sent = state.sent;
  out.answered = state.answered;
  out.unanswered = state.sent - state.answered - state.waiting;
  if (state.answered > 0) out.told = Serial(state.answered_serial);
  out.last_answer = state.answered > 0 ? print(static_cast<Rcode>(state.rcode)) : "";
  if (state.fault != NotifyFault::none) out.last_answer = print(state.fault);
  out.parked = state.parked;
  return out;
}

}  // namespace

Announcer::Announcer(const AnnouncerWorld& world, const Name& zone, const std::vector<NotifyTarget>& targets)
    : world_(world),
      zone_(zone),
      groups_{NotifyGroup(NotifyPolicy::always), NotifyGroup(NotifyPolicy::change),
              NotifyGroup(NotifyPolicy::deadline), NotifyGroup(NotifyPolicy::change_or_deadline),
              NotifyGroup(NotifyPolicy::security)},
      notifier_(
          world.loop, world.clock, world.random, targets, NotifySettings{},
          NotifyCounters(world.metrics, zone),
          [this](const Notifier::Event& event) { log_event(world_.log, world_.lines, zone_, event); },
          &world.budget),
      book_(targets),
      fetched_after_(world.metrics.histogram(
          "zonewright_zone_fetched_seconds",
          "From the publication of a version until a subscriber has fetched it.",
          {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10'000}, {{"zone", print(zone)}})),
      withheld_(world.loop, [this] { check_deadlines(); }) {}

std::optional<Serial> Announcer::announced() const {
  return version_ ? std::optional(version_->serial()) : std::nullopt;
}

void Announcer::published(const ZonePtr& version, const VersionChange& change, std::uint64_t step,
                          std::uint64_t whole) {
  book_.published(version->serial(), world_.loop.now());
  version_ = version;
  step_ = step;
  whole_ = whole;
  WallTime now = world_.clock.wall();
  SignatureSpan span = signature_span(*version, now);
  Notifier::Groups told;
  for (std::size_t i = 0; i < groups_.size(); ++i) told[i] = groups_[i].is_told(change, span, now);
  tell(told);
}

void Announcer::heard(const Fetch& fetch) {
  if (fetch.refusal.empty()) notifier_.heard(fetch.from);
  if (auto took = book_.note(fetch, world_.loop.now()))
    fetched_after_.observe(std::chrono::duration<double>(*took).count());
}

void Announcer::tell(Notifier::Groups groups) {
  // Only those who are told of each version have the one before.
  bool all_have_it = groups == Notifier::Groups().set(static_cast<std::size_t>(NotifyPolicy::always));
  if (groups.any()) notifier_.announce(NotifyTopic::of(*version_), groups, all_have_it ? step_ : whole_);
  set_timer();
}

void Announcer::check_deadlines() {
  WallTime now = world_.clock.wall();
  Notifier::Groups due;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    auto when = groups_[i].due();
    if (!when || *when > now) continue;
    groups_[i].tell(signature_span(*version_, now));
    due.set(i);
  }
  tell(due);
}

void Announcer::set_timer() {
  std::optional<WallTime> next;
  for (const NotifyGroup& group : groups_)
    if (auto due = group.due()) next = next ? std::min(*next, *due) : *due;
  if (!next) return withheld_.stop();
  // Clocks may be set meanwhile, so it is looked at each day at least.
  withheld_.start(std::clamp<Seconds>(*next - world_.clock.wall(), Seconds(0), kLongestSleep));
}

void Announcer::show(ZoneStatus& status) const {
  NotifyProgress progress = notifier_.progress();
  status.notify = {progress.targets,
                   progress.to_tell,
                   progress.told,
                   progress.answered,
                   progress.given_up,
                   progress.parked,
                   version_ ? std::chrono::duration<double>(notifier_.telling_for()).count() : 0.0};
  Milliseconds now = world_.loop.now();
  status.spread = book_.spread(now);
  std::size_t shown = std::min(notifier_.size(), kMostShown);
  for (std::size_t i = 0; i < shown; ++i) {
    SubscriberStatus& one =
        status.subscribers.emplace_back(status_of(notifier_.address(i), notifier_.state(i)));
    const SubscriberBook::Facts& facts = book_.facts(i);
    one.held = facts.held;
    one.lag = book_.lag(i, now);
    one.fetches = facts.fetches;
    one.refusals = facts.refusals;
    one.last_refusal = facts.refusal;
    if (one.told) one.round_trip = Milliseconds(notifier_.state(i).round_trip);
  }
}

}  // namespace zw::localroot
