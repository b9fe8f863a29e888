// Digests: SHA-1 and the SHA-2 family (FIPS 180-4), in pieces or in one go.
//
// A Digester belongs to one thread at a time. The one-shot functions keep a context for each thread, so they
// cost no allocation and may be called from any thread. A libcrypto without one of these digests is an
// installation that cannot do DNSSEC at all: that stops the program (ZW_ASSERT) rather than being an Error.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "crypto/handles.h"

namespace zw {

enum class DigestAlgorithm : std::uint8_t { sha1, sha224, sha256, sha384, sha512 };

inline constexpr std::size_t kMaxDigestOctets = 64;

constexpr std::size_t digest_size(DigestAlgorithm algorithm) {
  constexpr std::uint8_t kSizes[] = {20, 28, 32, 48, 64};
  return kSizes[static_cast<std::size_t>(algorithm)];
}

/// A finished digest: up to 64 octets, held in place.
class Digest {
 public:
  explicit Digest(DigestAlgorithm algorithm) : size_(static_cast<std::uint8_t>(digest_size(algorithm))) {}
  Bytes bytes() const { return {octets_.data(), size_}; }
  MutableBytes bytes() { return {octets_.data(), size_}; }
  std::size_t size() const { return size_; }
  friend bool operator==(const Digest& a, const Digest& b) { return same_bytes(a.bytes(), b.bytes()); }

 private:
  std::uint8_t size_;
  std::array<std::uint8_t, kMaxDigestOctets> octets_{};
};

/// Digests any number of messages, one after another; a message may come in pieces. Moved from, it can only
/// be assigned to or destroyed.
class Digester {
 public:
  explicit Digester(DigestAlgorithm algorithm);

  DigestAlgorithm algorithm() const { return algorithm_; }
  void update(Bytes piece);
  /// Writes the digest to the front of `out`, which holds at least digest_size() octets; gives back the
  /// octets written. The next update() begins a new message.
  std::size_t finish(MutableBytes out);
  Digest finish();
  /// Forgets the pieces since the last finish().
  void reset();

 private:
  DigestContext context_;
  DigestAlgorithm algorithm_;
};

Digest digest(DigestAlgorithm algorithm, Bytes message);
/// Of the pieces joined in their order.
Digest digest(DigestAlgorithm algorithm, std::span<const Bytes> pieces);

/// The iterated, salted hash of NSEC3 (RFC 5155 §5):
/// IH(0) = SHA-1(input || salt), IH(k) = SHA-1(IH(k - 1) || salt), and the result is IH(iterations).
/// `salt`: at most 255 octets. Whoever calls bounds `iterations` (RFC 9276 §3.2).
void sha1_iterated(Bytes input, Bytes salt, std::uint16_t iterations, std::span<std::uint8_t, 20> out);

}  // namespace zw
