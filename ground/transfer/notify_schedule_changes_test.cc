// Targets that come, go and change.
#include <array>
#include <functional>

#include "transfer/testing_schedule.h"

using namespace zw;
using namespace zw::testing;
using Story = ScheduleStory;

TEST_CASE("who comes is told from the next version on") {
  Story story(1);
  story.announce(kOld);
  story.send();
  std::uint32_t i = story.schedule.add(0);
  CHECK(i == 1);
  CHECK(story.send().empty());
  CHECK(story.progress().targets == 2);
  CHECK(story.progress().to_tell == 0);
  CHECK(story.progress().told == 1);
  story.announce(kNew);
  CHECK(sorted(story.send()) == Targets{0, 1});
}

TEST_CASE("who comes before anything was announced is told of the first version") {
  Story story(0);
  CHECK(story.schedule.add(0) == 0);
  story.announce(kNew);
  CHECK(story.send() == Targets{0});
}

TEST_CASE("who is known to have heard of what was announced is told nothing, and who has not at once") {
  Story story(1);
  story.announce(kNew);
  story.send();
  std::uint32_t behind = story.schedule.add(0, kOld), level = story.schedule.add(0, kNew),
                ahead = story.schedule.add(0, kNewest);
  CHECK(story.progress().targets == 4);
  CHECK(story.progress().to_tell == 1);
  CHECK(story.schedule.next(story.now));
  CHECK(story.send() == Targets{behind});
  CHECK(story.send().empty());
  CHECK(story.progress().told == 2);
  story.announce(kNewest);
  CHECK(sorted(story.send()) == Targets{0, behind, level});
  CHECK(story.progress().answered == 1);
  CHECK(story.target(ahead).sent == 0);
}

TEST_CASE("who had heard of the first version before it was announced here is not told of it") {
  Story story(0);
  story.schedule.add(0, kOld);
  story.schedule.add(0, kNew);
  story.schedule.add(0);
  story.announce(kNew);
  CHECK(sorted(story.send()) == Targets{0, 2});
  CHECK(story.progress().to_tell == 0);
  CHECK(story.progress().answered == 1);
  CHECK(story.target(1).answered == 0);
}

