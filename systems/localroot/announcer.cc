#include "localroot/announcer.h"

#include <algorithm>

namespace zw::localroot {
namespace {

constexpr Seconds kLongestSleep{24 * 3600};

}  // namespace

Announcer::Announcer(const AnnouncerWorld& world, const Name& zone,
                     const std::vector<NotifyTarget>& configured, OnTold on_told)
    : world_(world),
      zone_(zone),
      on_told_(std::move(on_told)),
      groups_{NotifyGroup(NotifyPolicy::always), NotifyGroup(NotifyPolicy::change),
              NotifyGroup(NotifyPolicy::deadline), NotifyGroup(NotifyPolicy::change_or_deadline),
              NotifyGroup(NotifyPolicy::security)},
      notifier_(
          world.loop, world.clock, world.random, configured, NotifySettings{},
          NotifyCounters(world.metrics, zone), [this](const Notifier::Event& event) { ended(event); },
          &world.budget),
      fetched_after_(world.metrics.histogram(
          "zonewright_zone_fetched_seconds",
          "From the publication of a version until a subscriber has fetched it.",
          {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10'000}, {{"zone", print(zone)}})),
      withheld_(world.loop, [this] { check_deadlines(); }) {
  for (std::size_t i = 0; i < notifier_.places(); ++i) book_.add(i);
}

void Announcer::change(std::span<const NotifyTarget> told, std::span<const Address> gone) {
  for (const Address& address : gone)
    if (auto number = notifier_.remove(address)) book_.remove(*number);
  if (told.size() > notifier_.size()) {  // then most of them are new
    notifier_.reserve(notifier_.size() + told.size());
    book_.reserve(notifier_.size() + told.size());
  }
  for (const NotifyTarget& target : told) {
    auto placed = notifier_.set(target);
    if (placed && placed->is_new) book_.add(placed->number);
  }
}

void Announcer::forget_dynamic() {
  for (std::size_t i = 0; i < notifier_.places(); ++i)
    if (notifier_.is_added(i)) {
      notifier_.remove(notifier_.address(i));
      book_.remove(i);
    }
}

std::vector<NotifyTarget> Announcer::dynamic() const {
  std::vector<NotifyTarget> out;
  for (std::size_t i = 0; i < notifier_.places(); ++i) {
    if (!notifier_.is_added(i)) continue;
    NotifyTarget& target = out.emplace_back(notifier_.target(i));
    const auto& held = book_.facts(i).held;
    if (held && (!target.heard || *target.heard < *held)) target.heard = held;
  }
  return out;
}

void Announcer::ended(const Notifier::Event& event) {
  log_event(world_.log, world_.lines, zone_, event);
  if (!on_told_ || !event.is_added) return;
  const NotifyTargetState& state = event.state;
  on_told_({event.target, event.key, Serial(event.answered ? state.answered_serial : state.serial),
            event.answered, static_cast<Rcode>(state.rcode), state.fault, Milliseconds(state.round_trip)});
}

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
  std::vector<SubscriberBook::Candidate> there;
  for (std::size_t i : notifier_.at(fetch.from)) there.push_back({i, notifier_.key(i)});
  if (there.empty()) return;
  if (fetch.refusal.empty()) notifier_.heard(fetch.from);
  if (auto took = book_.note(fetch, there, world_.loop.now()))
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

SubscriberStatus Announcer::status_of(std::size_t number, Milliseconds now) const {
  const NotifyTargetState& state = notifier_.state(number);
  const SubscriberBook::Facts& facts = book_.facts(number);
  SubscriberStatus out;
  out.address = notifier_.address(number).print();
  out.sent = state.sent;
  out.answered = state.answered;
  out.unanswered = state.sent - state.answered - state.waiting;
  if (state.answered > 0) {
    out.told = Serial(state.answered_serial);
    out.last_answer = print(static_cast<Rcode>(state.rcode));
    out.round_trip = Milliseconds(state.round_trip);
  }
  if (state.fault != NotifyFault::none) out.last_answer = print(state.fault);
  out.parked = state.parked;
  out.held = facts.held;
  out.lag = book_.lag(number, now);
  out.fetches = facts.fetches;
  out.refusals = facts.refusals;
  out.last_refusal = facts.refusal;
  return out;
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
  for (std::size_t i = 0; status.subscribers.size() < shown; ++i)
    if (!notifier_.is_free(i)) status.subscribers.push_back(status_of(i, now));
}

}  // namespace zw::localroot
