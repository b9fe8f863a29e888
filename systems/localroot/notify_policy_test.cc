#include "localroot/notify_policy.h"

#include <doctest/doctest.h>

#include <map>

#include "localroot/root_archive.h"
#include "zone/reader.h"

using namespace zw;
using namespace zw::localroot;

namespace {

constexpr Seconds kDay{86'400};
const WallTime kBegin = *parse_time("2026-08-01T00:00:00Z");

Buffer soa(std::uint32_t serial, std::uint32_t minimum = 300) {
  Buffer out = {0, 0};
  for (std::uint32_t n : {serial, 1800u, 900u, 604'800u, minimum}) append32(out, n);
  return out;
}

Changeset signed_anew() {
  Changeset changes;
  Buffer rdata(20, 7);
  changes.remove(Name(), RrType::SOA, 60, soa(1));
  changes.add(Name(), RrType::SOA, 60, soa(2));
  for (RrType type : {RrType::RRSIG, RrType::ZONEMD, RrType::NSEC}) {
    changes.remove(Name(), type, 60, rdata);
    changes.add(Name(), type, 60, rdata);
  }
  changes.sort();
  return changes;
}

// How often a group is told when versions come every `pause`; `changes`: by number.
int told(NotifyPolicy policy, int versions, Seconds pause, const std::map<int, VersionChange>& changes,
         Seconds life = 13 * kDay) {
  NotifyGroup group(policy);
  int out = 0;
  for (int i = 0; i < versions; ++i) {
    auto change = changes.find(i);
    out += group.is_told(change == changes.end() ? VersionChange{} : change->second,
                         {kBegin + i * pause, life}, kBegin + i * pause);
  }
  return out;
}

}  // namespace

TEST_CASE("what comes with signing is no change of data") {
  CHECK_FALSE(change_of(signed_anew()).data);
  CHECK_FALSE(change_of(signed_anew()).security);
  for (RrType type : {RrType::NS, RrType::A, RrType::TXT}) {
    Changeset changes = signed_anew();
    changes.add(*Name::parse("a."), type, 60, Buffer(4));
    CHECK(change_of(changes).data);
    CHECK_FALSE(change_of(changes).security);
  }
  for (RrType type : {RrType::DS, RrType::DNSKEY, RrType::CDS, RrType::CDNSKEY}) {
    Changeset changes = signed_anew();
    changes.remove(*Name::parse("a."), type, 60, Buffer(4));
    CHECK(change_of(changes).data);
    CHECK(change_of(changes).security);
  }
}

TEST_CASE("an SOA that changes beside its serial is a change of data") {
  Changeset changes;
  changes.remove(Name(), RrType::SOA, 60, soa(1));
  changes.add(Name(), RrType::SOA, 60, soa(2, 600));
  CHECK(change_of(changes).data);
  Changeset slower;
  slower.remove(Name(), RrType::SOA, 60, soa(1));
  slower.add(Name(), RrType::SOA, 61, soa(2));
  CHECK(change_of(slower).data);
}

TEST_CASE("each policy has its own rhythm") {
  std::map<int, VersionChange> changes = {{3, {true, false}}, {4, {true, true}}, {20, {true, false}}};
  // Twice a day for 20 days.
  CHECK(told(NotifyPolicy::always, 40, kDay / 2, changes) == 40);
  CHECK(told(NotifyPolicy::change, 40, kDay / 2, changes) == 4);
  // A third of 13 days less 12 hours is 3 d 20 h: each fourth day.
  CHECK(told(NotifyPolicy::deadline, 40, kDay / 2, changes) == 5);
  // The first, 3, 4, each fourth day from there (12, 20 by change), 28, 36.
  CHECK(told(NotifyPolicy::change_or_deadline, 40, kDay / 2, changes) == 7);
  CHECK(told(NotifyPolicy::security, 40, kDay / 2, changes) == 6);
}

TEST_CASE("a version that was withheld is told at the deadline, and its own signatures set the next one") {
  auto day = [](double days) { return kBegin + Seconds(static_cast<std::int64_t>(days * 86'400)); };
  auto span = [&](double days) { return SignatureSpan{day(days), 12 * kDay}; };
  NotifyGroup group(NotifyPolicy::deadline);
  CHECK(group.is_told({}, span(0), day(0)));
  CHECK_FALSE(group.due());
  CHECK_FALSE(group.is_told({}, span(1), day(1)));
  CHECK(group.due() == day(4));
  group.tell(span(1));  // at day 4, since no other came
  CHECK_FALSE(group.due());
  CHECK_FALSE(group.is_told({}, span(4.4), day(4.4)));
  CHECK(group.due() == day(5));
  CHECK(group.is_told({}, span(4.6), day(4.6)));

  NotifyGroup patient(NotifyPolicy::change);
  patient.is_told({}, span(0), day(0));
  CHECK_FALSE(patient.is_told({}, span(100), day(100)));
  CHECK_FALSE(patient.due());
}

TEST_CASE("the span of signatures is that over the SOA") {
  auto reading = read_zone(
      "example. 300 SOA ns host 1 1 1 1 1\nexample. 300 RRSIG SOA 13 1 300 20260814000000 20260801000000 1 "
      "example. AAAA\n",
      "z");
  REQUIRE(reading.zone);
  SignatureSpan span = signature_span(*reading.zone, kBegin);
  CHECK(span.inception == kBegin);
  CHECK(span.life == 13 * kDay);
  CHECK(signature_span(*read_zone("example. 300 SOA ns host 1 1 1 1 1\n", "z").zone, kBegin).life ==
        Seconds(0));
}

TEST_CASE("without signatures there is no life, and each version is told") {
  CHECK(told(NotifyPolicy::deadline, 5, kDay, {}, Seconds(0)) == 5);
}

TEST_CASE("three years of the root, by policy") {
  std::string path = testing::RootArchive::find(ZW_SOURCE_DIR);
  if (path.empty()) return;
  struct Version {
    VersionChange change;
    SignatureSpan span;
  };
  std::vector<Version> versions;
  testing::RootArchive::read(path, [&](const Changeset& changes, const SignatureSpan& span) {
    versions.push_back({change_of(changes), span});
  });
  REQUIRE(versions.size() == 2'576);
  auto told = [&](NotifyPolicy policy) {
    NotifyGroup group(policy);
    int out = -1;  // the first version is where the count begins
    for (const auto& version : versions)
      out += group.is_told(version.change, version.span, version.span.inception);
    return out;
  };
  CHECK(told(NotifyPolicy::always) == 2'575);
  CHECK(told(NotifyPolicy::change) == 567);
  CHECK(told(NotifyPolicy::deadline) == doctest::Approx(256).epsilon(0.03));
  CHECK(told(NotifyPolicy::change_or_deadline) == doctest::Approx(638).epsilon(0.03));
  MESSAGE("always ", told(NotifyPolicy::always), ", change ", told(NotifyPolicy::change), ", deadline ",
          told(NotifyPolicy::deadline), ", change or deadline ", told(NotifyPolicy::change_or_deadline),
          ", security ", told(NotifyPolicy::security));
}
