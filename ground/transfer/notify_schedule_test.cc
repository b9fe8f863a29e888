#include "transfer/notify_schedule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

using namespace zw;

namespace {

constexpr Serial kOld{1}, kNew{2}, kNewest{3};
using Targets = std::vector<std::uint32_t>;
using Groups = NotifySchedule::Groups;

struct Story {
  explicit Story(std::size_t targets, NotifySettings settings = {}, EgressBudget* budget = nullptr)
      : schedule(settings, budget) {
    for (std::size_t i = 0; i < targets; ++i) schedule.add(0);
  }
  explicit Story(const std::vector<std::uint8_t>& groups) : schedule({}) {
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

Targets sorted(Targets targets) {
  std::sort(targets.begin(), targets.end());
  return targets;
}

}  // namespace

TEST_CASE("where nobody is to be told, nothing is to be done") {
  Story story(0);
  story.announce(kNew);
  CHECK(story.send().empty());
  CHECK_FALSE(story.schedule.next(story.now));
  CHECK(story.schedule.is_all_told());
}

TEST_CASE("a new serial is told to every secondary at once, and once") {
  Story story(3);
  CHECK(story.send().empty());
  CHECK_FALSE(story.schedule.next(story.now));
  story.announce(kNew);
  CHECK(story.schedule.next(story.now) == story.now);
  CHECK(story.send() == Targets{0, 1, 2});
  CHECK(story.send().empty());
  CHECK(story.schedule.is_all_told());
  CHECK(*story.schedule.next(story.now) >= story.now + Milliseconds(1'000));
  CHECK(story.progress().waiting() == 3);
}

TEST_CASE("any answer ends the telling, also NOTIMP and REFUSED") {
  for (Rcode rcode : {Rcode::NOERROR, Rcode::NOTIMP, Rcode::REFUSED}) {
    Story story(1);
    story.announce(kNew);
    story.send();
    story.now += Milliseconds(30);
    story.answer({0}, rcode);
    CHECK_FALSE(story.schedule.next(story.now));
    CHECK(story.target(0).rcode == static_cast<int>(rcode));
    CHECK(story.target(0).answered_serial == kNew.value());
    CHECK(story.target(0).round_trip == 30);
    CHECK(story.target(0).answered == 1);
    CHECK(story.progress().answered == 1);
    CHECK_FALSE(story.schedule.answered(0, rcode, story.now));
  }
}

TEST_CASE("silence is met with growing pauses up to a bound, and given up in the end") {
  Story story(1, {.first_wait = Milliseconds(1'000), .longest_wait = Milliseconds(5'000), .tries = 5});
  story.announce(kNew);
  for (int wait : {1'000, 2'000, 4'000, 5'000, 5'000}) {
    CAPTURE(wait);
    REQUIRE(story.send() == Targets{0});
    CHECK(story.given_up.empty());
    auto next = story.schedule.next(story.now);
    REQUIRE(next);
    CHECK(*next >= story.now + Milliseconds(wait));
    CHECK(*next <= story.now + Milliseconds(wait + wait / 4 + 33));
    story.now = *next - Milliseconds(1);
    CHECK(story.send().empty());
    story.now += Milliseconds(1);
  }
  CHECK(story.send().empty());
  CHECK(story.given_up == Targets{0});
  CHECK_FALSE(story.schedule.next(story.now));
  CHECK(story.target(0).sent == 5);
  CHECK(story.target(0).answered == 0);
  CHECK(story.target(0).fault == NotifyFault::silence);
  CHECK(story.progress().given_up == 1);
  CHECK(story.progress().waiting() == 0);
}

TEST_CASE("those who fell silent together are not told again together") {
  Story story(1000);
  story.announce(kNew);
  CHECK(story.send().size() == 1000);
  std::size_t most = 0, all = 0;
  for (int i = 0; i < 1300; ++i) {
    story.now += Milliseconds(1);
    std::size_t sent = story.send().size();
    most = std::max(most, sent);
    all += sent;
  }
  CHECK(all == 1000);
  CHECK(most < 250);
}

TEST_CASE("who is given up for one serial is told the next one") {
  Story story(1, {.tries = 1});
  story.announce(kOld);
  CHECK(story.play({}) == Targets{0});
  story.announce(kNew);
  CHECK(story.send() == Targets{0});
}

TEST_CASE("a newer serial takes the place of the one that is being told, at once, with all its tries") {
  Story story(1, {.tries = 2});
  story.announce(kOld);
  CHECK(story.send() == Targets{0});
  story.announce(kNew);
  CHECK(story.send() == Targets{0});
  CHECK(story.target(0).tries == 1);
  CHECK(story.progress().told == 1);
  story.now += Milliseconds(2'000);
  CHECK(story.send() == Targets{0});
  story.answer({0});
  CHECK(story.target(0).answered_serial == kNew.value());
}

TEST_CASE("a serial is not told again to those who answered it or are being told it") {
  Story story(2);
  story.announce(kNew);
  story.send();
  story.answer({0});
  story.announce(kNew);
  CHECK(story.send().empty());
  CHECK(story.target(1).waiting);
}

TEST_CASE("an answer counts as long as nothing else was sent, also after the target was given up") {
  Story story(1, {.tries = 2});
  story.announce(kNew);
  CHECK(story.play({}).size() == 2);
  CHECK(story.progress().given_up == 1);
  story.answer({0});
  CHECK(story.progress().given_up == 0);
  CHECK(story.progress().answered == 1);
  CHECK_FALSE(story.schedule.next(story.now));
}

TEST_CASE("groups are told apart, and who is being told something old hears of the newest") {
  Story story(std::vector<std::uint8_t>{0, 1, 0, 1});
  story.schedule.announce(kOld, Groups(0b01), 0);
  CHECK(story.send() == Targets{0, 2});
  CHECK(story.progress().to_tell == 0);
  story.answer({0});
  story.schedule.announce(kNew, Groups(0b10), 0);
  CHECK(sorted(story.send()) == Targets{1, 3});
  story.now += Milliseconds(1'300);
  CHECK(sorted(story.send()) == Targets{1, 2, 3});
  story.answer({2});
  CHECK(story.target(2).answered_serial == kNew.value());
  story.schedule.announce(kNew, Groups(0b01), 0);
  CHECK(story.send() == Targets{0});  // 2 has heard of it
  story.answer({0, 1, 3});
  CHECK(story.progress().answered == 4);
  CHECK_FALSE(story.schedule.next(story.now));
}

TEST_CASE("those who answered last time come first, then the silent") {
  Story story(6, {.tries = 1});
  story.announce(kOld);
  story.play({1, 3, 5});
  story.announce(kNew);
  Targets told = story.send();
  REQUIRE(told.size() == 6);
  CHECK(sorted({told[0], told[1], told[2]}) == Targets{1, 3, 5});
}

TEST_CASE("while first messages wait, one message in eight is a repetition") {
  EgressBudget budget(8'000'000);  // 1,000 octets in a millisecond
  Story story(20'000, {.parked_after = 99}, &budget);
  story.announce(kOld, 1'000);
  std::map<bool, int> sent;  // by whether it was the first
  Targets none;
  for (Milliseconds end = story.now + Seconds(5); story.now < end; story.now += Milliseconds(1)) {
    story.schedule.expire(story.now, none);
    for (int i = 0; i < 40; ++i)
      if (auto send = story.schedule.send(story.now, story.random)) ++sent[send->first];
  }
  CHECK(sent[true] > 5'000);
  CHECK(sent[false] > 1'000);  // those need no budget, and there is time for them

  Story fast(20'000, {.parked_after = 99});
  fast.announce(kOld);
  auto is_first = [&] {
    while (true)  // a walk through many that are not to be told is broken off now and then
      if (auto send = fast.schedule.send(fast.now, fast.random)) return send->first;
  };
  for (int i = 0; i < 10'000; ++i) CHECK(is_first());
  fast.now += Seconds(2);
  fast.schedule.expire(fast.now, none);
  int repetitions = 0;
  for (int i = 0; i < 8'000; ++i) repetitions += !is_first();
  CHECK(repetitions == 1'000);
}

TEST_CASE(
    "who was silent for three versions is parked: told once by a probe, and brought back by an answer") {
  Story story(3, {.tries = 2});
  for (std::uint32_t serial = 1; serial <= 3; ++serial) {
    story.announce(Serial(serial));
    CHECK(story.play({0, 1}).size() == 4);
  }
  CHECK(story.target(2).parked);
  CHECK(story.progress().parked == 1);
  story.announce(Serial(4));
  CHECK(sorted(story.play({0, 1})) == Targets{0, 1, 2});
  CHECK(story.progress().told == 2);
  story.announce(Serial(5));
  CHECK(sorted(story.play({0, 1, 2})) == Targets{0, 1, 2});
  CHECK_FALSE(story.target(2).parked);
  CHECK(story.progress().parked == 0);
  CHECK(story.progress().answered == 3);
  story.announce(Serial(6));
  CHECK(story.play({0, 1}).size() == 4);  // it has all its tries again
}

TEST_CASE("versions that follow fast count too, if they were told twice") {
  Story story(1, {.tries = 10});
  for (std::uint32_t serial = 1; serial <= 4; ++serial) {
    CHECK_FALSE(story.target(0).parked);
    story.announce(Serial(serial));
    CHECK(story.send() == Targets{0});
    story.now += Milliseconds(1'300);
    CHECK(story.send().size() == (serial < 4 ? 1 : 0));
  }
  CHECK(story.target(0).parked);
}

TEST_CASE("a parked target that asks us for something is told at once what it missed") {
  Story story(2, {.tries = 1, .parked_after = 1, .probe_pause = Seconds(3600)});
  story.announce(kOld);
  story.play({});
  CHECK(story.progress().parked == 2);
  story.announce(kNew);
  CHECK(story.send().size() == 1);  // one probe in an hour
  std::uint32_t other = story.target(0).waiting ? 1 : 0;
  story.schedule.heard(other);
  CHECK(story.send() == Targets{other});
  CHECK(story.progress().parked == 1);
  CHECK(story.progress().told == 1);
  story.answer({other});
  CHECK(story.progress().waiting() == 0);
}

TEST_CASE("probes are few, however many are parked") {
  Story story(5'000, {.tries = 1, .parked_after = 1});
  story.announce(kOld);
  story.play({});
  CHECK(story.progress().parked == 5'000);
  story.announce(kNew);
  std::size_t sent = 0;
  for (int i = 0; i < 1'000; ++i, story.now += Milliseconds(1)) sent += story.send().size();
  CHECK(sent <= 1'101);
  CHECK(sent >= 1'000);
  CHECK(story.play({}).size() + sent == 5'000);
}

TEST_CASE("the budget is used for those who answer; the dead and those who decline give theirs back") {
  EgressBudget budget(80'000'000);  // 10,000 octets in a millisecond
  Story story(3'000, {.parked_after = 1}, &budget);
  std::set<std::uint32_t> living, all;
  for (std::uint32_t i = 0; i < 3'000; ++i) (i % 10 ? living : all).insert(i);
  story.announce(kOld, 10'000);
  Milliseconds start = story.now;
  std::set<std::uint32_t> told;
  while (told.size() < living.size()) {
    for (std::uint32_t i : story.send())
      if (living.contains(i) && told.insert(i).second) story.answer({i});
    story.now += Milliseconds(1);
  }
  // 2,700 transfers take 2,700 ms, less the 100 of the burst; some of the dead are waited for in the end.
  CHECK((story.now - start).count() > 2'500);
  CHECK((story.now - start).count() < 2'900);

  Story refusing(2'000, {}, &budget);
  budget.is_open(refusing.now += Seconds(60));
  refusing.announce(kOld, 10'000);
  for (int i = 0; i < 100; ++i, refusing.now += Milliseconds(1))
    while (auto send = refusing.schedule.send(refusing.now, refusing.random))
      refusing.answer({send->target}, Rcode::REFUSED);
  CHECK(refusing.schedule.is_all_told());
}

TEST_CASE("a repetition is not charged again, and a late answer is charged once") {
  EgressBudget budget(8'000);  // an octet in a millisecond
  Story story(1, {}, &budget);
  budget.is_open(story.now);
  story.announce(kOld, 1'000);
  CHECK(story.send() == Targets{0});
  CHECK(budget.opens_at(story.now) > story.now);
  story.now += Milliseconds(1'300);
  CHECK(story.send() == Targets{0});
  CHECK(budget.is_open(story.now));  // given back
  story.answer({0});
  CHECK(budget.opens_at(story.now) == story.now + Milliseconds(901));
}

TEST_CASE("what a newer version cuts short goes on with those who were not reached") {
  EgressBudget budget(8'000'000);
  Story story(1'000, {}, &budget);
  std::set<std::uint32_t> told;
  for (std::uint32_t serial = 1; serial <= 12; ++serial) {
    story.announce(Serial(serial), 1'000);
    for (int i = 0; i < 100; ++i, story.now += Milliseconds(1))
      for (std::uint32_t target : story.send()) {
        told.insert(target);
        story.answer({target});
      }
  }
  CHECK(told.size() == 1'000);
}

TEST_CASE("whatever happens, the books are right, and everybody living hears of the last version") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    Splitmix dice(seed);
    EgressBudget budget(dice.below(2) ? 8'000'000 : 0);
    auto count = static_cast<std::uint32_t>(1 + dice.below(60));
    NotifySchedule schedule({.tries = 3, .parked_after = 2}, &budget);
    for (std::uint32_t i = 0; i < count; ++i) schedule.add(static_cast<std::uint8_t>(dice.below(3)));
    Milliseconds now(static_cast<std::int64_t>(dice.below(1u << 30)));
    std::vector<std::uint32_t> given_up;
    auto check = [&] {
      NotifyProgress sum, progress = schedule.progress();
      for (std::uint32_t i = 0; i < count; ++i) {
        sum.parked += schedule.target(i).parked;
        sum.given_up += schedule.target(i).given_up;
      }
      CHECK(progress.targets == count);
      CHECK(progress.parked == sum.parked);
      CHECK(progress.told >= progress.answered + progress.given_up);
      CHECK(progress.told + progress.to_tell <= count);
    };
    std::uint32_t serial = 0;
    for (int event = 0; event < 400; ++event) {
      if (dice.below(30) == 0) schedule.announce(Serial(++serial), Groups(dice.below(8)), dice.below(5'000));
      now += Milliseconds(static_cast<std::int64_t>(dice.below(1'000)));
      schedule.expire(now, given_up);
      while (auto send = schedule.send(now, dice))
        if (send->target % 3 && dice.below(4)) schedule.answered(send->target, Rcode::NOERROR, now);
      auto i = static_cast<std::uint32_t>(dice.below(count));
      if (dice.below(20) == 0) schedule.heard(i);
      if (dice.below(10) == 0) schedule.answered(i, Rcode::SERVFAIL, now);
      check();
    }
    schedule.announce(Serial(++serial), Groups().set(), 100);
    for (int i = 0; i < 2'000; ++i, now = std::max(now + Milliseconds(1), schedule.next(now).value_or(now))) {
      schedule.expire(now, given_up);
      while (auto send = schedule.send(now, dice))
        if (send->target % 3) schedule.answered(send->target, Rcode::NOERROR, now);
    }
    check();
    for (std::uint32_t i = 0; i < count; ++i)
      if (i % 3) CHECK(schedule.target(i).answered_serial == serial);
    CHECK(schedule.progress().to_tell == 0);
    CHECK(schedule.progress().waiting() == 0);
  }
}

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

  void add(std::uint8_t group) {
    std::uint32_t i = schedule.add(group);
    if (i >= all.size()) all.resize(i + 1);
    CHECK_FALSE(all[i].is_here);
    all[i] = {.is_here = true, .group = group};
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
        oracle.add(group());
      now += Milliseconds(static_cast<std::int64_t>(dice.below(1'000)));
      turn(6);
      for (std::uint64_t turns = dice.below(4); turns > 0 && !oracle.all.empty(); --turns) {
        auto i = static_cast<std::uint32_t>(dice.below(oracle.all.size()));
        if (!oracle.all[i].is_here) {
          if (dice.below(3) == 0) oracle.add(group());
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