TEST_CASE("those who come behind are told within the budget, and the walk misses nobody of them") {
  EgressBudget budget(8'000);  // a transfer of 100 octets each 100 ms
  NotifySchedule schedule({}, &budget);
  Splitmix dice(1);
  Milliseconds now(1'000'000);
  schedule.add(0);
  schedule.announce(kNew, Groups(1), 100);
  while (schedule.send(now, dice)) {
  }
  for (int i = 0; i < 200; ++i) schedule.add(0, kOld);
  unsigned sent = 0, most = 0;
  for (int turn = 0; turn < 400; ++turn, now += Milliseconds(100)) {
    unsigned at_once = 0;
    while (auto send = schedule.send(now, dice)) {
      CHECK(send->first);
      CHECK(schedule.answered(send->target, Rcode::NOERROR, now));
      ++at_once;
    }
    sent += at_once;
    if (turn > 0) most = std::max(most, at_once);
  }
  CHECK(sent == 200);
  CHECK(most < 5);
}

TEST_CASE("who goes is told no more, in whatever state it was, and counts no more") {
  struct Case {
    std::string_view name;
    std::function<void(Story&)> reach;  // of target 0
  };
  const Case cases[] = {
      {"fresh", [](Story&) {}},
      {"waiting", [](Story& story) { story.send(); }},
      {"queued",
       [](Story& story) {
         story.send();
         Targets none;
         story.schedule.expire(story.now += Seconds(2), none);
         CHECK(story.target(0).queued);
       }},
      {"answered", [](Story& story) { story.answer(story.send()); }},
      {"given up and parked", [](Story& story) { story.play({}); }},
      {"parked and fresh",
       [](Story& story) {
         story.play({});
         story.announce(kNewest);
       }},
      {"parked and told by a probe",
       [](Story& story) {
         story.play({});
         story.announce(kNewest);
         story.send();
         CHECK(story.target(0).waiting);
       }},
      {"told by a probe, silent, then heard",
       [](Story& story) {
         story.play({});
         story.announce(kNewest);
         story.play({});
         story.schedule.heard(0);
         CHECK(story.progress().given_up == 1);
         CHECK(story.progress().waiting() == 0);
       }},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    EgressBudget budget(8'000);
    Story story(1, {.tries = 2, .parked_after = 1}, &budget);
    budget.is_open(story.now);
    story.announce(kNew, 1'000);
    one.reach(story);
    bool was_charged = story.target(0).charged;
    CHECK(was_charged == (one.name == "waiting"));
    story.schedule.remove(0);
    CHECK(story.schedule.is_free(0));
    if (was_charged) CHECK(budget.is_open(story.now));  // it will not fetch
    CHECK(story.send().empty());
    CHECK_FALSE(story.schedule.answered(0, Rcode::NOERROR, story.now));
    NotifyProgress progress = story.progress();
    CHECK(progress.targets + progress.parked + progress.to_tell == 0);
    CHECK(progress.told + progress.answered + progress.given_up == 0);
    story.now += Seconds(90);
    CHECK(story.send().empty());
    CHECK(story.given_up.empty());
    CHECK_FALSE(story.schedule.next(story.now));
    CHECK(story.schedule.add(0) == 0);  // the place is used again, by one of whom nothing is known
    CHECK(story.target(0).sent == 0);
    CHECK_FALSE(story.target(0).parked);
    story.announce(Serial(9));
    CHECK(story.play({0}) == Targets{0});
  }
}

TEST_CASE("places that are free are used again, the one that was free for longest first") {
  Story story(4);
  for (std::uint32_t i : {2, 0, 3}) story.schedule.remove(i);
  CHECK(story.schedule.add(1) == 2);
  CHECK(story.schedule.add(1) == 0);
  story.schedule.remove(1);
  CHECK(story.schedule.add(1) == 3);
  CHECK(story.schedule.add(1) == 1);
  CHECK(story.schedule.is_full());
  CHECK(story.schedule.add(1) == 4);
}

TEST_CASE("who changes its group is told anew what it was being told, and nothing else") {
  Story story(std::vector<std::uint8_t>{0, 0, 0, 1});
  story.announce(kNew);
  CHECK(story.send().size() == 4);
  story.answer({0});
  story.schedule.change(0, 1);
  CHECK(story.send().empty());
  story.schedule.change(1, 1);
  CHECK(story.progress().to_tell == 1);
  CHECK_FALSE(story.schedule.answered(1, Rcode::NOERROR, story.now));  // to what it was told before
  CHECK(story.send() == Targets{1});
  story.answer({1, 2, 3});
  CHECK(story.target(1).sent == 2);
  CHECK(story.progress().answered == 3);  // target 0 has no part in what its new group was told
  CHECK(story.progress().told == 3);
  story.schedule.announce(kNewest, Groups(0b10), 0);
  CHECK(sorted(story.send()) == Targets{0, 1, 3});
}

TEST_CASE("who changes into a group that was never told anything waits for its first version") {
  Story story(1);
  story.announce(kOld);
  story.schedule.announce(kNew, Groups(0b1), 0);
  CHECK(story.send() == Targets{0});
  Story other(1);
  other.schedule.announce(kNew, Groups(0b1), 0);
  other.send();
  other.schedule.change(0, 5);
  CHECK_FALSE(other.schedule.next(other.now));
  CHECK(other.progress().told + other.progress().to_tell == 0);
  other.schedule.announce(kNewest, Groups(0b100000), 0);
  CHECK(other.send() == Targets{0});
}

TEST_CASE("a walk misses nobody when others come while it is under way") {
  EgressBudget budget(8'000);  // an octet in a millisecond
  NotifySettings once{.first_wait = Seconds(60), .tries = 1, .parked_after = 99};
  Story story(10, once, &budget);
  std::set<std::uint32_t> told;
  auto step = [&] {
    for (std::uint32_t i : story.send()) told.insert(i);
    story.now += Milliseconds(300);
  };
  story.announce(kOld);
  story.play({});  // who was silent is told in the second round, after which there is none
  story.announce(kNew, 200);
  for (int i = 0; i < 4; ++i) step();
  story.announce(kNewest, 200);  // begins in the midst and goes around
  told.clear();
  for (int i = 0; i < 20; ++i) {
    if (i < 10) story.schedule.add(0);
    step();
  }
  CHECK(told.size() == 10);
  CHECK(story.schedule.is_all_told());
  CHECK(story.progress().to_tell == 0);
}

TEST_CASE("that a parked target did not answer a probe either is told, but counts for nobody") {
  Story story(1, {.tries = 1, .parked_after = 1});
  story.announce(kOld);
  story.play({});
  CHECK(story.target(0).parked);
  story.announce(kNew);
  CHECK(story.send() == Targets{0});
  story.now += Seconds(2);
  CHECK(story.send().empty());
  CHECK(story.given_up == Targets{0});
  CHECK_FALSE(story.target(0).given_up);
  CHECK(story.progress().given_up == 0);
}

namespace {

// What a schedule may do, by the plainest of books. `Group` and `One` are written by what was asked for and
// by what came out; the sums of the progress are counted anew each time.
struct Oracle {
  struct Group {
    std::uint32_t wanted = 0, serial = 0;
  };
  struct One {
    bool is_here = false;
    std::uint8_t group = 0;
    std::uint32_t pending = 0;     // number of an announcement that it is to be told; 0: none
    std::uint32_t told = 0;        // number of the one that the last message was about
    bool may_answer = false;       // the last message
    unsigned sent = 0, tries = 0;  // messages; of them about the pending one
  };

  Oracle(NotifySchedule& of, unsigned tries) : schedule(of), most_tries(tries) {}

  void add(std::uint8_t group, std::optional<std::uint32_t> heard) {
    std::uint32_t i = schedule.add(group, heard ? std::optional<Serial>(*heard) : std::nullopt);
    if (i >= all.size()) all.resize(i + 1);
    CHECK_FALSE(all[i].is_here);
    all[i] = {.is_here = true, .group = group};
    if (heard && groups[group].wanted > 0 && *heard < groups[group].serial)
      all[i].pending = groups[group].wanted;
    CHECK(schedule.target(i).sent == 0);
  }
  void remove(std::uint32_t i) {
    schedule.remove(i);
    all[i] = {};
  }
  void change(std::uint32_t i, std::uint8_t group) {
    One& one = all[i];
    schedule.change(i, group);
    bool is_told = one.pending > 0 && !schedule.target(i).parked && groups[group].wanted > 0;
    one.group = group;
    one.pending = is_told ? groups[group].wanted : 0;
    one.may_answer = false;
    one.tries = 0;
  }
  void announce(std::uint32_t serial, NotifySchedule::Groups to, std::uint64_t octets) {
    schedule.announce(Serial(serial), to, octets);
    ++announcements;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (!to[i] || (groups[i].wanted > 0 && groups[i].serial == serial)) continue;
      groups[i] = {announcements, serial};
      for (One& one : all)
        if (one.is_here && one.group == i) one.pending = announcements, one.tries = 0;
    }
  }
  void sent(NotifySchedule::Send send) {
    One& one = all[send.target];
    CHECK(one.is_here);
    CHECK(one.pending > 0);
    CHECK(send.first == (one.tries == 0));
    CHECK(++one.tries <= most_tries);
    one.told = one.pending;
    one.may_answer = true;
    ++one.sent;
  }
  void answer(std::uint32_t i, Rcode rcode, Milliseconds now) {
    One& one = all[i];
    CHECK(schedule.answered(i, rcode, now) == one.may_answer);
    if (one.may_answer && one.told == one.pending) one.pending = 0;
    one.may_answer = false;
  }
  void gave_up(std::uint32_t i) {
    One& one = all[i];
    CHECK(one.is_here);
    CHECK(one.pending > 0);
    CHECK((one.tries == most_tries || (schedule.target(i).parked && one.tries == 1)));
    one.pending = 0;
  }
  void check() {
    NotifyProgress sum, progress = schedule.progress();
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      const NotifyTargetState& state = schedule.target(i);
      CHECK(schedule.is_free(i) == !all[i].is_here);
      if (!all[i].is_here) continue;
      CHECK(state.group == all[i].group);
      CHECK(state.sent == all[i].sent);
      ++sum.targets;
      sum.parked += state.parked;
      bool fresh = state.told != groups[state.group].wanted;
      sum.to_tell += fresh && !state.parked;
      if (fresh || !state.counted) continue;
      ++sum.told;
      sum.given_up += state.given_up;
      sum.answered += !state.waiting && !state.queued && !state.given_up;
    }
    CHECK(progress.targets == sum.targets);
    CHECK(progress.parked == sum.parked);
    CHECK(progress.to_tell == sum.to_tell);
    CHECK(progress.told == sum.told);
    CHECK(progress.answered == sum.answered);
    CHECK(progress.given_up == sum.given_up);
  }

  NotifySchedule& schedule;
  unsigned most_tries;
  std::array<Group, NotifySchedule::kMostGroups> groups{};
  std::vector<One> all;
  std::uint32_t announcements = 0;
};

}  // namespace

TEST_CASE("whoever comes, goes and changes, nobody is told what it is not owed, and the books are right") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    Splitmix dice(seed);
    EgressBudget budget(dice.below(2) ? 800'000 : 0);
    NotifySchedule schedule({.tries = 3, .parked_after = 2}, &budget);
    Oracle oracle(schedule, 3);
    Milliseconds now(static_cast<std::int64_t>(dice.below(1u << 30)));
    std::uint32_t serial = 0;
    auto group = [&] { return static_cast<std::uint8_t>(dice.below(3)); };
    auto heard = [&]() -> std::optional<std::uint32_t> {
      if (dice.below(2)) return std::nullopt;
      return static_cast<std::uint32_t>(dice.below(serial + 2));
    };
    auto turn = [&](unsigned answering) {
      std::vector<std::uint32_t> given_up;
      schedule.expire(now, given_up);
      for (std::uint32_t i : given_up) oracle.gave_up(i);
      while (auto send = schedule.send(now, dice)) {
        oracle.sent(*send);
        if (send->target % 3 && dice.below(8) < answering) oracle.answer(send->target, Rcode::NOERROR, now);
      }
    };
    for (int event = 0; event < 500; ++event) {
      if (dice.below(25) == 0) oracle.announce(++serial, Groups(dice.below(8)), dice.below(5'000));
      for (std::uint64_t more = dice.below(30) == 0 ? dice.below(20) : 0; more > 0; --more)
        oracle.add(group(), heard());
      now += Milliseconds(static_cast<std::int64_t>(dice.below(1'000)));
      turn(6);
      for (std::uint64_t turns = dice.below(4); turns > 0 && !oracle.all.empty(); --turns) {
        auto i = static_cast<std::uint32_t>(dice.below(oracle.all.size()));
        if (!oracle.all[i].is_here) {
          if (dice.below(3) == 0) oracle.add(group(), heard());
        } else if (std::uint64_t what = dice.below(16); what < 2) {
          oracle.remove(i);
        } else if (what < 4) {
          oracle.change(i, group());
        } else if (what < 6) {
          schedule.heard(i);
        } else if (what < 8) {
          oracle.answer(i, Rcode::SERVFAIL, now);
        }
      }
      oracle.check();
    }
    oracle.announce(++serial, Groups().set(), 100);
    for (int i = 0; i < 2'000; ++i, now = std::max(now + Milliseconds(1), schedule.next(now).value_or(now)))
      turn(8);
    oracle.check();
    for (std::uint32_t i = 0; i < oracle.all.size(); ++i)
      if (oracle.all[i].is_here && i % 3) CHECK(schedule.target(i).answered_serial == serial);
    CHECK(schedule.progress().to_tell == 0);
    CHECK(schedule.progress().waiting() == 0);
    for (std::uint32_t i = 0; i < oracle.all.size(); ++i)
      if (oracle.all[i].is_here) oracle.remove(i);
    oracle.check();
    CHECK_FALSE(schedule.next(now));
  }
}
