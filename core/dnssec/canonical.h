// The octets that DNSSEC signs and digests: the canonical form of RRsets (RFC 4034 §6.2, RFC 6840 §5.1) and
// the data under a signature (RFC 4034 §3.1.8.1).
#pragma once

#include "dnssec/records.h"
#include "zone/zone.h"

namespace zw {

/// Labels as the Labels field of an RRSIG counts them: without the root and without a leftmost `*`
/// (RFC 4034 §3.1.3).
inline std::size_t signed_label_count(NameView owner) {
  return owner.label_count() - (owner.is_wildcard() ? 1 : 0);
}

/// Appends `set` in canonical form, record by record in canonical order, each with `ttl`.
/// `owner`: the whole name, in lower case.
void append_canonical_rrset(Buffer& out, NameView owner, RrClass rr_class, std::uint32_t ttl, RrSetView set);

/// Appends what `signature` is made over: its own RDATA without the signature field, then `set` with the
/// original TTL. If the Labels field is less than the labels of `owner`, the wildcard it came from takes
/// the owner's place; if it is more, no signature can be right: false, and `out` stays as it was.
/// `owner`: the whole name, in lower case.
bool append_signed_data(Buffer& out, NameView owner, RrClass rr_class, RrSetView set, RrsigView signature);

}  // namespace zw
