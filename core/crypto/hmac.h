// HMAC (RFC 2104) with a key set once and used for many messages. Truncation is the business of TSIG, not of
// this file; codes are compared with constant_time_equal().
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/handles.h"
#include "crypto/secret.h"

namespace zw {

enum class HmacAlgorithm : std::uint8_t { md5, sha1, sha224, sha256, sha384, sha512 };

inline constexpr std::size_t kMaxHmacOctets = 64;

constexpr std::size_t hmac_size(HmacAlgorithm algorithm) {
  constexpr std::uint8_t kSizes[] = {16, 20, 28, 32, 48, 64};
  return kSizes[static_cast<std::size_t>(algorithm)];
}

/// Belongs to one thread at a time. The key is kept only inside libcrypto, which wipes it at the end. Moved
/// from, it can only be assigned to or destroyed.
class Hmac {
 public:
  /// `key`: any length, also none. Fails with `unsupported` if libcrypto has no such digest (MD5 under FIPS).
  static Result<Hmac> make(HmacAlgorithm algorithm, Bytes key);

  HmacAlgorithm algorithm() const { return algorithm_; }
  std::size_t size() const { return hmac_size(algorithm_); }
  void update(Bytes piece);
  /// Writes the code to the front of `out`, which holds at least size() octets; gives back the octets
  /// written. The next update() begins a new message with the same key.
  std::size_t finish(MutableBytes out);
  Buffer finish();
  /// Forgets the pieces since the last finish().
  void reset();
  /// Forgets them too, and goes on with another key. Costs no allocation.
  void set_key(Bytes key);

 private:
  Hmac(HmacAlgorithm algorithm, MacContext context);
  MacContext context_;
  HmacAlgorithm algorithm_;
};

}  // namespace zw
