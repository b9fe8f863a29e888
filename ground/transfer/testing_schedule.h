// A schedule of NOTIFY with its time, for tests.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "transfer/notify_schedule.h"

namespace zw::testing {

inline constexpr Serial kOld{1}, kNew{2}, kNewest{3};
using Targets = std::vector<std::uint32_t>;
using Groups = NotifySchedule::Groups;

struct ScheduleStory {
  explicit ScheduleStory(std::size_t targets, NotifySettings settings = {}, EgressBudget* budget = nullptr)
      : schedule(settings, budget) {
    for (std::size_t i = 0; i < targets; ++i) schedule.add(0);
  }
  explicit ScheduleStory(const std::vector<std::uint8_t>& groups) : schedule({}) {
    for (std::uint8_t group : groups) schedule.add(group);
  }

  void announce(Serial serial, std::uint64_t octets = 0) {
    schedule.announce(serial, Groups().set(), octets);
  }
  Targets send() {
    given_up.clear();
    schedule.expire(now, given_up);
    Targets out;
    while (true) {
      if (auto send = schedule.send(now, random))
        out.push_back(send->target);
      else if (schedule.next(now).value_or(now + Seconds(1)) > now)
        return out;
    }
  }
  void answer(const Targets& targets, Rcode rcode = Rcode::NOERROR) {
    for (std::uint32_t i : targets) CHECK(schedule.answered(i, rcode, now));
  }
  // Everybody in `living` answers at once, until nothing is left to be done; or for a time.
  Targets play(const std::set<std::uint32_t>& living, Milliseconds most = std::chrono::hours(1)) {
    Targets all;
    for (Milliseconds end = now + most; now < end;) {
      for (std::uint32_t i : send()) {
        all.push_back(i);
        if (living.contains(i)) CHECK(schedule.answered(i, Rcode::NOERROR, now));
      }
      auto next = schedule.next(now);
      if (!next) break;
      now = std::max(now + Milliseconds(1), *next);
    }
    return all;
  }
  const NotifyTargetState& target(std::uint32_t i) const { return schedule.target(i); }
  NotifyProgress progress() const { return schedule.progress(); }

  NotifySchedule schedule;
  Splitmix random{7};
  Milliseconds now{1'000'000};
  Targets given_up;
};

inline Targets sorted(Targets targets) {
  std::sort(targets.begin(), targets.end());
  return targets;
}

}  // namespace zw::testing
