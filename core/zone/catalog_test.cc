#include "zone/catalog.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "zone/random_zone.h"
#include "zone/reader.h"

using namespace zw;

namespace {

Name name(std::string_view text) { return *Name::parse(text); }

ZonePtr zone_of(std::string_view records, RrClass rr_class = RrClass::IN) {
  std::string text(rr_class == RrClass::IN ? "@ 0 IN SOA" : "@ 0 CH SOA");
  text += " invalid. invalid. 7 3600 600 2147483646 0\n@ 0 NS invalid.\n";
  ReaderOptions options;
  options.origin = name("catalog.invalid.");
  options.rr_class = rr_class;
  auto reading = read_zone(text + std::string(records), "z", options);
  REQUIRE(reading.zone);
  return reading.zone;
}

constexpr std::string_view kVersion = "version 0 TXT 2\n";

/// The rules that are broken, in the order in which they are found.
std::vector<std::string> faults_of(std::string_view records, std::size_t most_members = 100) {
  Findings findings;
  auto catalog = read_catalog(*zone_of(records), most_members, findings);
  CHECK(catalog.has_value() == (findings.errors() == 0));
  std::vector<std::string> out;
  for (const Finding& finding : findings.kept()) {
    CHECK(finding.owner.view().is_at_or_below(name("catalog.invalid.")));
    out.emplace_back(finding.rule);
  }
  return out;
}
using Faults = std::vector<std::string>;

Catalog read(const Zone& zone) {
  Findings findings;
  auto catalog = read_catalog(zone, 1000, findings);
  for (const Finding& finding : findings.kept()) MESSAGE(finding.what);
  REQUIRE(catalog);
  return *catalog;
}
Catalog read(std::string_view records) {
  return read(*zone_of(std::string(kVersion) + std::string(records)));
}

CatalogMember member(std::string_view zone, std::string id, std::vector<std::string> groups = {}) {
  return {name(zone), std::move(id), std::move(groups), {}};
}

}  // namespace

TEST_CASE("a catalog is read with groups, moves and whatever else is left aside") {
  Catalog catalog = read(R"(
U1.Zones 0 PTR Example.com.
group.u1.zones 0 TXT "b"
group.u1.zones 0 TXT "a" " and more"
GROUP.u1.zones 0 TXT "b"
coo.u1.zones 0 PTR other.invalid.
serial.u1.zones 0 A 127.0.0.1
mine.ext.u1.zones 0 TXT "x"
group.mine.ext 0 TXT "y"
u2.zones 0 PTR a.
u2.zones 0 A 127.0.0.1
u3.zones 0 TXT "no member"
group.u3.zones 0 TXT "of nobody"
group.u4.zones 0 TXT "of nobody"
u5.elsewhere 0 PTR not.listed.
)");
  CHECK(catalog.origin == name("catalog.invalid."));
  CHECK(catalog.serial == Serial(7));
  REQUIRE(catalog.members.size() == 2);
  CHECK(catalog.members[0] == member("a.", "u2"));
  CHECK(catalog.members[1].zone == name("example.com."));
  CHECK(catalog.members[1].id == "u1");
  CHECK(catalog.members[1].groups == std::vector<std::string>{"a and more", "b"});
  CHECK(catalog.members[1].moves_to == name("other.invalid."));
  CHECK(catalog.find(name("EXAMPLE.com.")) == &catalog.members[1]);
  CHECK(catalog.find(name("b.")) == nullptr);
}

TEST_CASE("a catalog without members is one, and has none") { CHECK(read("").members.empty()); }

TEST_CASE("without exactly one version, which is 2, it is no catalog") {
  CHECK(faults_of("") == Faults{"catalog-version-missing"});
  CHECK(faults_of("version 0 PTR a.\n") == Faults{"catalog-version-missing"});
  CHECK(faults_of("version 0 TXT 2\nversion 0 TXT 3\n") == Faults{"catalog-version-several"});
  CHECK(faults_of("version 0 TXT 1\n") == Faults{"catalog-version-unknown"});
  CHECK(faults_of("version 0 TXT \"\"\n") == Faults{"catalog-version-unknown"});
  CHECK(faults_of("version 0 TXT 2 2\n") == Faults{"catalog-version-unknown"});
  CHECK(faults_of("version 0 TXT \"2\" \"\"\n").empty());
  CHECK(faults_of("VERSION 0 TXT 2\n").empty());
}

