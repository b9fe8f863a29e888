#include "localroot/portal/policy.h"

#include <doctest/doctest.h>

#include "localroot/portal/testing_histories.h"

namespace zw::localroot::portal {
namespace {

constexpr KeyId kKey = 7, kOthersKey = 8;
constexpr SecretId kSecret = 70, kNewSecret = 71;
const IpAddress kHere = *IpAddress::parse("192.0.2.53"), kElsewhere = *IpAddress::parse("192.0.2.54");
const Timestamp kStart{Seconds(1'800'000'000)};
const PortalRules kRules;

Timestamp day(int days) { return kStart + Seconds(86'400) * days; }
Asking from(const IpAddress& ip, KeyId key, SecretId secret, Timestamp at) {
  return {ip, 1, secret != 0, key, secret, at};
}

struct Story {
  Claim claim{kHere, kDnsPort, 1, kKey};
  TargetState state{.since = kStart};

  void fetch(const Asking& asking) { note_transfer(state, claim, asking); }
  void prove(Timestamp at = kStart) {
    fetch(from(kHere, claim.key.value_or(0), claim.key ? kSecret : 0, at));
  }
  bool told(Timestamp at = kStart) const { return may_be_told(state, at, kRules); }
};

TEST_CASE("an address is told of nothing before it has fetched the zone, signed by its key") {
  Story story;
  CHECK(story.state.phase() == Phase::unproven);
  CHECK_FALSE(story.told());
  story.fetch(from(kElsewhere, kKey, kSecret, kStart));
  story.fetch(from(kHere, kOthersKey, 80, kStart));
  story.fetch(from(kHere, 0, 0, kStart));
  Asking by_configuration = from(kHere, 0, 0, kStart);
  by_configuration.is_signed = true;
  story.fetch(by_configuration);
  Asking of_another_zone = from(kHere, kKey, kSecret, kStart);
  of_another_zone.zone = 2;
  story.fetch(of_another_zone);
  CHECK(story.state.phase() == Phase::unproven);
  note_question(story.state, story.claim, from(kHere, kKey, kSecret, kStart));
  CHECK(story.state.phase() == Phase::unproven);
  story.prove();
  CHECK(story.state.phase() == Phase::active);
  CHECK(story.told());
  CHECK(story.state.proof->secret == kSecret);
}

TEST_CASE("an unsigned transfer proves claims without a key, and a signed one does not") {
  Story story;
  story.claim.key.reset();
  story.fetch(from(kHere, kKey, kSecret, kStart));
  CHECK(story.state.phase() == Phase::unproven);
  story.prove();
  CHECK(story.state.phase() == Phase::active);
  CHECK(story.state.proof->secret == 0);
}

TEST_CASE("what was fetched before address or key were changed proves nothing") {
  Story story;
  story.prove();
  note_change(story.state, day(2));
  CHECK(story.state.phase() == Phase::unproven);
  story.prove(day(1));
  CHECK(story.state.phase() == Phase::unproven);
  story.prove(day(2));
  CHECK(story.told(day(2)));
}

TEST_CASE("who is disabled is told of nothing, and enabled again as far as silence allows") {
  Story story;
  story.prove();
  story.state.enabled = false;
  CHECK(story.state.phase() == Phase::disabled);
  CHECK_FALSE(story.told());
  story.state.enabled = true;
  CHECK(story.told(day(29)));
  CHECK_FALSE(story.told(day(31)));
}

TEST_CASE("so many versions on end without an answer pause it, and only a transfer wakes it") {
  Story story;
  story.prove();
  for (unsigned i = 1; i < kRules.most_unanswered; ++i) note_unanswered(story.state, day(1), kRules);
  CHECK(story.told(day(1)));
  note_answered(story.state, day(1));
  CHECK(story.state.unanswered == 0);
  for (unsigned i = 0; i < kRules.most_unanswered; ++i) note_unanswered(story.state, day(1), kRules);
  CHECK(story.state.phase() == Phase::paused);
  CHECK(story.state.pause == Pause::unanswered);
  note_answered(story.state, day(1));
  note_question(story.state, story.claim, from(kHere, kKey, kSecret, day(2)));
  CHECK_FALSE(story.told(day(2)));
  story.prove(day(2));
  CHECK(story.told(day(2)));
  CHECK(story.state.unanswered == 0);
}

TEST_CASE("what was told before the last transfer is not counted against it") {
  Story story;
  story.prove(day(1));
  note_unanswered(story.state, kStart, kRules);
  CHECK(story.state.unanswered == 0);
}

TEST_CASE("long silence pauses it, and a question for the SOA is no silence") {
  Story story;
  story.prove();
  note_question(story.state, story.claim, from(kHere, kKey, kSecret, day(20)));
  note_time(story.state, day(45), kRules);
  CHECK(story.told(day(45)));
  note_time(story.state, day(51), kRules);
  CHECK(story.state.phase() == Phase::paused);
  CHECK(story.state.pause == Pause::silence);
  note_question(story.state, story.claim, from(kHere, kKey, kSecret, day(52)));
  CHECK_FALSE(story.told(day(52)));
  story.prove(day(52));
  CHECK(story.told(day(52)));
}

TEST_CASE("in a rotation either secret proves, and one that ends takes its proof with it") {
  Story story;
  story.prove();
  note_end_of_secret(story.state, kNewSecret);
  CHECK(story.told());
  story.fetch(from(kHere, kKey, kNewSecret, day(1)));
  CHECK(story.state.proof->secret == kNewSecret);
  note_end_of_secret(story.state, kSecret);
  CHECK(story.told(day(1)));
  note_end_of_secret(story.state, kNewSecret);
  CHECK(story.state.phase() == Phase::unproven);
}

TEST_CASE("of several claims on a place one is told: that answers, that has a key, the oldest") {
  TargetState well, silent;
  silent.unanswered = 1;
  Claim keyed{kHere, kDnsPort, 1, kKey}, keyless{kHere, kDnsPort, 1, {}};
  CHECK(precedence(well, keyed, 9) < precedence(well, keyless, 1));
  CHECK(precedence(well, keyless, 9) < precedence(silent, keyed, 1));
  CHECK(precedence(well, keyed, 1) < precedence(well, keyed, 2));
}

TEST_CASE("labels are of people, and short") {
  CHECK(check_label("resolver 1, Zürich").value() == "resolver 1, Zürich");
  CHECK(check_label("u\xcc\x88").value() == "ü");
  CHECK(check_label(std::string(64, 'x')));
  for (std::string_view bad : {"", "   ", "two\nlines", "\x7f", "\xff", "turned \u202e around"})
    CHECK_FALSE(check_label(bad));
  CHECK_FALSE(check_label(std::string(65, 'x')));
  CHECK_FALSE(check_label(std::string(100'000, 'x')));
}

TEST_CASE("an address is one that can be told, at a port that nobody else is reached by") {
  auto allowed = [](std::string_view text, bool has_key) {
    return check_address(*Address::parse(text, kDnsPort), has_key).has_value();
  };
  CHECK(allowed("192.0.2.1", false));
  CHECK(allowed("2001:db8::1", false));
  CHECK_FALSE(allowed("192.0.2.1@5300", false));
  CHECK(allowed("192.0.2.1@5300", true));
  for (std::string_view bad :
       {"192.0.2.1@123", "192.0.2.1@0", "192.0.2.1@1023", "0.0.0.0", "::", "127.0.0.1", "::1", "224.0.0.1",
        "ff02::1", "255.255.255.255", "fe80::1", "169.254.1.1", "0.1.2.3"})
    CHECK_FALSE(allowed(bad, true));
  auto tried = [](std::uint16_t port) {
    return check_address({*IpAddress::parse("127.0.0.1"), port}, false, true).has_value();
  };
  CHECK(tried(kDnsPort));
  CHECK(tried(5300));
  CHECK_FALSE(tried(123));
}

TEST_CASE("in generated histories nobody is told who was not proven, and who was is") {
  History::Counts counts = run_policy_histories(1, 20'000, 60);
  INFO(counts.first_fault);
  CHECK(counts.wrong == 0);
  CHECK(counts.missed == 0);
  CHECK(counts.messages > 200'000);
}

}  // namespace
}  // namespace zw::localroot::portal
