#include <map>

#include "transfer/testing_schedule.h"

using namespace zw;
using namespace zw::testing;
using Story = ScheduleStory;

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
