#include "transfer/refresh_policy.h"

#include <doctest/doctest.h>

using namespace zw;

namespace {

constexpr Milliseconds kBegin{5'000'000};

CopyFacts copy(std::uint32_t serial) {
  return {
      .serial = Serial(serial), .refresh = Seconds(1800), .retry = Seconds(900), .expire = Seconds(604'800)};
}

std::string print_serial(const std::optional<Serial>& serial) {
  return serial ? std::to_string(serial->value()) : "-";
}

// What the actions ask for, in words: "soa 0; axfr 1 newer than 7 promised 9".
std::string say(const RefreshActions& actions) {
  std::string out;
  struct Words {
    std::string operator()(const AskSoa& ask) { return "soa " + std::to_string(ask.primary); }
    std::string operator()(const AskZone& ask) {
      return std::string(print(ask.method)) + " " + std::to_string(ask.primary) + " newer than " +
             print_serial(ask.newer_than) + " promised " + print_serial(ask.promised);
    }
    std::string operator()(const JudgeZone&) { return "judge"; }
    std::string operator()(const StopAsking&) { return "stop"; }
    std::string operator()(const ExtendCopy&) { return "extend"; }
    std::string operator()(const ExpireCopy&) { return "expire"; }
  };
  for (const RefreshAction& action : actions) out += (out.empty() ? "" : "; ") + std::visit(Words(), action);
  return out;
}

TransferFailure failure(TransferFault fault, bool try_axfr = false) {
  return {fault, "a reason", {}, try_axfr};
}

struct Story {
  explicit Story(std::size_t primaries, RefreshSettings settings = {})
      : policy(std::vector<PrimarySettings>(primaries), settings, random) {}
  Splitmix random{3};
  RefreshPolicy policy;
  Milliseconds now = kBegin;

  std::string start() { return say(policy.start(now, {}, Milliseconds(0))); }
  std::string start(std::uint32_t serial, Seconds left = Seconds(604'800)) {
    return say(policy.start(now, copy(serial), left));
  }
  std::string soa(std::uint32_t serial, std::optional<Seconds> expire = {}) {
    return say(policy.soa_came(Serial(serial), expire, now));
  }
  std::string no_soa() { return say(policy.soa_failed(now)); }
  std::string zone(TransferMethod how = TransferMethod::axfr, std::optional<Seconds> expire = {}) {
    return say(policy.zone_came(how, expire, now));
  }
  std::string no_zone(TransferFault fault, bool try_axfr = false) {
    return say(policy.zone_failed(failure(fault, try_axfr), now));
  }
  std::string accepted(std::uint32_t serial) { return say(policy.accepted(copy(serial), now)); }
  std::string refused() { return say(policy.refused(now)); }
  std::string notified(std::optional<std::size_t> primary) { return say(policy.notified(primary, now)); }
  std::string tick() { return say(policy.tick(now)); }
  std::string sleep() {
    REQUIRE(policy.wake());
    now = std::max(now, *policy.wake());
    return tick();
  }
  /// Until the next wake, in seconds.
  Seconds nap() const { return std::chrono::duration_cast<Seconds>(*policy.wake() - now); }
  const RefreshState& state() const { return policy.state(); }
};

/// A secondary with serial 7 that has just found it confirmed.
Story idle_story(std::size_t primaries, RefreshSettings settings = {}) {
  Story story(primaries, settings);
  story.start(7);
  story.soa(7);
  return story;
}

}  // namespace

TEST_CASE("without a copy the zone is fetched at once, without a probe") {
  Story story(2);
  CHECK(story.start() == "axfr 0 newer than - promised -");
  CHECK_FALSE(story.policy.wake());
  CHECK(story.zone() == "judge");
  CHECK(story.accepted(7) == "extend");
  CHECK(story.state().phase == RefreshPhase::idle);
  CHECK(story.state().copy->serial == Serial(7));
}

TEST_CASE("with a copy the first primary is asked for its SOA at once") {
  Story story(2);
  CHECK(story.start(7) == "soa 0");
  CHECK(story.soa(7) == "extend");
  CHECK(story.state().confirmed_at == kBegin);
}

TEST_CASE("after the refresh time, or up to a tenth less, the primaries are asked again from the first on") {
  Story story = idle_story(2);
  CHECK(story.nap() <= Seconds(1800));
  CHECK(story.nap() >= Seconds(1620));
  CHECK(story.tick().empty());
  CHECK(story.sleep() == "soa 0");
}

TEST_CASE("a newer serial is fetched by IXFR, and must be as new as promised") {
  Story story(1);
  story.start(7);
  CHECK(story.soa(9) == "ixfr 0 newer than 7 promised 9");
  CHECK(story.zone(TransferMethod::ixfr) == "judge");
  CHECK(story.accepted(9) == "extend");
}

TEST_CASE("a primary that knows no IXFR is asked for the whole zone") {
  Splitmix random(1);
  RefreshPolicy policy({{.ixfr = false}}, {}, random);
  policy.start(kBegin, copy(7), Seconds(1000));
  CHECK(say(policy.soa_came(Serial(8), {}, kBegin)) == "axfr 0 newer than 7 promised 8");
}

TEST_CASE("serials are compared as RFC 1982 says: past 2^32 - 1 comes 0, and 2^31 away is not newer") {
  Story wrapped(1);
  wrapped.start(0xffffffff);
  CHECK(wrapped.soa(0) == "ixfr 0 newer than 4294967295 promised 0");
  Story undefined(1);
  undefined.start(1);
  CHECK(undefined.soa(0x80000001) == "");
  CHECK(undefined.state().failed_rounds == 1);
}

TEST_CASE(
    "when the first primary does not answer, the second is asked, and after the last comes the retry time") {
  Story story(2);
  story.start(7);
  CHECK(story.no_soa() == "soa 1");
  CHECK(story.no_soa() == "");
  CHECK(story.nap() <= Seconds(900));
  CHECK(story.nap() >= Seconds(810));
  CHECK(story.sleep() == "soa 0");
}

TEST_CASE("a primary that is older than we are is passed over") {
  Story story(2);
  story.start(7);
  CHECK(story.soa(6) == "soa 1");
  CHECK(story.soa(7) == "extend");
}

TEST_CASE("when IXFR leads to nothing, the whole zone is fetched from the same primary") {
  Story story(2);
  story.start(7);
  story.soa(9);
  CHECK(story.no_zone(TransferFault::bad_differences, true) == "axfr 0 newer than 7 promised 9");
  CHECK(story.no_zone(TransferFault::truncated) == "soa 1");
}

TEST_CASE("when a transfer fails in a way that AXFR would not mend, the next primary is asked") {
  Story story(2);
  story.start(7);
  story.soa(9);
  CHECK(story.no_zone(TransferFault::timed_out) == "soa 1");
  CHECK(story.soa(9) == "ixfr 1 newer than 7 promised 9");
}

TEST_CASE("a transfer that fails after NOTIFY is tried again after the retry time") {
  Story story = idle_story(1);
  story.now += Seconds(100);
  CHECK(story.notified(0) == "soa 0");
  story.soa(8);
  CHECK(story.no_zone(TransferFault::unreachable) == "");
  CHECK(story.nap() <= Seconds(900));
  CHECK(story.sleep() == "soa 0");
}

TEST_CASE(
    "a copy that is refused is not asked for again until the retry time or NOTIFY; other primaries are") {
  Story story(2);
  story.start(7);
  story.soa(9);
  story.zone();
  CHECK(story.refused() == "soa 1");
  story.soa(9);
  story.zone();
  CHECK(story.refused() == "");
  CHECK(story.nap() >= Seconds(810));
  CHECK(story.tick().empty());
  CHECK(story.state().copy->serial == Serial(7));

  story.now += Seconds(60);
  CHECK(story.notified(1) == "soa 1");
  CHECK(story.soa(9) == "ixfr 1 newer than 7 promised 9");
}

TEST_CASE("a copy made of differences that is refused is fetched whole once, from the same primary") {
  Story story(2);
  story.start(7);
  story.soa(9);
  story.zone(TransferMethod::ixfr);
  CHECK(story.refused() == "axfr 0 newer than 7 promised 9");
  story.zone(TransferMethod::axfr);
  CHECK(story.refused() == "soa 1");
}

TEST_CASE("NOTIFY asks the primary that sent it first, at once") {
  Story story = idle_story(3);
  story.now += Seconds(60);
  CHECK(story.notified(1) == "soa 1");
  CHECK(story.no_soa() == "soa 0");
  CHECK(story.no_soa() == "soa 2");
}

TEST_CASE("NOTIFY that comes before we know what we have waits for that") {
  Story story(2);
  CHECK(story.notified(1) == "");
  CHECK(story.tick() == "");
  CHECK_FALSE(story.policy.wake());
  CHECK(story.start(7) == "soa 0");
  CHECK(story.soa(7) == "extend");
  CHECK(story.nap() >= Seconds(1620));
}

TEST_CASE("NOTIFY from one who is no primary asks from the first on") {
  Story story = idle_story(2);
  story.now += Seconds(60);
  CHECK(story.notified({}) == "soa 0");
}

TEST_CASE("a burst of NOTIFY makes one round, and one more after it") {
  Story story = idle_story(1);
  story.now += Seconds(60);
  CHECK(story.notified(0) == "soa 0");
  for (int i = 0; i < 100; ++i) CHECK(story.notified(0) == "");
  CHECK(story.soa(7) == "extend");
  CHECK(story.nap() <= Seconds(1));
  CHECK(story.sleep() == "soa 0");
  CHECK(story.soa(7) == "extend");
  CHECK(story.nap() >= Seconds(1600));
}

TEST_CASE("NOTIFY during a transfer waits for its end, and then makes one more round") {
  Story story = idle_story(2);
  story.now += Seconds(60);
  story.notified(0);
  story.soa(8);
  CHECK(story.notified(1) == "");
  story.now += Seconds(5);
  story.zone();
  CHECK(story.notified(1) == "");
  CHECK(story.accepted(8) == "extend");
  CHECK(story.sleep() == "soa 1");
  CHECK(story.state().phase == RefreshPhase::asking_soa);
}

TEST_CASE("NOTIFY does not wait for another primary that does not answer its probe") {
  Story story = idle_story(2);
  story.sleep();  // soa 0, no answer so far
  story.now += Seconds(2);
  CHECK(story.notified(1) == "stop; soa 1");
  CHECK(story.soa(8) == "ixfr 1 newer than 7 promised 8");
}

TEST_CASE("NOTIFY twice within a second asks once, and then again when the second is over") {
  Story story = idle_story(2);
  story.now += Seconds(60);
  CHECK(story.notified(0) == "soa 0");
  story.now += Milliseconds(100);
  CHECK(story.notified(1) == "");  // too soon, though 0 has not answered yet
  CHECK(story.sleep() == "stop; soa 1");
  CHECK(story.now == kBegin + Seconds(61));
}

TEST_CASE(
    "a primary that says that its copy expires soon ends ours then, and never makes it live longer than the "
    "SOA says") {
  Story story(1);
  story.start(7, Seconds(50));
  story.soa(7, Seconds(3600));
  CHECK(story.state().expires_at == kBegin + Seconds(3600));

  story.sleep();
  story.soa(8, Seconds(100));
  story.zone(TransferMethod::axfr, Seconds(200));
  story.accepted(8);
  CHECK(story.state().expires_at == story.now + Seconds(200));  // and not what version 7 was granted

  CHECK(story.sleep() == "expire");
  CHECK(story.sleep() == "soa 0");
  story.soa(8, Seconds(999'999'999));
  CHECK(story.state().expires_at == story.now + Seconds(604'800));
}

TEST_CASE("the same serial with less to live from another primary does not shorten what was granted") {
  Story story = idle_story(1);
  story.sleep();
  story.soa(7, Seconds(10));
  CHECK(story.state().expires_at == kBegin + Seconds(604'800));
}

TEST_CASE("a copy that nobody confirms expires at its time, and is still asked about") {
  Story story(1);
  story.start(7, Seconds(1000));
  CHECK(story.no_soa() == "");
  CHECK(story.sleep() == "soa 0");
  CHECK(story.policy.wake() == kBegin + Seconds(1000));
  CHECK(story.sleep() == "expire");  // in midst of the probe
  CHECK(story.state().expired);
  CHECK(story.no_soa() == "");
  CHECK(story.sleep() == "soa 0");
}

TEST_CASE("an expired copy is good again when a primary confirms it, unless it expired there too") {
  Story story(2);
  CHECK(story.start(7, Seconds(-1)) == "expire; soa 0");
  CHECK(story.soa(7, Seconds(0)) == "soa 1");
  CHECK(story.state().expired);
  CHECK(story.soa(7) == "extend");
  CHECK_FALSE(story.state().expired);
}

TEST_CASE("after its expiry too a copy is never replaced by an older version") {
  Story story(1);
  story.start(7, Seconds(-1));
  CHECK(story.soa(6) == "");
  story.sleep();
  CHECK(story.soa(8) == "ixfr 0 newer than 7 promised 8");
}

TEST_CASE("without any copy retries come soon, and then ever later up to a bound") {
  Story story(1);
  story.start();
  Seconds last(0);
  for (int i = 0; i < 12; ++i) {
    CHECK(story.no_zone(TransferFault::unreachable) == "");
    CHECK(story.nap() >= last);
    CHECK(story.nap() <= Seconds(300));
    last = i < 7 ? story.nap() : last;
    CHECK(story.sleep() == "axfr 0 newer than - promised -");
  }
  CHECK(last >= Seconds(100));
}

TEST_CASE("what an SOA asks for is bounded") {
  Story story(1, {.refresh_least = Seconds(60), .refresh_most = Seconds(7200), .retry_least = Seconds(30)});
  story.start();
  story.zone();
  CopyFacts odd{.serial = Serial(1), .refresh = Seconds(0), .retry = Seconds(0), .expire = Seconds(0)};
  story.policy.accepted(odd, story.now);
  CHECK(story.nap() >= Seconds(54));
  CHECK(story.state().expires_at == story.now + Seconds(600));
  story.sleep();
  story.no_soa();
  CHECK(story.nap() >= Seconds(27));
  story.sleep();
  story.soa(2);
  story.zone();
  odd = {.serial = Serial(2),
         .refresh = Seconds(4'000'000'000),
         .retry = Seconds(4'000'000'000),
         .expire = Seconds(4'000'000'000)};
  story.policy.accepted(odd, story.now);
  CHECK(story.nap() <= Seconds(7200));
  CHECK(story.state().expires_at == story.now + Seconds(86'400 * 28));
}

TEST_CASE("answers that nobody waits for change nothing") {
  Story story = idle_story(1);
  CHECK(story.soa(9) == "");
  CHECK(story.no_soa() == "");
  CHECK(story.zone() == "");
  CHECK(story.accepted(9) == "");
  CHECK(story.refused() == "");
  CHECK(story.no_zone(TransferFault::truncated) == "");
  CHECK(story.state().copy->serial == Serial(7));
}

TEST_CASE("IXFR that finds us current confirms our copy") {
  Story story(1);
  story.start(7);
  story.soa(9);
  CHECK(say(story.policy.zone_is_current({}, story.now)) == "extend");
}
