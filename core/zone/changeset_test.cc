#include "zone/changeset.h"

#include <doctest/doctest.h>

#include <set>

#include "zone/random_zone.h"
#include "zone/writer.h"

using namespace zw;
using zw::testing::RandomZone;
using zw::testing::text;

namespace {

Name name(std::string_view text) { return *Name::parse(text); }

// What tells the records of two models apart, made without diff().
Changeset difference(const RandomZone& a, const RandomZone& b) {
  using Record = std::tuple<Name, RrType, std::uint32_t, Buffer>;
  auto records = [](const RandomZone& zone) {
    std::map<Record, Buffer> out;  // by canonical form
    zone.visit([&](const Name& owner, RrType type, std::uint32_t ttl, const Buffer& rdata) {
      Buffer canonical;
      append_canonical_rdata(canonical, type, rdata);
      out.emplace(Record{owner, type, ttl, canonical}, rdata);
    });
    return out;
  };
  auto x = records(a), y = records(b);
  Changeset changes(a.origin());
  changes.from = Serial(a.serial());
  changes.to = Serial(b.serial());
  auto take = [](const auto& from, const auto& without, auto note) {
    for (const auto& [record, rdata] : from)
      if (const auto& [owner, type, ttl, canonical] = record;
          !without.contains(record) || type == RrType::SOA)
        CHECK(note(owner, type, ttl, rdata));
  };
  take(x, y, [&](auto&&... record) { return changes.remove(record...); });
  take(y, x, [&](auto&&... record) { return changes.add(record...); });
  changes.sort();
  return changes;
}

// What every tree promises: order, and pages neither too large nor lonely and tiny.
void check_tree(const NodeTree& tree) {
  NodeTree again(tree.pages());
  CHECK(again.totals().nodes == tree.totals().nodes);
  CHECK(again.totals().rrsets == tree.totals().rrsets);
  CHECK(again.totals().records == tree.totals().records);
  CHECK(again.totals().octets == tree.totals().octets);
  for (const PagePtr& page : tree.pages()) {
    CHECK(page->node_count() > 0);
    CHECK(page->node_count() <= kPageNodes);
    CHECK((page->node_count() == 1 || page->heap_octets() <= 2 * kPageOctets));
  }
  for (auto at = tree.begin(); !at.is_end();) {
    NameView before = (*at).relative();
    CHECK(tree.find(before).exact);
    CHECK((*at).rrset_count() > 0);
    at.next();
    if (!at.is_end()) CHECK(before < (*at).relative());
  }
}

ZonePtr zone_of(
    std::initializer_list<std::tuple<std::string_view, RrType, std::uint32_t, std::string_view>> records,
    std::uint32_t serial = 1) {
  ZoneBuilder builder(name("example."));
  std::string soa = "ns.example. host.example. " + std::to_string(serial) + " 4 3 8 5";
  builder.add(name("example."), RrType::SOA, 300, *parse_rdata(RrType::SOA, soa));
  for (const auto& [owner, type, ttl, rdata] : records)
    builder.add(*Name::parse(owner, name("example.")), type, ttl, *parse_rdata(type, rdata));
  Findings findings;
  return *builder.build(findings);
}

constexpr std::string_view kSoa1 = "example. 300 IN SOA ns.example. host.example. 1 4 3 8 5\n";
constexpr std::string_view kSoa2 = "example. 300 IN SOA ns.example. host.example. 2 4 3 8 5\n";

Changeset from_1_to_2() {
  ZonePtr one = zone_of({}, 1), two = zone_of({}, 2);
  return *diff(*one, *two);
}

}  // namespace

TEST_CASE("a changeset names what goes and what comes, each with its SOA first") {
  ZonePtr a = zone_of({{"example.", RrType::A, 60, "192.0.2.1"}, {"gone", RrType::A, 60, "192.0.2.2"}}, 1);
  ZonePtr b = zone_of({{"example.", RrType::A, 60, "192.0.2.9"}, {"new", RrType::A, 60, "192.0.2.3"}}, 2);
  auto changes = diff(*a, *b);
  REQUIRE(changes);
  CHECK(changes->from == Serial(1));
  CHECK(changes->to == Serial(2));
  CHECK(text(*changes) == "- " + std::string(kSoa1) +
                              "- example. 60 IN A 192.0.2.1\n"
                              "- gone.example. 60 IN A 192.0.2.2\n"
                              "+ " +
                              std::string(kSoa2) +
                              "+ example. 60 IN A 192.0.2.9\n"
                              "+ new.example. 60 IN A 192.0.2.3\n");
  CHECK_FALSE(changes->is_only_soa());
}

TEST_CASE("another TTL removes and adds the whole RRset; another letter case is no change") {
  ZonePtr a = zone_of({{"w", RrType::A, 60, "192.0.2.1"},
                       {"w", RrType::A, 60, "192.0.2.2"},
                       {"n", RrType::NS, 60, "NS.example."}});
  ZonePtr b = zone_of({{"W", RrType::A, 70, "192.0.2.1"},
                       {"W", RrType::A, 70, "192.0.2.2"},
                       {"N", RrType::NS, 60, "ns.EXAMPLE."}});
  auto changes = diff(*a, *b);
  REQUIRE(changes);
  CHECK(changes->removed.size() == 3);
  CHECK(changes->added.size() == 3);
  auto back = apply(*a, *changes);
  REQUIRE(back);
  CHECK(canonical_text(**back) == canonical_text(*b));
}

