#include "transfer/notify_schedule.h"

#include <doctest/doctest.h>

using namespace zw;

namespace {

constexpr Serial kOld{1}, kNew{2};

struct Story {
  explicit Story(std::size_t targets, NotifySettings settings = {}) : schedule(targets, settings) {}
  NotifySchedule schedule;
  Splitmix random{7};
  Milliseconds now{1'000'000};

  std::vector<std::size_t> send() {
    std::vector<std::size_t> targets;
    for (const NotifySend& send : schedule.send(now)) targets.push_back(send.target);
    return targets;
  }
  void silence(std::size_t target) { schedule.unanswered(target, "no answer", now, random); }
  const NotifyTargetState& target(std::size_t i) const { return schedule.targets()[i]; }
};

using Targets = std::vector<std::size_t>;

}  // namespace

TEST_CASE("a new serial is told to every secondary at once, and once") {
  Story story(3);
  CHECK(story.send().empty());
  CHECK_FALSE(story.schedule.next());
  story.schedule.announce(kNew, story.now);
  CHECK(story.schedule.next() == story.now);
  CHECK(story.send() == Targets{0, 1, 2});
  CHECK(story.send().empty());
  CHECK_FALSE(story.schedule.next());
}

TEST_CASE("any answer ends the telling, also NOTIMP and REFUSED") {
  for (Rcode rcode : {Rcode::NOERROR, Rcode::NOTIMP, Rcode::REFUSED}) {
    Story story(1);
    story.schedule.announce(kNew, story.now);
    story.send();
    story.now += Milliseconds(30);
    story.schedule.answered(0, rcode, story.now);
    CHECK_FALSE(story.schedule.next());
    CHECK(story.target(0).rcode == rcode);
    CHECK(story.target(0).answered_serial == kNew);
    CHECK(story.target(0).round_trip == Milliseconds(30));
    CHECK(story.target(0).answered == 1);
  }
}

TEST_CASE("silence is met with growing pauses up to a bound, and given up in the end") {
  Story story(1, {.first_wait = Milliseconds(1'000), .longest_wait = Milliseconds(5'000), .tries = 5});
  story.schedule.announce(kNew, story.now);
  for (int wait : {1'000, 2'000, 4'000, 5'000, 5'000}) {
    auto sends = story.schedule.send(story.now);
    REQUIRE(sends.size() == 1);
    CHECK(sends[0].wait == Milliseconds(wait));
    Milliseconds before = story.now;
    story.now += sends[0].wait;
    story.silence(0);
    auto next = story.schedule.next();
    if (!next) break;
    CHECK(*next >= before + Milliseconds(wait));
    CHECK(*next <= before + Milliseconds(wait + wait / 4));
    story.now = *next;
  }
  CHECK_FALSE(story.schedule.next());
  CHECK(story.target(0).sent == 5);
  CHECK(story.target(0).unanswered == 5);
  CHECK(story.target(0).given_up == 1);
  CHECK(story.target(0).last_fault == "no answer");
  story.now += Seconds(3600);
  CHECK(story.send().empty());
}

TEST_CASE("who is given up for one serial is told the next one") {
  Story story(1, {.tries = 1});
  story.schedule.announce(kOld, story.now);
  story.send();
  story.silence(0);
  story.schedule.announce(kNew, story.now);
  CHECK(story.send() == Targets{0});
}

TEST_CASE("a port where nobody listens is tried again after the pause, not in a hurry") {
  Story story(1);
  story.schedule.announce(kNew, story.now);
  story.send();
  story.silence(0);  // at once
  CHECK(story.send().empty());
  CHECK(*story.schedule.next() >= story.now + Milliseconds(1'000));
}

TEST_CASE("a newer serial takes the place of the one that is being told, at once, with all its tries") {
  Story story(1, {.tries = 2});
  story.schedule.announce(kOld, story.now);
  story.send();
  story.now += Milliseconds(1'000);
  story.silence(0);
  story.schedule.announce(kNew, story.now);
  auto sends = story.schedule.send(story.now);
  REQUIRE(sends.size() == 1);
  CHECK(sends[0].serial == kNew);
  CHECK(sends[0].wait == Milliseconds(1'000));
}

TEST_CASE("a newer serial does not wait for the answer to the older one") {
  Story story(1);
  story.schedule.announce(kOld, story.now);
  story.send();
  story.schedule.announce(kNew, story.now);
  CHECK(story.send() == Targets{0});
  story.schedule.answered(0, Rcode::NOERROR, story.now);
  CHECK(story.target(0).answered_serial == kNew);
}

TEST_CASE("a serial is not told again to those who answered it or are being told it") {
  Story story(2);
  story.schedule.announce(kNew, story.now);
  story.send();
  story.schedule.answered(0, Rcode::NOERROR, story.now);
  story.schedule.announce(kNew, story.now);
  CHECK(story.send().empty());
  CHECK(story.target(1).in_flight);
}

TEST_CASE("an answer that comes after its time changes nothing") {
  Story story(1);
  story.schedule.announce(kNew, story.now);
  story.send();
  story.silence(0);
  story.schedule.answered(0, Rcode::NOERROR, story.now);
  CHECK(story.target(0).telling == kNew);
  story.silence(0);
  CHECK(story.target(0).unanswered == 1);
}

TEST_CASE("only so many messages are under way at once, and each place is used again") {
  Story story(5, {.at_once = 2});
  story.schedule.announce(kNew, story.now);
  CHECK(story.send() == Targets{0, 1});
  CHECK_FALSE(story.schedule.next());
  story.schedule.answered(0, Rcode::NOERROR, story.now);
  CHECK(story.schedule.next() == story.now);
  CHECK(story.send() == Targets{2});
  story.schedule.answered(2, Rcode::NOERROR, story.now);
  story.schedule.answered(1, Rcode::NOERROR, story.now);
  CHECK(story.send() == Targets{3, 4});
}

TEST_CASE("repetitions to silent secondaries leave half of the places to first messages") {
  Story story(8, {.at_once = 4});
  story.schedule.announce(kOld, story.now);
  for (int round = 0; round < 2; ++round)
    for (std::size_t i : story.send()) story.silence(i);
  for (std::size_t i = 0; i < 8; ++i) CHECK(story.target(i).tries == 1);
  story.now += Seconds(10);
  CHECK(story.send().size() == 2);  // all eight would be due
  CHECK(story.send().empty());
  story.schedule.announce(kNew, story.now);  // frees the two places of repetitions
  CHECK(story.send().size() == 4);
}

TEST_CASE("with few places nobody is always last") {
  Story story(
      6, {.first_wait = Milliseconds(100), .longest_wait = Milliseconds(100), .tries = 1000, .at_once = 2});
  story.schedule.announce(kNew, story.now);
  for (int i = 0; i < 200; ++i) {
    for (std::size_t target : story.send()) story.silence(target);
    story.now += Milliseconds(130);
  }
  for (std::size_t i = 0; i < 6; ++i) CHECK(story.target(i).sent > 20);
}
