// The rules that zones are checked against, in one table: what findings are named after, and what the manual
// prints.
#pragma once

#include <span>
#include <string_view>

#include "zone/finding.h"

namespace zw {

struct Rule {
  std::string_view name;  // kebab-case; it never changes once published
  Severity severity;
  std::string_view rfc;   // "RFC 1034 section 3.6.2"
  std::string_view what;  // a sentence that says what is wrong, and why it matters where that is not plain
};

/// The rules of this room: those of check_zone() and those of ZoneBuilder. By name.
std::span<const Rule> zone_rules();

/// One of zone_rules(); a name that is not there is a mistake of ours.
const Rule& zone_rule(std::string_view name);

}  // namespace zw
