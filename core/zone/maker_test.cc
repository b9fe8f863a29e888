#include "zone/maker.h"

#include <doctest/doctest.h>

#include <map>

#include "zone/check.h"
#include "zone/made_records.h"
#include "zone/punycode.h"
#include "zone/writer.h"

using namespace zw;

namespace {

constexpr std::string_view kSuffixes =
    "// a comment\n"
    "// ===BEGIN ICANN DOMAINS===\n"
    "com\n"
    "net\r\n"
    "co.uk\n"
    "uk   // with words behind\n"
    "*.ck\n"
    "!www.ck\n"
    "\n"
    "한국\n"
    "com\n"
    "de";

ZonePtr made_tld(std::uint64_t seed, std::size_t size) {
  auto zone = make_tld_zone(*Name::parse("Tld."), seed, size);
  REQUIRE(zone);
  return *zone;
}

std::string findings_in(const Zone& zone) {
  Findings findings;
  check_zone(zone, findings);
  return findings.kept().empty() ? "" : print(findings.kept()[0].owner) + " " + findings.kept()[0].what;
}

std::map<RrType, std::size_t> records_of(const Zone& zone) {
  std::map<RrType, std::size_t> out;
  zone.visit_rrsets([&](NameView, const RrSetView& set) { out[set.type()] += set.size(); });
  return out;
}

std::size_t delegations_of(const Zone& zone) {
  std::size_t count = 0;
  for (auto at = zone.names().begin(); !at.is_end(); at.next())
    count += (*at).has(RrType::NS) && !(*at).relative().is_root();
  return count;
}

}  // namespace

TEST_CASE("labels of other scripts get their ASCII form") {
  CHECK(ascii_label("example") == "example");
  CHECK(ascii_label("bücher") == "xn--bcher-kva");
  CHECK(ascii_label("한국") == "xn--3e0b707e");
  CHECK(ascii_label("الجزائر") == "xn--lgbbat1ad8j");
  CHECK(ascii_label("भारत") == "xn--h2brj9c");
  CHECK(ascii_label("рф") == "xn--p1ai");
  // RFC 3492 §7.1 (B), with simplified Chinese characters.
  CHECK(ascii_label("他们为什么不说中文") == "xn--ihqwcrb4cv8a8dqg056pqjye");
  CHECK_FALSE(ascii_label(""));
  CHECK_FALSE(ascii_label("\xff"));
  CHECK_FALSE(ascii_label("\xc0\x80"));
  CHECK_FALSE(ascii_label("\xed\xa0\x80"));
  CHECK_FALSE(ascii_label("\xe4\xbb"));
  CHECK_FALSE(ascii_label(std::string(64, 'a')));
}

TEST_CASE("a made TLD zone has the shape that it promises, and is sound") {
  ZonePtr zone = made_tld(1, 6000);
  CHECK(print(zone->origin()) == "Tld.");
  CHECK(delegations_of(*zone) == 6000);
  auto records = records_of(*zone);
  CHECK(records[RrType::NS] == 2 * 6000 + 4);
  CHECK(records[RrType::DS] > 6000 * 0.37);
  CHECK(records[RrType::DS] < 6000 * 0.43);
  CHECK(records[RrType::A] > 2 * 6000 * 0.10);
  CHECK(records[RrType::A] < 2 * 6000 * 0.14);
  CHECK(records[RrType::AAAA] > static_cast<double>(records[RrType::A]) * 0.28);
  CHECK(records[RrType::AAAA] < static_cast<double>(records[RrType::A]) * 0.42);
  CHECK(findings_in(*zone) == "");
}

TEST_CASE("a made root zone has the TLDs of the list first, and is sound") {
  ZonePtr zone = make_root_zone(1, 5, kSuffixes);
  CHECK(delegations_of(*zone) == 5);
  for (std::string_view tld : {"com.", "net.", "uk.", "de.", "xn--3e0b707e."})
    CHECK(zone->names().find(*Name::parse(tld)).exact);
  CHECK_FALSE(zone->names().find(*Name::parse("ck.")).exact);
  CHECK(findings_in(*zone) == "");

  CHECK(delegations_of(*make_root_zone(1, 3, kSuffixes)) == 3);

  ZonePtr large = make_root_zone(2, kRootSize, kSuffixes);
  CHECK(delegations_of(*large) == kRootSize);
  CHECK(large->names().find(*Name::parse("xn--3e0b707e.")).exact);
  CHECK(large->record_count() > 17000);
  CHECK(large->record_count() < 25000);
  CHECK(findings_in(*large) == "");
}