TEST_CASE("between two zones there is no difference to tell") {
  ZonePtr a = zone_of({});
  ZoneBuilder builder(name("example.org."));
  builder.add(name("example.org."), RrType::SOA, 300, *parse_rdata(RrType::SOA, ". . 1 2 3 4 5"));
  Findings findings;
  auto changes = diff(*a, **builder.build(findings));
  REQUIRE_FALSE(changes);
  CHECK(changes.error().kind == ErrorKind::conflict);
  CHECK(changes.error().what ==
        "example. of class IN and example.org. of class IN are not two versions of one zone");
}

TEST_CASE("changes applied to a zone give what building it anew gives, and diff finds those changes") {
  Splitmix random(20260731);
  for (int round = 0; round < 30; ++round) {
    RandomZone model(random, round % 5 ? name("example.") : Name());
    model.change(random.below(round % 3 ? 10000 : 30));
    ZonePtr zone = model.build();
    for (std::uint32_t step = 2; step < 12; ++step) {
      RandomZone before = model;
      model.set_serial(step);
      model.change(random.below(random.below(3) ? 10 : 400));
      if (random.below(4) == 0) model.remove_run(1 + random.below(800));
      ZonePtr expected = model.build();
      Changeset changes = difference(before, model);
      auto next = apply(*zone, changes);
      REQUIRE_MESSAGE(next, next.error().what);
      std::string anew = canonical_text(*expected);
      CHECK(canonical_text(**next) == anew);
      check_tree((*next)->names());
      check_tree((*next)->nsec3());
      auto found = diff(*zone, *expected);
      REQUIRE(found);
      CHECK(text(*found) == text(changes));
      auto found_in_shared = diff(*zone, **next);
      REQUIRE(found_in_shared);
      CHECK(text(*found_in_shared) == text(changes));
      zone = *next;
    }
  }
}

TEST_CASE("a change shares the pages that it does not touch") {
  Splitmix random(5);
  RandomZone model(random, name("example."));
  model.change(20000);
  ZonePtr zone = model.build();
  Changeset changes(zone->origin());
  changes.from = Serial(1);
  changes.to = Serial(1);
  std::uint8_t address[4] = {192, 0, 2, 1};
  changes.add(name("just.one.example."), RrType::A, 60, address);
  auto next = apply(*zone, changes);
  REQUIRE(next);
  std::set<const Page*> old;
  for (const PagePtr& page : zone->names().pages()) old.insert(page.get());
  REQUIRE(old.size() > 10);
  std::size_t fresh = 0;
  for (const PagePtr& page : (*next)->names().pages()) fresh += !old.contains(page.get());
  CHECK(fresh <= 2);
}

TEST_CASE("pages that lose most of their nodes are joined") {
  ZoneBuilder builder(name("example."));
  builder.add(name("example."), RrType::SOA, 300, *parse_rdata(RrType::SOA, "a. b. 1 4 3 8 5"));
  std::uint8_t address[4] = {192, 0, 2, 1};
  Changeset changes(name("example."));
  changes.from = changes.to = Serial(1);
  for (int i = 0; i < 6400; ++i) {
    Name owner = name("host" + std::to_string(100000 + i) + ".example.");
    builder.add(owner, RrType::A, 60, address);
    if (i % 50) changes.remove(owner, RrType::A, 60, address);
  }
  Findings findings;
  auto zone = builder.build(findings);
  auto next = apply(**zone, changes);
  REQUIRE(next);
  CHECK((*next)->node_count() == 129);
  CHECK((*next)->names().pages().size() <= 129 / 16 + 1);
  check_tree((*next)->names());
}

TEST_CASE("what does not fit is refused with owner and type, or passed over when asked for") {
  ZonePtr zone = zone_of({{"www", RrType::A, 60, "192.0.2.1"}});
  auto with = [&](auto note, std::string_view expected) {
    Changeset changes = from_1_to_2();
    note(changes);
    changes.sort();
    auto next = apply(*zone, changes);
    REQUIRE_FALSE(next);
    CHECK(next.error().kind == ErrorKind::conflict);
    CHECK(next.error().what == expected);
    auto lenient = apply(*zone, changes, Strictness::lenient);
    REQUIRE(lenient);
    CHECK(canonical_text(**lenient) == std::string(kSoa2) + "www.example. 60 IN A 192.0.2.1\n");
  };
  std::uint8_t one[4] = {192, 0, 2, 1}, two[4] = {192, 0, 2, 2};
  with([&](Changeset& c) { c.remove(name("www.example."), RrType::A, 60, two); },
       "zone example.: cannot remove A of www.example.: the record is not there");
  with([&](Changeset& c) { c.remove(name("x.example."), RrType::A, 60, two); },
       "zone example.: cannot remove A of x.example.: the record is not there");
  with([&](Changeset& c) { c.remove(name("www.example."), RrType::TXT, 60, *parse_rdata(RrType::TXT, "a")); },
       "zone example.: cannot remove TXT of www.example.: the record is not there");
  with([&](Changeset& c) { c.add(name("www.example."), RrType::A, 60, one); },
       "zone example.: cannot add A of www.example.: the record is there already");
}

