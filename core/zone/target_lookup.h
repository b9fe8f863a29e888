// What stands in a zone at the name that an NS, MX or SRV points to; for the checks of this room.
#pragma once

#include "zone/zone.h"

namespace zw {

/// At most one of `has_address` and `is_alias` is true.
struct Target {
  bool has_address = false;   // A or AAAA, perhaps as glue or by a wildcard
  bool is_alias = false;      // a CNAME, perhaps by a wildcard, or below a DNAME
  bool is_below_cut = false;  // at or below a delegation: whatever is here is glue
};

/// `relative`: the name that is pointed to, without the origin.
Target look_up_target(const Zone& zone, NameView relative);

/// Labels of letters, digits and inner hyphens (RFC 952, RFC 1123 §2.1); the root is no host name.
bool is_hostname(NameView name);
/// A name such as 192.0.2.1. or 192.0.2.1.example. or 2001:db8::1.example.: somebody wrote an address where
/// a name belongs.
bool looks_like_address(NameView name);

}  // namespace zw
