// The nonces of deterministic ECDSA (RFC 6979 §3.2), for curves whose order is as long as the digest: P-256
// with SHA-256, P-384 with SHA-384. For the sources of this room only.
#pragma once

#include "crypto/digest.h"
#include "crypto/secret.h"

namespace zw {

/// Of one private key. Safe for many threads.
class DeterministicNonce {
 public:
  /// `algorithm`: sha256 or sha384. `order` of the curve and `private_key`: big-endian, as long as a digest.
  DeterministicNonce(DigestAlgorithm algorithm, Bytes order, Bytes private_key);

  /// The nonce for a message with this digest: from 1 to order - 1, big-endian, as long as `digest`.
  void make(Bytes digest, MutableBytes nonce) const;

 private:
  DigestAlgorithm algorithm_;
  Buffer order_;
  SecretBuffer private_key_;
};

}  // namespace zw
