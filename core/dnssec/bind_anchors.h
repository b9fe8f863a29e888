// Trust anchors as BIND's configuration has them; for trust_anchor.cc only.
#pragma once

#include "dnssec/trust_anchor.h"

namespace zw {

/// Whether `text`, behind its comments, begins with one of the statements.
bool has_bind_anchors(std::string_view text);

/// `trust-anchors { . initial-key 257 3 8 "…"; . static-ds 20326 8 2 "…"; };` and the older managed-keys and
/// trusted-keys, as often as one likes, with the three kinds of comment.
Result<std::vector<TrustAnchor>> parse_bind_anchors(std::string_view text, std::string_view file);

}  // namespace zw
