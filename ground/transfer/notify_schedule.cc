#include "transfer/notify_schedule.h"

#include <algorithm>

#include "base/result.h"

namespace zw {
namespace {

constexpr Milliseconds kLongestWait{90'000};  // with its quarter within the horizon of the wheel
constexpr Milliseconds kMostProbesLate{100};  // that are made up for
constexpr std::uint32_t kStepsInTurn = 16'384;
constexpr unsigned kRepetitionTurn = 8;
constexpr std::uint32_t kMostPlaces = std::uint32_t{1} << 31;

}  // namespace

std::string_view print(NotifyFault fault) {
  switch (fault) {
    case NotifyFault::none: return "";
    case NotifyFault::silence: return "no answer in time";
    case NotifyFault::unsent: return "the message could not be sent";
    case NotifyFault::malformed: return "an answer that is malformed";
    case NotifyFault::unasked: return "an answer to something else";
    case NotifyFault::unsigned_: return "TSIG: an answer that is not signed";
    case NotifyFault::badkey: return "TSIG: the key is not known there";
    case NotifyFault::badsig: return "TSIG: a signature is wrong";
    case NotifyFault::badtime: return "TSIG: the clocks are too far apart";
  }
  return "?";
}

NotifySchedule::NotifySchedule(NotifySettings settings, EgressBudget* budget)
    : settings_(settings), budget_(budget), links_(kLists) {
  settings_.longest_wait = std::min(settings_.longest_wait, kLongestWait);
  settings_.first_wait = std::clamp(settings_.first_wait, Milliseconds(1), settings_.longest_wait);
  settings_.tries = std::clamp(settings_.tries, 1u, 255u);
  settings_.parked_after = std::clamp(settings_.parked_after, 1u, 255u);
  for (std::uint32_t list = 0; list < kLists; ++list) links_[list] = {list, list};
}

// ---- who is told ------------------------------------------------------------------------------------------

void NotifySchedule::reserve(std::size_t targets) {
  targets_.reserve(targets);
  links_.reserve(kLists + targets);
}

std::uint32_t NotifySchedule::add(std::uint8_t group, std::optional<Serial> heard) {
  ZW_ASSERT(group < kMostGroups);
  std::uint32_t i = is_empty(kFree) ? append_place() : first_of(kFree);
  if (targets_[i].free) cut(i);
  targets_[i] = {};
  join(targets_[i], group);
  if (heard) remember(targets_[i], *heard);
  return i;
}

void NotifySchedule::remember(NotifyTargetState& target, Serial heard) {
  target.answered_serial = heard.value();
  target.heard = true;
  const GroupState& group = group_of(target);
  if (group.wanted == 0 || !(heard < Serial(group.serial))) return;
  --target.told;
  ++group_of(target).progress.to_tell;
  begin_walk();
}

// Walks that have not passed the end yet come by it, and end where they would have ended.
std::uint32_t NotifySchedule::append_place() {
  std::uint32_t i = places();
  ZW_ASSERT(i < kMostPlaces);
  if (std::uint64_t{at_} + left_ >= i) ++left_;
  if (std::uint64_t{probe_at_} + probe_left_ >= i) ++probe_left_;
  targets_.emplace_back();
  links_.emplace_back();
  return i;
}

void NotifySchedule::change(std::uint32_t i, std::uint8_t group) {
  ZW_ASSERT(group < kMostGroups);
  NotifyTargetState& target = targets_[i];
  bool is_owed = !target.parked && (is_fresh(target) || target.waiting || target.queued);
  leave(target, i);
  join(target, group);
  if (!is_owed || group_of(target).wanted == 0) return;
  --target.told;
  ++group_of(target).progress.to_tell;
  enqueue(target, i);  // the walk may have passed it
}

void NotifySchedule::remove(std::uint32_t i) {
  NotifyTargetState& target = targets_[i];
  ZW_ASSERT(!target.free);
  leave(target, i);
  target = {};
  target.free = true;
  append_to(kFree, i);
}

void NotifySchedule::join(NotifyTargetState& target, std::uint8_t group) {
  target.group = group;
  target.told = group_of(target).wanted;
  NotifyProgress& progress = group_of(target).progress;
  ++progress.targets;
  progress.parked += target.parked;
  parked_ += target.parked;
}

// It is taken out of the sums of its group, and what it is being told ends.
void NotifySchedule::leave(NotifyTargetState& target, std::uint32_t i) {
  NotifyProgress& progress = group_of(target).progress;
  if (is_fresh(target)) {
    progress.to_tell -= !target.parked;
  } else if (target.counted) {
    --progress.told;
    if (target.given_up)
      --progress.given_up;
    else if (!target.waiting && !target.queued)
      --progress.answered;
  }
  --progress.targets;
  progress.parked -= target.parked;
  parked_ -= target.parked;
  unlink(target, i);
  refund(target);
  target.tries = 0;
  target.unanswered = target.counted = target.given_up = false;
}

// ---- announcing -------------------------------------------------------------------------------------------

void NotifySchedule::announce(Serial serial, Groups groups, std::uint64_t octets) {
  serial_ = serial.value();
  octets_ = octets;
  ++announcements_;
  bool any = false;
  for (std::size_t i = 0; i < kMostGroups; ++i) {
    GroupState& group = groups_[i];
    if (!groups[i] || (group.wanted > 0 && group.serial == serial_)) continue;
    any = true;
    group.wanted = announcements_;
    group.serial = serial_;
    NotifyProgress& progress = group.progress;
    progress.to_tell = progress.targets - progress.parked;
    progress.told = progress.answered = progress.given_up = 0;
  }
  if (!any || targets_.empty()) return;
  begin_walk();
  probe_left_ = places();
}

// From where the last one ended, or is.
void NotifySchedule::begin_walk() {
  walk_ = Walk::hopeful;
  left_ = places();
}

// ---- lists ------------------------------------------------------------------------------------------------

void NotifySchedule::append_to(std::uint32_t list, std::uint32_t i) {
  std::uint32_t last = links_[list].previous;
  links_[kLists + i] = {list, last};
  links_[last].next = links_[list].previous = kLists + i;
}

void NotifySchedule::enqueue(NotifyTargetState& target, std::uint32_t i) {
  target.queued = true;
  append_to(kQueue, i);
}

void NotifySchedule::cut(std::uint32_t i) {
  Link link = links_[kLists + i];
  links_[link.previous].next = link.next;
  links_[link.next].previous = link.previous;
}

void NotifySchedule::unlink(NotifyTargetState& target, std::uint32_t i) {
  if (!target.waiting && !target.queued) return;
  if (target.waiting) --waiting_;
  target.waiting = target.queued = false;
  cut(i);
}

// ---- whom to tell next ------------------------------------------------------------------------------------

bool NotifySchedule::is_candidate(NotifyTargetState& target, std::uint32_t i) {
  if (target.free || !is_fresh(target) || target.parked) return false;
  bool has_heard = target.answered > 0 || target.heard;
  if (has_heard && target.answered_serial == serial_ && !target.unanswered) {  // perhaps with another group
    unlink(target, i);
    begin(target);
    ++group_of(target).progress.answered;
    return false;
  }
  return walk_ == Walk::silent || (target.silent == 0 && target.tries < 2);
}

std::optional<std::uint32_t> NotifySchedule::find_first(Milliseconds now) {
  if (walk_ == Walk::done || (budget_ && !budget_->is_open(now))) return std::nullopt;
  for (std::uint32_t steps = 0; steps < kStepsInTurn; ++steps) {
    if (left_ == 0) {
      walk_ = walk_ == Walk::hopeful ? Walk::silent : Walk::done;
      left_ = places();
      if (walk_ == Walk::done) return std::nullopt;
    }
    std::uint32_t i = at_;
    at_ = at_ + 1 == places() ? 0 : at_ + 1;
    --left_;
    if (is_candidate(targets_[i], i)) return i;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> NotifySchedule::find_probe(Milliseconds now) {
  if (parked_ == 0 || probe_left_ == 0 || probe_due_ > now || (budget_ && !budget_->is_open(now)))
    return std::nullopt;
  for (std::uint32_t steps = 0; steps < kStepsInTurn && probe_left_ > 0; ++steps) {
    std::uint32_t i = probe_at_;
    probe_at_ = probe_at_ + 1 == places() ? 0 : probe_at_ + 1;
    --probe_left_;
    if (!targets_[i].parked || !is_fresh(targets_[i])) continue;
    probe_due_ = std::max(probe_due_, now - kMostProbesLate) + settings_.probe_pause;
    return i;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> NotifySchedule::find_target(Milliseconds now) {
  if (auto probe = find_probe(now)) return probe;
  bool repeat = !is_empty(kQueue);
  bool turn = ++turn_ % kRepetitionTurn == 0;
  if (!repeat || !turn)
    if (auto first = find_first(now)) return first;
  return repeat ? std::optional(first_of(kQueue)) : std::nullopt;
}

std::optional<NotifySchedule::Send> NotifySchedule::send(Milliseconds now, Random& random) {
  auto i = find_target(now);
  return i ? std::optional(launch(*i, now, random)) : std::nullopt;
}

// ---- telling one ------------------------------------------------------------------------------------------

std::int64_t NotifySchedule::wait_of(unsigned tries, Random& random) const {
  Milliseconds wait = settings_.first_wait;
  for (unsigned i = 1; i < tries && wait < settings_.longest_wait; ++i) wait *= 2;
  std::int64_t most = std::min(wait, settings_.longest_wait).count();
  return most + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most) / 4 + 1));
}

// Another version: what is left of the one before ends.
void NotifySchedule::begin(NotifyTargetState& target) {
  bool parked = target.parked;
  refund(target);
  if (target.tries >= 2) fall_silent(target);
  target.told = group_of(target).wanted;
  target.tries = 0;
  target.given_up = false;
  target.counted = !target.parked;
  if (!parked) --group_of(target).progress.to_tell;
  if (target.counted) ++group_of(target).progress.told;
}

NotifySchedule::Send NotifySchedule::launch(std::uint32_t i, Milliseconds now, Random& random) {
  NotifyTargetState& target = targets_[i];
  unlink(target, i);
  if (is_fresh(target)) begin(target);
  bool first = target.tries == 0;
  ++target.tries;
  ++target.sent;
  target.sent_at = static_cast<std::uint32_t>(now.count());
  target.serial = serial_;
  target.fault = NotifyFault::none;
  target.unanswered = target.waiting = true;
  if (first && !target.parked) charge(target);
  if (waiting_++ == 0) tick_ = std::max(tick_, now.count() / kSlotMs);
  std::int64_t due = (now.count() + wait_of(target.tries, random)) / kSlotMs + 1;
  append_to(slot_of(std::min(due, tick_ + kSlots - 1)), i);
  return {i, first};
}

void NotifySchedule::charge(NotifyTargetState& target) {
  if (!budget_ || target.charged) return;
  budget_->charge(octets_);
  target.charged = true;
}

void NotifySchedule::refund(NotifyTargetState& target) {
  if (target.charged) budget_->refund(octets_);
  target.charged = false;
}

// ---- what becomes of it -----------------------------------------------------------------------------------

bool NotifySchedule::answered(std::uint32_t i, Rcode rcode, Milliseconds now) {
  NotifyTargetState& target = targets_[i];
  if (!target.unanswered) return false;
  unlink(target, i);
  target.answered_serial = target.serial;
  ++target.answered;
  target.rcode = static_cast<std::uint8_t>(rcode);
  target.round_trip =
      static_cast<std::uint16_t>(std::min(65'535u, static_cast<std::uint32_t>(now.count()) - target.sent_at));
  target.fault = NotifyFault::none;
  target.tries = 0;
  settle(target, rcode);
  bool was_parked = target.parked;
  revive(target);
  target.unanswered = false;
  if (!is_fresh(target)) {
    NotifyProgress& progress = group_of(target).progress;
    if (target.given_up) --progress.given_up;
    target.given_up = false;
    ++progress.answered;
  } else if (was_parked) {  // the walk may have passed it
    enqueue(target, i);
  }
  return true;
}

// Who says no will not fetch; who answered late will.
void NotifySchedule::settle(NotifyTargetState& target, Rcode rcode) {
  if (rcode == Rcode::NOERROR)
    charge(target);
  else
    refund(target);
  target.charged = false;
}

std::size_t NotifySchedule::expire(Milliseconds now, std::vector<std::uint32_t>& given_up) {
  std::size_t ended = 0;
  std::int64_t last = now.count() / kSlotMs;
  for (std::int64_t tick = std::max(tick_ + 1, last - kSlots + 1); waiting_ > 0 && tick <= last; ++tick)
    for (; !is_empty(slot_of(tick)); ++ended) time_out(first_of(slot_of(tick)), given_up);
  tick_ = std::max(tick_, last);
  return ended;
}

void NotifySchedule::time_out(std::uint32_t i, std::vector<std::uint32_t>& given_up) {
  NotifyTargetState& target = targets_[i];
  unlink(target, i);
  refund(target);
  if (target.fault == NotifyFault::none) target.fault = NotifyFault::silence;
  if (is_fresh(target)) return;  // the walk comes for it
  if (target.parked) {
    target.tries = 0;
    given_up.push_back(i);
  } else if (target.tries >= settings_.tries) {
    target.tries = 0;
    target.given_up = true;
    ++group_of(target).progress.given_up;
    fall_silent(target);
    given_up.push_back(i);
  } else {
    enqueue(target, i);
  }
}

void NotifySchedule::fall_silent(NotifyTargetState& target) {
  if (target.silent < 255) ++target.silent;
  if (target.parked || target.silent < settings_.parked_after) return;
  target.parked = true;
  ++group_of(target).progress.parked;
  ++parked_;
}

void NotifySchedule::revive(NotifyTargetState& target) {
  target.silent = 0;
  if (!target.parked) return;
  target.parked = false;
  NotifyProgress& progress = group_of(target).progress;
  --progress.parked;
  --parked_;
  if (is_fresh(target)) {
    ++progress.to_tell;
  } else if (target.unanswered && !target.counted) {  // a probe told it
    target.counted = true;
    ++progress.told;
    target.given_up = !target.waiting;
    progress.given_up += target.given_up;
  }
}

void NotifySchedule::heard(std::uint32_t i) {
  NotifyTargetState& target = targets_[i];
  bool was_parked = target.parked;
  revive(target);
  if (!was_parked || !is_fresh(target) || target.waiting || target.queued) return;
  enqueue(target, i);
}

// ---- time -------------------------------------------------------------------------------------------------

std::optional<Milliseconds> NotifySchedule::next_timeout() const {
  if (waiting_ == 0) return std::nullopt;
  std::int64_t tick = tick_ + 1;
  while (is_empty(slot_of(tick))) ++tick;
  return Milliseconds(tick * kSlotMs);
}

std::optional<Milliseconds> NotifySchedule::next(Milliseconds now) {
  if (!is_empty(kQueue)) return now;
  auto next = next_timeout();
  auto earlier = [&](Milliseconds at) { next = next ? std::min(*next, at) : at; };
  Milliseconds open = budget_ ? budget_->opens_at(now) : now;
  if (walk_ != Walk::done) earlier(open);
  if (parked_ > 0 && probe_left_ > 0) earlier(std::max(probe_due_, open));
  return next;
}

NotifyProgress NotifySchedule::progress() const {
  NotifyProgress out;
  for (const GroupState& group : groups_) {
    out.targets += group.progress.targets;
    out.parked += group.progress.parked;
    out.to_tell += group.progress.to_tell;
    out.told += group.progress.told;
    out.answered += group.progress.answered;
    out.given_up += group.progress.given_up;
  }
  return out;
}

std::size_t NotifySchedule::memory() const {
  return targets_.capacity() * sizeof(NotifyTargetState) + links_.capacity() * sizeof(Link);
}

}  // namespace zw
