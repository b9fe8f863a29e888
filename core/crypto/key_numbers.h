// The numbers inside a private key, and BIND's text form of them; for the sources of this room only.
#pragma once

#include <string_view>

#include "base/result.h"
#include "crypto/dnssec_algorithm.h"
#include "crypto/handles.h"
#include "crypto/secret.h"

namespace zw {

/// The number `name` (as in openssl/core_names.h) of `key`, big-endian, in at least `octets` octets; empty if
/// it has none.
SecretBuffer key_number(const evp_pkey_st* key, const char* name, std::size_t octets = 0);

struct BindKey {
  DnssecAlgorithm algorithm;
  KeyHandle key;  // null if libcrypto refuses the numbers
};

Result<BindKey> parse_bind_key(std::string_view text);
SecretBuffer print_bind_key(DnssecAlgorithm algorithm, const evp_pkey_st* key);

}  // namespace zw
