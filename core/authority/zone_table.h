// The zones that a server answers for. A ZoneTable never changes after it is made: a new version of a zone
// makes a new table, which shares the snapshots of the others. Any number of threads may read one; what
// find() gives lives as long as the table.
#pragma once

#include <bitset>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "dnssec/records.h"
#include "zone/zone.h"

namespace zw {

/// How a zone proves that something is not there. NSEC if the apex has one; else NSEC3 if the apex has an
/// NSEC3PARAM with algorithm 1 and no flags (RFC 5155 §4.1.2).
enum class Denial : std::uint8_t { none, nsec, nsec3 };

/// One zone as it is served, with what each answer needs to know of it.
class ServedZone {
 public:
  /// `expires`: when the copy of a secondary ends, for the EXPIRE option (RFC 7314); absent on a primary.
  explicit ServedZone(ZonePtr zone, std::optional<WallTime> expires = {});
  /// A zone that is configured but cannot be answered for now: not here yet, or expired (RFC 1035 §3.3.13).
  enum class Absence : std::uint8_t { not_ready, expired };
  ServedZone(NameView origin, Absence why, RrClass rr_class = RrClass::IN)
      : origin_(origin), class_(rr_class), absence_(why) {}

  NameView origin() const { return origin_; }
  RrClass rr_class() const { return class_; }
  /// Why there is no zone(); absent when there is one.
  std::optional<Absence> absence() const { return absence_; }
  const Zone& zone() const { return *zone_; }
  const ZonePtr& zone_pointer() const { return zone_; }
  std::optional<WallTime> expires() const { return expires_; }
  /// How much longer the zone is good, for EXPIRE in an answer (RFC 7314 §3). There is a zone().
  Seconds lifetime(WallTime now) const;

  Denial denial() const { return denial_; }
  /// Look into the zone; for denial() nsec3.
  const Nsec3Parameters& nsec3_parameters() const { return nsec3_; }
  /// The place in zone().nsec3() of the hash of a name (relative to the origin); for denial() nsec3. The
  /// apex and the wildcard below it, which most proofs name, are hashed once for all.
  NodeTree::Search nsec3_place(NameView relative) const;
  /// Most seconds that a negative answer and its proof may be kept (RFC 2308 §5, RFC 9077 §3).
  std::uint32_t negative_ttl() const { return negative_ttl_; }

 private:
  NodeTree::Search find_nsec3(NameView relative) const;

  Name origin_;
  RrClass class_;
  std::optional<Absence> absence_;
  Denial denial_ = Denial::none;
  std::uint32_t negative_ttl_ = 0;
  Nsec3Parameters nsec3_;
  std::optional<NodeTree::Search> apex_place_, wildcard_place_;  // for denial() nsec3
  ZonePtr zone_;
  std::optional<WallTime> expires_;
};

class ZoneTable {
 public:
  ZoneTable() = default;
  /// Origins differ from one another.
  explicit ZoneTable(std::vector<ServedZone> zones);

  /// The zone with the longest origin at or above `name`; null if there is none.
  const ServedZone* find(NameView name) const;
  /// The zone of this origin; null if it is not served.
  const ServedZone* find_origin(NameView origin) const;
  std::span<const ServedZone> zones() const { return zones_; }

 private:
  std::vector<ServedZone> zones_;
  std::vector<std::uint32_t>
      slots_;  // place in zones_ + 1, by hash of the origin; a power of two, half empty
  std::bitset<kMaxLabels + 1> label_counts_;
  std::size_t most_labels_ = 0;
};

}  // namespace zw
