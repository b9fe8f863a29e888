// Secrets that have to be kept and used again, such as those of one-time passwords: sealed with a key that is
// kept elsewhere, so that who reads the store alone has nothing (XChaCha20-Poly1305).
#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace zw {

inline constexpr std::size_t kSealKeyOctets = 32;

/// `key`: 32 octets. `context`: what it belongs to, such as `totp account 17`; it opens under no other.
Buffer seal(Bytes key, Bytes secret, std::string_view context, Random& random);
/// Fails with `malformed`: damaged, of another context, or of another key.
Result<SecretBuffer> unseal(Bytes key, Bytes sealed, std::string_view context);

}  // namespace zw
