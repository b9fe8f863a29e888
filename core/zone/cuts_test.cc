#include "zone/cuts.h"

#include <doctest/doctest.h>

#include "dns/rdata.h"
#include "zone/builder.h"

using namespace zw;

namespace {

struct Expected {
  const char* owner;
  RrType type;
  const char* rdata;
  NodeKind kind;
};

ZonePtr build(std::span<const Expected> records) {
  Name origin = *Name::parse("example.");
  ZoneBuilder builder(origin);
  for (const Expected& r : records)
    builder.add(*Name::join(*Name::parse(r.owner), origin), r.type, 1, *parse_rdata(r.type, r.rdata, origin));
  Findings findings;
  return *builder.build(findings);
}

void check(std::span<const Expected> records) {
  ZonePtr zone = build(records);
  // From each place of the tree on, the walk says the same.
  for (auto first = zone->names().begin(); !first.is_end(); first.next()) {
    ZoneCuts cuts(*zone, first);
    for (auto at = first; !at.is_end(); at.next()) {
      NodeKind kind = cuts.classify(*at);
      for (const Expected& r : records)
        if (*Name::parse(r.owner) == Name((*at).relative())) CHECK_MESSAGE(kind == r.kind, r.owner);
    }
  }
  // next_visible() goes where the walk sees no occluded name.
  ZoneCuts cuts(*zone, zone->names().begin());
  auto visible = zone->names().begin();
  for (auto at = zone->names().begin(); !at.is_end(); at.next()) {
    if (cuts.classify(*at) == NodeKind::occluded) continue;
    CHECK(visible == at);
    visible = next_visible(at);
  }
  CHECK(visible.is_end());
}

}  // namespace

TEST_CASE("what stands below a delegation or a DNAME is occluded, wherever the walk begins") {
  using enum NodeKind;
  static constexpr Expected kRecords[] = {
      {".", RrType::SOA, ". . 1 1 1 1 1", authoritative},
      {"a.cut.", RrType::A, "192.0.2.1", occluded},
      {"b.a.cut.", RrType::A, "192.0.2.1", occluded},
      {"cut.", RrType::NS, "a.cut", delegation},
      {"deeper.cut.", RrType::NS, "a.cut", occluded},
      {"x.deeper.cut.", RrType::A, "192.0.2.1", occluded},
      {"cutter.", RrType::A, "192.0.2.1", authoritative},
      {"moved.", RrType::DNAME, "elsewhere.", authoritative},
      {"lost.moved.", RrType::NS, "elsewhere.", occluded},
      {"z.lost.moved.", RrType::NS, "elsewhere.", occluded},
      {"plain.", RrType::A, "192.0.2.1", authoritative},
      {"last.up.down.", RrType::NS, "elsewhere.", delegation},
      {"glue.last.up.down.", RrType::A, "192.0.2.1", occluded},
  };
  check(kRecords);
}

TEST_CASE("a DNAME at the apex hides the whole zone below it") {
  using enum NodeKind;
  static constexpr Expected kRecords[] = {
      {".", RrType::SOA, ". . 1 1 1 1 1", authoritative},
      {".", RrType::DNAME, "elsewhere.", authoritative},
      {"a.", RrType::A, "192.0.2.1", occluded},
      {"b.a.", RrType::NS, "elsewhere.", occluded},
  };
  check(kRecords);
}