TEST_CASE("where only removals must be exact, a record may be added again or twice") {
  ZonePtr zone = zone_of({{"www", RrType::A, 60, "192.0.2.1"}});
  std::uint8_t one[4] = {192, 0, 2, 1}, two[4] = {192, 0, 2, 2};
  Changeset added = from_1_to_2(), removed = from_1_to_2();
  for (int i = 0; i < 2; ++i) {
    added.add(name("www.example."), RrType::A, 60, one);
    added.add(name("www.example."), RrType::A, 60, two);
  }
  added.sort();
  auto next = apply(*zone, added, Strictness::exact_removals);
  REQUIRE(next);
  CHECK(canonical_text(**next) ==
        std::string(kSoa2) + "www.example. 60 IN A 192.0.2.1\nwww.example. 60 IN A 192.0.2.2\n");
  removed.remove(name("www.example."), RrType::A, 60, two);
  CHECK_FALSE(apply(*zone, removed, Strictness::exact_removals));
}

TEST_CASE("a record that is removed twice or added twice is refused") {
  ZonePtr zone = zone_of({{"www", RrType::A, 60, "192.0.2.1"}});
  std::uint8_t one[4] = {192, 0, 2, 1}, two[4] = {192, 0, 2, 2};
  Changeset removed = from_1_to_2(), added = from_1_to_2();
  for (int i = 0; i < 2; ++i) {
    removed.remove(name("www.example."), RrType::A, 60, one);
    added.add(name("www.example."), RrType::A, 60, two);
  }
  CHECK_FALSE(apply(*zone, removed));
  CHECK_FALSE(apply(*zone, added));
}

TEST_CASE("a record may be removed and added again, as for a new TTL or letter case") {
  ZonePtr zone = zone_of({{"www", RrType::NS, 60, "a.example."}});
  Changeset changes = from_1_to_2();
  changes.remove(name("www.example."), RrType::NS, 60, *parse_rdata(RrType::NS, "A.example."));
  changes.add(name("www.example."), RrType::NS, 90, *parse_rdata(RrType::NS, "A.example."));
  changes.sort();
  auto next = apply(*zone, changes);
  REQUIRE(next);
  ZoneNode node = *(*next)->names().find(name("www.")).at;
  CHECK(node.find(RrType::NS)->ttl() == 90);
  CHECK(print_rdata(RrType::NS, node.find(RrType::NS)->rdatas().front()) == "A.example.");
}

TEST_CASE("an RRset that keeps records takes the lowest TTL of old and new ones") {
  ZonePtr zone = zone_of({{"www", RrType::A, 60, "192.0.2.1"}});
  std::uint8_t two[4] = {192, 0, 2, 2};
  for (std::uint32_t ttl : {30u, 90u}) {
    Changeset changes = from_1_to_2();
    changes.add(name("www.example."), RrType::A, ttl, two);
    auto next = apply(*zone, changes);
    REQUIRE(next);
    ZoneNode node = *(*next)->names().find(name("www.")).at;
    CHECK(node.find(RrType::A)->ttl() == std::min(ttl, 60u));
    CHECK(node.find(RrType::A)->size() == 2);
  }
}

TEST_CASE("changes from another serial, for another zone, or without a good SOA are refused") {
  ZonePtr zone = zone_of({}, 1);
  Changeset changes = from_1_to_2();
  changes.from = Serial(7);
  auto next = apply(*zone, changes);
  REQUIRE_FALSE(next);
  CHECK(next.error().what == "zone example.: the changes are from serial 7, but it has 1");

  changes = from_1_to_2();
  changes.to = Serial(3);
  next = apply(*zone, changes);
  REQUIRE_FALSE(next);
  CHECK(next.error().what == "zone example.: the changes lead to serial 2, expected 3");

  changes = from_1_to_2();
  changes.origin = name("example.org.");
  next = apply(*zone, changes);
  REQUIRE_FALSE(next);
  CHECK(next.error().kind == ErrorKind::conflict);

  changes = from_1_to_2();
  changes.added = {};
  next = apply(*zone, changes);
  REQUIRE_FALSE(next);
  CHECK(next.error().what == "zone example.: the changes leave 0 SOA records at the apex, expected one");

  changes = from_1_to_2();
  changes.add(name("a.example."), RrType::ANY, 5, {});
  next = apply(*zone, changes);
  REQUIRE_FALSE(next);
  CHECK(next.error().kind == ErrorKind::malformed);
}

TEST_CASE("an owner outside the zone is not noted") {
  Changeset changes(name("example."));
  CHECK_FALSE(changes.add(name("example.org."), RrType::A, 5, {}));
  CHECK_FALSE(changes.remove(name("."), RrType::A, 5, {}));
  CHECK(changes.added.is_empty());
}
