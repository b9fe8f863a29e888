// The difference between two versions of a zone, as IXFR tells it (RFC 1995): what is removed and what is
// added, each with the SOA of its version first. An RRset that gets another TTL is removed and added.
//
// A record is known by owner, type and RDATA; letter case does not matter where it does not matter in
// canonical form (RFC 4034 §6.2), so a change of case alone is no change.
#pragma once

#include "base/result.h"
#include "base/serial.h"
#include "zone/record_list.h"
#include "zone/zone.h"

namespace zw {

struct Changeset {
  explicit Changeset(NameView zone_origin = {}, RrClass zone_class = RrClass::IN)
      : origin(zone_origin), rr_class(zone_class) {}

  Name origin;
  RrClass rr_class;
  Serial from, to;
  RecordList removed, added;  // owners relative to the origin

  /// Notes a record with an absolute owner; false if that is not at or below the origin.
  bool remove(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
    return note(removed, origin, owner, type, ttl, rdata);
  }
  bool add(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
    return note(added, origin, owner, type, ttl, rdata);
  }
  /// Call it after the last record, unless they came in the order of RecordList::sort().
  void sort() {
    removed.sort();
    added.sort();
  }
  /// True if nothing but the SOA changes.
  bool is_only_soa() const { return removed.size() == 1 && added.size() == 1; }

 private:
  static bool note(RecordList& list, NameView origin, NameView owner, RrType type, std::uint32_t ttl,
                   Bytes rdata);
};

/// What turns `a` into `b`, sorted. The SOAs are there even if they are the same. Pages that the two share
/// are not looked into. Fails with `conflict` if they are not the same zone.
Result<Changeset> diff(const Zone& a, const Zone& b);

/// The way back: what was added is removed.
Changeset reversed(const Changeset& changes);

/// One difference in place of two (RFC 1995 §4, "condensed"): what `first` and then `second` do, without what
/// they undo. Both are sorted, as is the result. Fails with `conflict` if `second` does not go on where
/// `first` ends.
Result<Changeset> condense(const Changeset& first, const Changeset& second);

enum class Strictness {
  exact,           // what is removed must be there, what is added must not
  exact_removals,  // what is added and there already is passed over; the result is the same
  lenient,         // what does not fit is passed over
};

/// The version of `zone` after `changes` (sorted). Costs as much as what it touches and the table of pages;
/// `zone` shares all other memory with the result. The TTL of a removed record is not compared; an RRset
/// that keeps some records takes the lowest TTL of old and new ones (RFC 2181 §5.2).
/// Fails with `conflict`, naming owner and type, if the changes do not fit `zone`: another origin, class or
/// serial, a record to remove that is not there, one to add that is; and with `malformed` if the result
/// would not have exactly one SOA with the serial `changes.to`, or if a record is of a meta type.
Result<ZonePtr> apply(const Zone& zone, const Changeset& changes, Strictness strictness = Strictness::exact);

}  // namespace zw
