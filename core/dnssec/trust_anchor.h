// Trust anchors: the keys that a validator believes before it has asked anybody (RFC 4033 §2), and the files
// that they are kept in.
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

struct TrustAnchor {
  Name owner;    // the apex of the zone
  RrType type;   // DS or DNSKEY
  Buffer rdata;  // well formed for the type
  bool operator==(const TrustAnchor&) const = default;
};

/// The text of an anchor file, in one of three forms that are told apart by what they begin with:
///  - DS and DNSKEY records as in a zone file, TTL and class as one likes (Debian's root.key, Unbound);
///  - the same as Unbound keeps it by RFC 5011, with ";;state=" behind each key: only keys that are valid or
///    missing are believed;
///  - the statements trust-anchors, managed-keys and trusted-keys of BIND.
/// `file` is the name for messages. Fails with `malformed`, and `file:line` in the words, for anything else,
/// and for a file without anchors.
Result<std::vector<TrustAnchor>> parse_trust_anchors(std::string_view text, std::string_view file);

}  // namespace zw
