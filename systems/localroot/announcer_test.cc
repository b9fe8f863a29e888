#include "localroot/announcer.h"

#include <doctest/doctest.h>

#include "net/socket.h"
#include "os/clock.h"
#include "zone/reader.h"

using namespace zw;
using namespace zw::localroot;

namespace {

const WallTime kBegin = *parse_time("2026-08-01T00:00:00Z");
constexpr Seconds kDay{86'400};

class SetClock final : public Clock {
 public:
  WallTime wall() const override { return now; }
  Milliseconds steady() const override { return system_.steady(); }
  WallTime now = kBegin;

 private:
  SystemClock system_;
};

// Signed for 12 days from this time on.
ZonePtr version(std::uint32_t serial, WallTime inception) {
  std::string text = fmt::format(
      "example. 300 SOA ns host {} 1 1 1 1\nexample. 300 RRSIG SOA 13 1 300 {} {} 1 example. AAAA\n", serial,
      (inception + 12 * kDay).time_since_epoch().count(), inception.time_since_epoch().count());
  ZonePtr zone = read_zone(text, "z").zone;
  REQUIRE(zone);
  return zone;
}

// Subscribers of all policies, in their order, who never answer.
struct Story {
  Story() {
    for (std::uint8_t group = 0; group < kNotifyPolicies; ++group) {
      NotifyTarget& target = targets.emplace_back();
      target.address = *Address::parse(fmt::format("127.0.0.{}@9", group + 1), 53);
      target.group = group;
    }
    announcer.emplace(AnnouncerWorld{*loop, clock, random, log, lines, metrics, budget},
                      *Name::parse("example."), targets);
  }
  // Who had a message since the last call, by the numbers of the policies.
  std::string told() {
    for (int i = 0; i < 5; ++i) loop->run_once(Milliseconds(5));
    ZoneStatus status;
    announcer->show(status);
    std::string out;
    for (std::size_t i = 0; i < kNotifyPolicies; ++i) {
      if (status.subscribers[i].sent > sent[i]) out += std::to_string(i);
      sent[i] = status.subscribers[i].sent;
    }
    return out;
  }
  std::unique_ptr<Loop> loop = std::move(*Loop::make());
  SetClock clock;
  Splitmix random{1};
  Logger log{clock, {}, [](std::string_view) {}};
  LogRate lines{10, Milliseconds(1)};
  Metrics metrics{1};
  EgressBudget budget;
  std::vector<NotifyTarget> targets;
  std::optional<Announcer> announcer;
  std::array<std::uint64_t, kNotifyPolicies> sent{};
};

}  // namespace

TEST_CASE("a version is told to the policies that it concerns, and a withheld one at the deadline") {
  Story story;
  story.announcer->published(version(1, kBegin), {true, true}, 100, 1000);
  CHECK(story.told() == "01234");
  story.clock.now = kBegin + kDay;
  story.announcer->published(version(2, story.clock.now), {false, false}, 100, 1000);
  CHECK(story.told() == "0");
  story.announcer->check_deadlines();
  CHECK(story.told().empty());
  story.clock.now = kBegin + 4 * kDay - Seconds(1);
  story.announcer->check_deadlines();
  CHECK(story.told().empty());
  story.clock.now = kBegin + 4 * kDay;
  story.announcer->check_deadlines();
  CHECK(story.told() == "234");
  story.announcer->check_deadlines();
  CHECK(story.told().empty());
  CHECK(story.announcer->announced() == Serial(2));
}

TEST_CASE("the budget is charged with a step for who has the version before, else with the zone") {
  for (bool change : {false, true}) {
    Story story;
    story.budget.set(8'000'000);  // a megabyte a second
    story.announcer->published(version(1, kBegin), {true, true}, 1, 1);
    REQUIRE(story.told() == "01234");
    // Of a step that is as good as nothing all can be told, of a zone of ten seconds one.
    story.announcer->published(version(2, kBegin), {change, false}, 1, 10'000'000);
    CHECK(story.told().size() == 1);
    CHECK(story.budget.is_open(story.loop->now()) == !change);
  }
}