TEST_CASE("a node names one zone, and a zone has one node") {
  std::string version(kVersion);
  CHECK(faults_of(version + "u1.zones 0 PTR a.\nu1.zones 0 PTR b.\n") == Faults{"catalog-member-several"});
  CHECK(faults_of(version + "u1.zones 0 PTR a.\nu2.zones 0 PTR A.\n") == Faults{"catalog-member-twice"});
  CHECK(faults_of(version + "u1.zones 0 PTR a.\nu2.zones 0 PTR a.b.\n").empty());
}

TEST_CASE("a member moves to one catalog") {
  CHECK(faults_of(std::string(kVersion) +
                  "u1.zones 0 PTR a.\ncoo.u1.zones 0 PTR b.\ncoo.u1.zones 0 PTR c.\n") ==
        Faults{"catalog-coo-several"});
}

TEST_CASE("RDATA that is no name is told, and stops nothing") {
  ZoneBuilder builder(name("catalog.invalid."));
  zone_of(kVersion)->visit_rrsets([&](NameView relative, const RrSetView& set) {
    for (Bytes rdata : set.rdatas())
      builder.add(*Name::join(relative, name("catalog.invalid.")), set.type(), 0, rdata);
  });
  Buffer broken{1, 'a'};
  builder.add(name("u1.zones.catalog.invalid."), RrType::PTR, 0, broken);
  builder.add(name("u2.zones.catalog.invalid."), RrType::PTR, 0, name("b.").wire());
  builder.add(name("coo.u2.zones.catalog.invalid."), RrType::PTR, 0, broken);
  Findings building, findings;
  CHECK_FALSE(read_catalog(**builder.build(building), 100, findings));
  REQUIRE(findings.kept().size() == 2);
  CHECK(findings.kept()[0].rule == "catalog-member-malformed");
  CHECK(findings.kept()[1].rule == "catalog-coo-malformed");
}

TEST_CASE("a catalog of another class is refused") {
  Findings findings;
  CHECK_FALSE(read_catalog(*zone_of(kVersion, RrClass::CH), 100, findings));
  CHECK(findings.kept().front().rule == "catalog-class");
}

TEST_CASE("members and their groups are bounded") {
  std::string text(kVersion);
  for (int i = 0; i < 20; ++i) text += fmt::format("u{0}.zones 0 PTR z{0}.\n", i);
  CHECK(faults_of(text, 20).empty());
  CHECK(faults_of(text, 19) == Faults{"catalog-too-many-members"});
  for (std::size_t i = 0; i <= kMostCatalogGroups; ++i) text += fmt::format("group.u1.zones 0 TXT g{}\n", i);
  CHECK(faults_of(text, 20) == Faults{"catalog-too-many-groups"});
}

TEST_CASE("all faults are told at once, with the record at fault") {
  Findings findings;
  read_catalog(*zone_of("u1.zones 0 PTR a.\nu2.zones 0 PTR a.\nu3.zones 0 PTR c.\nu3.zones 0 PTR d.\n"), 9,
               findings);
  REQUIRE(findings.kept().size() == 3);
  CHECK(findings.kept()[0].owner == name("version.catalog.invalid."));
  CHECK(findings.kept()[1].owner == name("u3.zones.catalog.invalid."));
  CHECK(findings.kept()[2].owner == name("u2.zones.catalog.invalid."));
  CHECK(findings.kept()[2].type == RrType::PTR);
  CHECK(findings.kept()[2].what ==
        "a. is a member by u1 already: remove one of the two (RFC 9432 section 4.2)");
}

TEST_CASE("a catalog that is written has one NS, a SOA of its own, and the version") {
  auto zone = make_catalog_zone(name("c."), Serial(5), {});
  REQUIRE(zone);
  CHECK((*zone)->record_count() == 3);
  CHECK((*zone)->serial() == Serial(5));
  CHECK(canonical_text(**zone).find(" NS invalid.") != std::string::npos);
}

