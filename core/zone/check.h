// Checks what a zone means, as far as it can be told from the zone alone and without DNSSEC: CNAME and DNAME
// rules, delegations and their glue, types that belong to the apex, targets that lead nowhere. The rules are
// in rules.h. What stands twice and mixed TTLs the ZoneBuilder tells when the zone is made.
#pragma once

#include "zone/finding.h"
#include "zone/zone.h"

namespace zw {

/// Adds what it finds, in canonical order of owners; goes through the whole zone whatever it finds.
void check_zone(const Zone& zone, Findings& findings);

}  // namespace zw
