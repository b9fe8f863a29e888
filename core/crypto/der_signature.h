// ECDSA signatures as X.509, CMS and WebAuthn write them (ECDSA-Sig-Value, RFC 3279 §2.2.3), for a Verifier,
// which takes r || s.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace zw {

/// r || s, each in `field` octets, of SEQUENCE { INTEGER r, INTEGER s } in DER; nothing if `der` is not
/// exactly that, or if a number is negative, zero, or longer.
std::optional<Buffer> raw_signature(Bytes der, std::size_t field);

}  // namespace zw