TEST_CASE("an id is a label that depends on the zone and its generation alone") {
  CHECK(catalog_id(name("example.com.")) == catalog_id(name("EXAMPLE.com.")));
  CHECK(catalog_id(name("example.com.")) != catalog_id(name("example.net.")));
  CHECK(catalog_id(name("example.com."), "2") != catalog_id(name("example.com.")));
  CHECK(catalog_id(name(".")).size() == 26);
}

TEST_CASE("a catalog whose name leaves no room is not written") {
  std::string longest;
  for (int i = 0; i < 4; ++i) longest += std::string(i < 3 ? 62 : 50, 'a') + ".";
  auto zone = make_catalog_zone(name(longest), Serial(1), std::vector{member("a.", catalog_id(name("a.")))});
  REQUIRE_FALSE(zone);
  CHECK(zone.error().kind == ErrorKind::limit);
  CHECK_FALSE(
      make_catalog_zone(name("c."), Serial(1), std::vector{member("a.", "u", {std::string(256, 'g')})}));
}

TEST_CASE("the difference of two catalogs says what is new, gone, to be reset or otherwise another") {
  Catalog before{
      name("c."), Serial(1), {member("a.", "1"), member("b.", "2"), member("d.", "3"), member("e.", "4")}};
  Catalog after{name("c."),
                Serial(2),
                {member("a.", "1"), member("b.", "5"), member("c.", "6"), member("e.", "4", {"g"})}};
  CatalogDifference difference = compare_catalogs(before, after);
  auto zones = [](const std::vector<const CatalogMember*>& members) {
    std::string out;
    for (const CatalogMember* one : members) out += print(one->zone);
    return out;
  };
  CHECK(zones(difference.added) == "c.");
  CHECK(zones(difference.removed) == "d.");
  CHECK(zones(difference.reset) == "b.");
  CHECK(zones(difference.changed) == "e.");
  CHECK(compare_catalogs(before, before).is_empty());
}

TEST_CASE("whatever members come and go, what is written is what is read") {
  Splitmix random(9432);
  std::map<Name, CatalogMember> members;
  Catalog before{name("catalog.invalid."), Serial(0), {}};
  for (std::uint32_t step = 1; step < 300; ++step) {
    Name zone = name(fmt::format("z{}.{}", random.below(30), random.below(2) ? "example." : ""));
    auto at = members.find(zone);
    if (at != members.end() && random.below(3) == 0) {
      members.erase(at);
    } else {
      CatalogMember& one = members[zone];
      one.zone = zone;
      one.id = random.below(3) ? catalog_id(zone) : fmt::format("n{}", step);
      one.groups.clear();
      for (std::uint64_t left = random.below(4); left > 0; --left)
        one.groups.push_back(fmt::format("g{}", 4 - left));
      one.moves_to = random.below(4) ? std::nullopt : std::optional(name("other."));
    }
    std::vector<CatalogMember> wanted;
    for (const auto& [key, value] : members) wanted.push_back(value);
    auto zone_made = make_catalog_zone(before.origin, Serial(step), wanted);
    REQUIRE(zone_made);
    Catalog after = read(**zone_made);
    CHECK(after.members == wanted);
    // What the difference says leads from one to the other.
    CatalogDifference difference = compare_catalogs(before, after);
    std::map<Name, CatalogMember> built;
    for (const CatalogMember& one : before.members) built[one.zone] = one;
    for (const CatalogMember* one : difference.removed) built.erase(one->zone);
    for (const auto* list : {&difference.added, &difference.reset, &difference.changed})
      for (const CatalogMember* one : *list) built[one->zone] = *one;
    CHECK(built == members);
    before = std::move(after);
  }
}

TEST_CASE("any zone at all gives a catalog or an error") {
  Splitmix random(5);
  for (int i = 0; i < 200; ++i) {
    zw::testing::RandomZone zone(random, name("c."));
    zone.change(30);
    Findings findings;
    bool is_catalog = read_catalog(*zone.build(), 10, findings).has_value();
    CHECK(is_catalog == (findings.errors() == 0));
  }
}