TEST_CASE("zones are the same for a seed and differ between seeds") {
  CHECK(canonical_text(*made_tld(3, 500)) == canonical_text(*made_tld(3, 500)));
  CHECK(canonical_text(*made_tld(3, 500)) != canonical_text(*made_tld(4, 500)));
  CHECK(canonical_text(*make_root_zone(3, 50, kSuffixes)) ==
        canonical_text(*make_root_zone(3, 50, kSuffixes)));
  CHECK(canonical_text(*make_root_zone(3, 50, kSuffixes)) !=
        canonical_text(*make_root_zone(4, 50, kSuffixes)));
}

TEST_CASE("zones may be as small as one likes") {
  for (std::size_t size : {0, 1, 2, 3}) {
    CHECK(delegations_of(*made_tld(9, size)) == size);
    CHECK(findings_in(*made_tld(9, size)) == "");
    CHECK(delegations_of(*make_root_zone(9, size, "")) == size);
    CHECK(findings_in(*make_root_zone(9, size, "")) == "");
  }
}

TEST_CASE("a TLD zone may be made of example.com itself, but not of the root or a very long name") {
  for (std::string_view origin : {"com.", "example.com.", "test.", "example."}) {
    auto zone = make_tld_zone(*Name::parse(origin), 1, 100);
    REQUIRE(zone);
    CHECK(findings_in(**zone) == "");
  }
  CHECK_FALSE(make_tld_zone({}, 1, 100));
  Name longest;
  while (auto longer = Name::prepend(as_bytes("label"), longest)) longest = *longer;
  CHECK_FALSE(make_tld_zone(longest, 1, 100));
}

TEST_CASE("made changes fit their zone and leave a sound one, a third of each kind") {
  for (ZonePtr zone : {made_tld(5, 3000), make_root_zone(5, 300, kSuffixes)}) {
    Changeset changes = make_changes(*zone, 7, 90);
    CHECK(changes.from == zone->serial());
    CHECK(changes.to == zone->serial().next());
    auto next = apply(*zone, changes);
    REQUIRE_MESSAGE(next, next.error().what);
    CHECK(findings_in(**next) == "");
    std::size_t come = 0, gone = 0, other = 0;
    auto x = zone->names().begin(), y = (*next)->names().begin();
    auto is_delegation = [](ZoneNode node) { return node.has(RrType::NS) && !node.relative().is_root(); };
    while (!x.is_end() || !y.is_end()) {
      auto order = x.is_end()   ? std::strong_ordering::greater
                   : y.is_end() ? std::strong_ordering::less
                                : (*x).relative() <=> (*y).relative();
      if (order < 0) gone += is_delegation(*x);
      if (order > 0) come += is_delegation(*y);
      if (order == 0 && is_delegation(*x))
        other += !(*x == *y) && (*x).rrset_count() + 1 > 0 && [&] {
          for (RrType type : {RrType::NS, RrType::DS}) {
            auto a = (*x).find(type), b = (*y).find(type);
            if (a.has_value() != b.has_value()) return true;
            if (a && !std::equal(a->rdatas().begin(), a->rdatas().end(), b->rdatas().begin(), same_bytes))
              return true;
          }
          return false;
        }();
      if (order <= 0) x.next();
      if (order >= 0) y.next();
    }
    CHECK(come == 30);
    CHECK(gone == 30);
    CHECK(other == 30);
    Changeset again = make_changes(*zone, 7, 90);
    CHECK(canonical_text(**apply(*zone, again)) == canonical_text(**next));
    CHECK(canonical_text(**apply(*zone, make_changes(*zone, 8, 90))) != canonical_text(**next));
  }
}

TEST_CASE("changes to a very small zone are as many as there can be") {
  ZonePtr zone = made_tld(5, 2);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Changeset changes = make_changes(*zone, seed, 30);
    auto next = apply(*zone, changes);
    REQUIRE(next);
    CHECK(findings_in(**next) == "");
    CHECK(delegations_of(**next) >= 10);
  }
}
