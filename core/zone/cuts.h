// Which data of a zone is its own: the cuts below which other zones begin (RFC 1034 §4.2.1), and the names
// that a DNAME hides (RFC 6672 §2.4).
#pragma once

#include <optional>

#include "zone/zone.h"

namespace zw {

enum class NodeKind {
  authoritative,  // the apex too, and the owner of a DNAME
  delegation,     // has NS and is not the apex: only NS and DS speak for the zone, all else is glue
  occluded,       // below a delegation or a DNAME: glue, or data that no query finds
};

/// Tells what each node is on a walk in canonical order. A walk may begin anywhere, so that a zone can be
/// split over cores.
class ZoneCuts {
 public:
  /// `first`: where the walk begins, a place in zone.names(). The zone must outlive the walk.
  ZoneCuts(const Zone& zone, NodeTree::Cursor first);
  /// To be called for each node from the first on.
  NodeKind classify(ZoneNode node);

 private:
  std::optional<NameView> cut_;  // relative; all names below it are occluded
};

/// The next node behind `at` that is not occluded; `at` itself must not be occluded, nor the end.
NodeTree::Cursor next_visible(NodeTree::Cursor at);

}  // namespace zw
