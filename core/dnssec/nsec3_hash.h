// Names as NSEC3 hashes them (RFC 5155 §5) and the owner names made of the hashes.
#pragma once

#include <array>

#include "dnssec/records.h"

namespace zw {

/// SHA-1, the only algorithm that the registry has.
using Nsec3Hash = std::array<std::uint8_t, 20>;

/// The hash of `name` (whole, any letter case). `parameters.algorithm` is kNsec3Sha1: whoever calls has
/// looked, and has bounded the iterations.
Nsec3Hash nsec3_hash(NameView name, const Nsec3Parameters& parameters);

/// The relative owner name of an NSEC3 record: the hash in base 32 as one label (RFC 5155 §3.3).
Name nsec3_label(const Nsec3Hash& hash);

/// The way back; absent if `relative` is not one label of base 32 for 20 octets, in any letter case.
std::optional<Nsec3Hash> parse_nsec3_label(NameView relative);

}  // namespace zw
