#include "transfer/notify_schedule.h"

#include <algorithm>

#include "base/result.h"

namespace zw {

NotifySchedule::NotifySchedule(std::size_t targets, NotifySettings settings)
    : settings_(settings), targets_(targets) {
  settings_.at_once = std::max<std::size_t>(settings_.at_once, 2);
  settings_.tries = std::max(settings_.tries, 1u);
}

void NotifySchedule::announce(Serial serial, Milliseconds now) {
  for (NotifyTargetState& target : targets_) {
    bool known = target.telling ? *target.telling == serial : target.answered_serial == serial;
    if (known) continue;
    land(target);
    target.telling = serial;
    target.tries = 0;
    target.due_at = now;
  }
}

// A message that waits for its answer has a place; a place is given back exactly once.
void NotifySchedule::land(NotifyTargetState& target) {
  if (!target.in_flight) return;
  target.in_flight = false;
  --in_flight_;
  if (target.tries > 1) --repetitions_;
}

bool NotifySchedule::has_place(bool repetition) const {
  return in_flight_ < settings_.at_once && (!repetition || repetitions_ < settings_.at_once / 2);
}

bool NotifySchedule::may_send(const NotifyTargetState& target) const {
  return target.telling && !target.in_flight && has_place(target.tries > 0);
}

Milliseconds NotifySchedule::wait_of(unsigned tries) const {
  Milliseconds wait = settings_.first_wait;
  for (unsigned i = 1; i < tries && wait < settings_.longest_wait; ++i) wait *= 2;
  return std::min(wait, settings_.longest_wait);
}

NotifySend NotifySchedule::launch(std::size_t i, Milliseconds now) {
  NotifyTargetState& target = targets_[i];
  ++in_flight_;
  if (++target.tries > 1) ++repetitions_;
  target.in_flight = true;
  target.sent_at = now;
  target.last_sent_at = now;
  ++target.sent;
  return {i, *target.telling, wait_of(target.tries)};
}

std::vector<NotifySend> NotifySchedule::send(Milliseconds now) {
  std::vector<NotifySend> sends;
  std::size_t begin = turn_;
  for (std::size_t n = 0; n < targets_.size(); ++n) {
    std::size_t i = (begin + n) % targets_.size();
    if (targets_[i].due_at > now || !may_send(targets_[i])) continue;
    sends.push_back(launch(i, now));
    turn_ = i + 1;
  }
  return sends;
}

void NotifySchedule::answered(std::size_t target, Rcode rcode, Milliseconds now) {
  NotifyTargetState& state = targets_[target];
  if (!state.in_flight) return;
  land(state);
  state.answered_serial = state.telling;
  state.telling.reset();
  ++state.answered;
  state.rcode = rcode;
  state.last_answer_at = now;
  state.round_trip = now - state.sent_at;
  state.last_fault.clear();
}

// The pause ends when the wait would have, also if the message failed at once (nobody is at that port, which
// may be a server that starts again), and a little later, so that targets that fell silent together spread
// out.
void NotifySchedule::unanswered(std::size_t target, std::string fault, Milliseconds now, Random& random) {
  NotifyTargetState& state = targets_[target];
  if (!state.in_flight) return;
  land(state);
  ++state.unanswered;
  state.last_fault = std::move(fault);
  if (state.tries >= settings_.tries) {
    state.telling.reset();
    ++state.given_up;
    return;
  }
  Milliseconds wait = wait_of(state.tries);
  auto spread = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(wait.count()) / 4 + 1));
  state.due_at = std::max(now, state.sent_at + wait) + Milliseconds(spread);
}

std::optional<Milliseconds> NotifySchedule::next() const {
  std::optional<Milliseconds> next;
  for (const NotifyTargetState& target : targets_)
    if (may_send(target)) next = std::min(next.value_or(target.due_at), target.due_at);
  return next;
}

}  // namespace zw
