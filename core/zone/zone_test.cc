#include "zone/zone.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "zone/builder.h"

using namespace zw;

namespace {

Name name(std::string_view text) { return *Name::parse(text); }

Buffer soa_rdata(std::uint32_t serial) {
  Buffer out;
  append(out, name("ns.example.").wire());
  append(out, name("host.example.").wire());
  for (std::uint32_t n : {serial, 1u, 2u, 3u, 4u}) append32(out, n);
  return out;
}

// A random label of few letters, so that names meet; sometimes with octets that need care in the order.
std::string random_label(Random& random) {
  std::string label;
  for (std::uint64_t i = 0, n = 1 + random.below(5); i < n; ++i) {
    static constexpr char kOctets[] = {'a', 'B', 'b', '-', 'z', '\0', '\1', '\2', '\xff'};
    label.push_back(kOctets[random.below(random.below(4) ? 5 : sizeof kOctets)]);
  }
  return label;
}

Name random_name(Random& random, NameView origin) {
  Name out = origin;
  for (std::uint64_t i = 0, n = random.below(4); i < n; ++i)
    out = *Name::prepend(as_bytes(random_label(random)), out);
  return out;
}

}  // namespace

TEST_CASE("the prefix of the order key never contradicts canonical order") {
  Splitmix random(1);
  for (int i = 0; i < 20000; ++i) {
    Name a = random_name(random, {}), b = random_name(random, {});
    auto x = order_prefix(a), y = order_prefix(b);
    if (x < y) CHECK(a < b);
    if (x > y) CHECK(a > b);
  }
}

TEST_CASE("names that are added in any order are found, and what is not there has its place") {
  Splitmix random(2);
  Name origin = name("example.");
  for (int round = 0; round < 20; ++round) {
    ZoneBuilder builder(origin);
    std::set<Name> expected;
    builder.add(origin, RrType::SOA, 300, soa_rdata(7));
    expected.insert(origin);
    for (std::uint64_t i = 0, n = random.below(600); i < n; ++i) {
      Name owner = random_name(random, origin);
      std::uint8_t address[4] = {192, 0, 2, static_cast<std::uint8_t>(random.below(256))};
      CHECK(builder.add(owner, RrType::A, 60, address) == ZoneBuilder::Added::yes);
      expected.insert(owner);
    }
    Findings findings;
    auto zone = builder.build(findings);
    REQUIRE(zone);
    const NodeTree& names = (*zone)->names();
    CHECK(names.node_count() == expected.size());
    auto cursor = names.begin();
    for (const Name& owner : expected) {
      CHECK((*zone)->owner(*cursor) == owner);
      cursor.next();
    }
    CHECK(cursor.is_end());
    for (int i = 0; i < 300; ++i) {
      Name wanted = random_name(random, origin);
      auto found = names.find(*(*zone)->relative(wanted));
      auto place = expected.lower_bound(wanted);
      CHECK(found.exact == expected.contains(wanted));
      CHECK(found.at.is_end() == (place == expected.end()));
      if (place != expected.end()) CHECK((*zone)->owner(*found.at) == *place);
    }
  }
}

TEST_CASE("many names with one prefix are searched, not walked, and found") {
  ZoneBuilder builder(name("example."));
  builder.add(name("example."), RrType::SOA, 300, soa_rdata(1));
  std::uint8_t address[4] = {192, 0, 2, 1};
  for (int i = 0; i < 3000; ++i)
    builder.add(name("host" + std::to_string(i) + ".customers.example."), RrType::A, 60, address);
  Findings findings;
  auto zone = builder.build(findings);
  REQUIRE(zone);
  for (int i = 0; i < 3000; ++i)
    CHECK((*zone)->names().find(name("host" + std::to_string(i) + ".customers.")).exact);
  CHECK_FALSE((*zone)->names().find(name("customers.")).exact);
  CHECK_FALSE((*zone)->names().find(name("host9x.customers.")).exact);
}

TEST_CASE("a record outside the zone or of a meta type is left out") {
  ZoneBuilder builder(name("example."));
  std::uint8_t address[4] = {};
  CHECK(builder.add(name("example.org."), RrType::A, 1, address) == ZoneBuilder::Added::out_of_zone);
  CHECK(builder.add(name("."), RrType::A, 1, address) == ZoneBuilder::Added::out_of_zone);
  CHECK(builder.add(name("a.example."), RrType::ANY, 1, address) == ZoneBuilder::Added::meta_type);
  CHECK(builder.record_count() == 0);
}

TEST_CASE("duplicates become one record and several TTLs the lowest, and both are told") {
  ZoneBuilder builder(name("example."));
  builder.add(name("example."), RrType::SOA, 300, soa_rdata(9));
  builder.add(name("example."), RrType::NS, 300, name("NS.example.").wire());
  builder.add(name("example."), RrType::NS, 60, name("ns.example.").wire());
  builder.add(name("EXAMPLE."), RrType::NS, 300, name("a.example.").wire());
  Findings findings;
  auto zone = builder.build(findings);
  REQUIRE(zone);
  auto ns = (*zone)->apex().find(RrType::NS);
  REQUIRE(ns);
  CHECK(ns->size() == 2);
  CHECK(ns->ttl() == 60);
  CHECK(findings.warnings() == 2);
  CHECK((*zone)->serial() == Serial(9));
  CHECK((*zone)->record_count() == 3);
}

TEST_CASE("a zone needs one SOA") {
  Findings findings;
  ZoneBuilder builder(name("example."));
  CHECK_FALSE(builder.build(findings));
  builder.add(name("a.example."), RrType::SOA, 300, soa_rdata(9));
  CHECK_FALSE(builder.build(findings));
  builder.add(name("example."), RrType::SOA, 300, soa_rdata(9));
  builder.add(name("example."), RrType::SOA, 300, soa_rdata(10));
  CHECK_FALSE(builder.build(findings));
}

TEST_CASE("NSEC3 records stand apart, and the canonical walk still meets them in order") {
  ZoneBuilder builder(name("example."));
  builder.add(name("example."), RrType::SOA, 300, soa_rdata(1));
  std::uint8_t address[4] = {192, 0, 2, 1};
  Buffer nsec3 = {1, 0, 0, 0, 0, 1, 'x'};
  Buffer rrsig = {0, 50, 8, 2};
  builder.add(name("b.example."), RrType::A, 60, address);
  builder.add(name("b.example."), RrType::NSEC3, 60, nsec3);
  builder.add(name("a.example."), RrType::NSEC3, 60, nsec3);
  builder.add(name("a.example."), RrType::RRSIG, 60, rrsig);
  builder.add(name("c.example."), RrType::A, 60, address);
  Findings findings;
  auto zone = builder.build(findings);
  REQUIRE(zone);
  CHECK((*zone)->names().node_count() == 3);
  CHECK((*zone)->nsec3().node_count() == 2);
  std::string seen;
  (*zone)->visit_rrsets([&](NameView relative, RrSetView set) {
    seen += print((*zone)->owner(relative)) + " " + print(set.type()) + "\n";
  });
  CHECK(seen ==
        "example. SOA\na.example. RRSIG\na.example. NSEC3\nb.example. A\nb.example. NSEC3\nc.example. A\n");
}
