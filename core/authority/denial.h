// Which NSEC or NSEC3 records prove what a lookup found: that a name or a type is not there, that a wildcard
// was rightly used, that a delegation has no DS (RFC 4035 §3.1.3, RFC 5155 §7.2).
#pragma once

#include <array>
#include <optional>

#include "authority/lookup.h"
#include "authority/zone_table.h"

namespace zw {

/// Nodes, each once, in the order in which they were added.
class NodeSet {
 public:
  /// More than any response needs: three for the last name of a chain, and one for each wildcard on the way.
  static constexpr std::size_t kMost = 32;
  /// False if it is in already.
  bool add(ZoneNode node);
  std::size_t size() const { return count_; }
  ZoneNode operator[](std::size_t i) const { return *nodes_[i]; }
  void clear() { count_ = 0; }

 private:
  std::array<std::optional<ZoneNode>, kMost> nodes_;
  std::size_t count_ = 0;
};

/// Adds to `proof` the nodes whose NSEC or NSEC3 RRset proves what `found`, the lookup of `relative` and
/// `type` in this zone, has to be proven with; nothing for a zone without denial(). Where the zone lacks a
/// record of its chain, it is left out. False if an NSEC3 record matches a name that is not there: nothing
/// can be proven then (RFC 5155 §7.2.9).
[[nodiscard]] bool prove(const ServedZone& served, NameView relative, const Lookup& found, NodeSet& proof);

}  // namespace zw
