// Where a name and a type lead in one zone: the matching part of RFC 1034 §4.3.2, with wildcards (RFC 4592),
// DNAME (RFC 6672) and the rule for DS (RFC 4035 §3.1.4.1). Pure: nothing is written, nothing allocated.
//
// The walk goes down from the apex, one search of the tree for each label, and ends at the first zone cut,
// DNAME or missing name: one search for most queries to a TLD or the root. Names below a cut, glue among
// them, are thereby never found, whatever the tree holds.
#pragma once

#include <optional>

#include "zone/zone.h"

namespace zw {

enum class Outcome : std::uint8_t {
  answer,    // `node` has the type; for ANY and RRSIG: has something of it
  cname,     // `node` has a CNAME and not the type
  dname,     // `node` has a DNAME and the name lies below it
  referral,  // `node` is the zone cut at or above the name
  nodata,    // the name is there and the type is not; without `node` the name is an empty non-terminal
  nxdomain,  // the name is not there, and no wildcard stands in for it
};

/// Names are relative and look into the name that was looked up; nodes and cursors into the zone.
struct Lookup {
  Outcome outcome;
  /// The name is not there and a wildcard stands in for it: `node` is the wildcard's.
  bool by_wildcard = false;
  std::optional<ZoneNode> node;

  /// The longest ancestor that exists (RFC 4592 §3.3.1) and the name one label longer, when the name itself
  /// is not there: for nxdomain and by_wildcard. For an empty non-terminal both are the name.
  NameView closest_encloser, next_closer;
  /// The first node behind the place of the name, when no node is the name's own. For a referral: behind the
  /// cut.
  std::optional<NodeTree::Cursor> place;
  /// The same for the wildcard of the closest encloser: for nxdomain, and when the wildcard is itself an
  /// empty non-terminal.
  std::optional<NodeTree::Cursor> wildcard_place;
};

/// `relative`: at or below the apex, without the origin.
Lookup look_up(const NodeTree& names, NameView relative, RrType type);

/// The topmost zone cut or DNAME above `relative`, or the cut at it: what hides it from lookups. Absent if
/// nothing does. With `at_name` false a cut at the name itself does not count.
std::optional<ZoneNode> find_cut(const NodeTree& names, NameView relative);

}  // namespace zw
