// What the bit map of a name's NSEC or NSEC3 record must say.
#pragma once

#include <string_view>
#include <vector>

#include "dnssec/type_bitmap.h"
#include "zone/cuts.h"
#include "zone/finding.h"

namespace zw {

/// The types for which the zone answers at `node`, ascending, with RRSIG where anything is signed (RFC 4034
/// §4.1.2, RFC 4035 §2.3, RFC 5155 §7.1). `kind` is not occluded. NSEC is left out: its own record adds it.
void list_types(ZoneNode node, NodeKind kind, std::vector<RrType>& types);

/// Adds `type` in its place, once.
void insert_type(std::vector<RrType>& types, RrType type);

/// Compares a bit map of the apex or of another name with what it must be. A ZONEMD bit without the record
/// has a rule of its own: somebody took the digest away (RFC 8976 §4).
void check_bitmap(std::string_view rule, ZoneNode node, NameView owner, RrType type, TypeBitmap map,
                  std::vector<RrType>& expected, Findings& findings);

}  // namespace zw
