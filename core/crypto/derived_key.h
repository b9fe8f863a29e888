// Keys for many uses from one that is kept (HKDF-Expand with SHA-256, RFC 5869 §2.3, one block), so that a
// code made for one use says nothing about another, and can never be taken for one.
#pragma once

#include <string_view>

#include "crypto/secret.h"

namespace zw {

inline constexpr std::size_t kDerivedKeyOctets = 32;

/// kDerivedKeyOctets octets. `key`: at least 32 octets, drawn by chance, so that nothing has to be extracted
/// first (RFC 5869 §3.3). `use`: a label of ours; another one gives another key.
SecretBuffer derive_key(Bytes key, std::string_view use);

}  // namespace zw
