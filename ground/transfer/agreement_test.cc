#include "transfer/agreement.h"

#include "base/encoding.h"
#include "transfer/testing_primary.h"

using namespace zw;
using namespace zw::testing;

namespace {

const std::string kDigest(96, 'a'), kOtherDigest(96, 'b');

std::string zonemd_text(std::uint32_t serial, std::string_view digest, int hash = 1) {
  return "example. ZONEMD " + std::to_string(serial) + " 1 " + std::to_string(hash) + " " +
         std::string(digest) + "\n";
}

// What a primary has does not matter but for its ZONEMD: nothing here verifies it.
ZonePtr zone_with(std::uint32_t serial, std::string_view digest = kDigest) {
  return small_zone(serial, zonemd_text(serial, digest));
}

Buffer zonemd(std::uint32_t serial) {
  ZonePtr zone = zone_with(serial);
  Bytes rdata = zone->apex().find(RrType::ZONEMD)->rdatas().front();
  return {rdata.begin(), rdata.end()};
}

struct Story {
  explicit Story(std::size_t needed, Milliseconds within = Milliseconds(20'000)) {
    settings.zone = name("example.");
    settings.needed = needed;
    settings.within = within;
    settings.pause = Milliseconds(1);
    settings.longest_pause = Milliseconds(20);
    settings.times.udp = Milliseconds(5'000);
  }
  TestPrimary& add(ZonePtr zone) { return add(Behaviour{.zone = std::move(zone)}); }
  TestPrimary& add(const Behaviour& behaviour) {
    TestPrimary& added = *primaries.emplace_back(std::make_unique<TestPrimary>(behaviour));
    settings.primaries.push_back({.address = added.address()});
    return added;
  }
  void start(std::uint32_t serial = 5) {
    if (!agreement) agreement.emplace(*loop, clock, random, settings);
    agreement->start(primaries[0]->address(), zonemd(serial),
                     [this](const AgreementOutcome& outcome) { ends.push_back(outcome); });
  }
  AgreementOutcome end() {
    for (int i = 0; i < 3'000 && ends.empty(); ++i) loop->run_once(Milliseconds(10));
    REQUIRE(ends.size() == 1);
    CHECK_FALSE(agreement->running());
    return std::exchange(ends, {}).front();
  }
  AgreementOutcome run(std::uint32_t serial = 5) {
    start(serial);
    return end();
  }
  std::string at(std::size_t i) const { return primaries[i]->address().print(); }

  std::unique_ptr<Loop> loop = *Loop::make();
  StoppedClock clock;
  Splitmix random{1};
  AgreementSettings settings;
  std::vector<std::unique_ptr<TestPrimary>> primaries;
  std::optional<Agreement> agreement;
  std::vector<AgreementOutcome> ends;
};

}  // namespace

TEST_CASE("a version is agreed on when enough primaries have its digest") {
  Story story(2);
  story.add(zone_with(5));
  story.add(zone_with(5));
  auto outcome = story.run();
  CHECK(outcome.reached);
  CHECK(outcome.agreed == std::vector<std::string>{story.at(0), story.at(1)});
  CHECK(outcome.dissents.empty());
  CHECK(story.primaries[0]->requests().empty());
  CHECK(story.primaries[1]->requests() == std::vector<std::string>{"udp ZONEMD"});
}

TEST_CASE("another digest for the same serial is no agreement, and is told at once") {
  Story story(2);
  story.add(zone_with(5));
  story.add(zone_with(5, kOtherDigest));
  auto outcome = story.run();
  CHECK_FALSE(outcome.reached);
  CHECK(outcome.what() == "1 of the 2 primaries that must agree have this digest: " + story.at(1) +
                              ": it has another digest for the same serial");
}

TEST_CASE("two of three are enough, whatever the third says") {
  Story story(2);
  story.add(zone_with(5));
  story.add(zone_with(5, kOtherDigest));
  story.add(zone_with(5));
  // The one who dissents may or may not have spoken by then.
  CHECK(story.run().reached);
  story.agreement.reset();
  story.settings.needed = 3;
  auto outcome = story.run();
  CHECK_FALSE(outcome.reached);
}

TEST_CASE("who has a newer version does not agree; who has an older one is asked again") {
  Story newer(2);
  newer.add(zone_with(5));
  newer.add(zone_with(6));
  CHECK(newer.run().what().ends_with("it has serial 6"));

  Story older(2);
  older.add(zone_with(5));
  TestPrimary& late = older.add(zone_with(4));
  older.start();
  while (late.requests().size() < 3) older.loop->run_once(Milliseconds(10));
  CHECK(older.ends.empty());
  late.set([](Behaviour& with) { with.zone = zone_with(5); });
  CHECK(older.end().reached);
}

TEST_CASE("who has news is asked at once") {
  Story story(2);
  story.settings.pause = story.settings.longest_pause = Milliseconds(3'600'000);
  story.settings.within = Milliseconds(3'600'000);
  story.add(zone_with(5));
  TestPrimary& late = story.add(zone_with(4));
  story.start();
  while (late.requests().empty()) story.loop->run_once(Milliseconds(10));
  late.set([](Behaviour& with) { with.zone = zone_with(5); });
  for (int i = 0; i < 3'000 && story.ends.empty(); ++i) {
    story.agreement->nudge(late.address().ip);
    story.loop->run_once(Milliseconds(1));
  }
  CHECK(story.end().reached);
}

TEST_CASE("one hash of several that is the same is enough") {
  Story story(2);
  story.add(zone_with(5));
  story.add(small_zone(5, zonemd_text(5, std::string(128, 'c'), 2) + zonemd_text(5, kDigest)));
  CHECK(story.run().reached);
  Story other(2);
  other.add(zone_with(5));
  other.add(small_zone(5, zonemd_text(5, std::string(128, 'c'), 2)));
  CHECK(other.run().what().ends_with("its ZONEMD has no such scheme and hash"));
}

TEST_CASE("who has no ZONEMD, or does not answer, is waited for until the time is over") {
  Story story(2, Milliseconds(200));
  story.add(zone_with(5));
  story.add(small_zone(5));
  auto outcome = story.run();
  CHECK_FALSE(outcome.reached);
  CHECK(outcome.what().ends_with("the answer has no ZONEMD"));

  Story silent(2, Milliseconds(200));
  silent.add(zone_with(5));
  silent.add(Behaviour{.zone = zone_with(5), .silent_udp = true});
  CHECK(silent.run().what().ends_with("it has not answered yet"));
}

TEST_CASE("one address counts once, and nobody agrees with himself") {
  Story story(2);
  TestPrimary& alone = story.add(zone_with(5));
  story.settings.primaries.push_back({.address = alone.address()});
  auto outcome = story.run();
  CHECK_FALSE(outcome.reached);
  CHECK(outcome.what() == "1 of the 2 primaries that must agree have this digest");
}

TEST_CASE("an agreement can be given up, and started again from its end") {
  Story story(2);
  story.add(zone_with(5));
  TestPrimary& late = story.add(zone_with(4));
  story.start();
  story.agreement->stop();
  CHECK_FALSE(story.agreement->running());
  for (int i = 0; i < 5; ++i) story.loop->run_once(Milliseconds(1));
  CHECK(story.ends.empty());
  late.set([](Behaviour& with) { with.zone = zone_with(6); });
  story.agreement->start(story.primaries[0]->address(), zonemd(5),
                         [&](const AgreementOutcome&) { story.start(6); });
  CHECK(story.end().reached);
  // Also destroyed in it.
  story.agreement->start(story.primaries[0]->address(), zonemd(5), [&](const AgreementOutcome& outcome) {
    story.ends.push_back(outcome);
    story.agreement.reset();
  });
  for (int i = 0; i < 3'000 && story.ends.empty(); ++i) story.loop->run_once(Milliseconds(10));
  CHECK_FALSE(story.agreement);
}
