// Public keys of DNSSEC as they stand in DNSKEY records, and the verifying of signatures with them: RSA
// (RFC 3110, RFC 5702), ECDSA (RFC 6605), EdDSA (RFC 8080).
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/dnssec_algorithm.h"
#include "crypto/handles.h"

namespace zw {

/// A key that was checked. Never changes; copies share it; safe for many threads.
class PublicKey {
 public:
  /// `key`: the public key field of a DNSKEY (RFC 4034 §2.1.4). Fails with `malformed` if it breaks the
  /// format of its algorithm (lengths, leading zeros, moduli outside 512 … 4096 bits, even numbers, points
  /// off the curve) and with `unsupported` if the algorithm, or this size of it, cannot be computed here, or
  /// if an RSA exponent has more than 64 bits, which would make verifying slow.
  static Result<PublicKey> make(DnssecAlgorithm algorithm, Bytes key);

  DnssecAlgorithm algorithm() const { return algorithm_; }
  /// The public key field, as handed in.
  Bytes octets() const { return *octets_; }
  /// Of the modulus, or of the curve's field.
  unsigned bits() const;
  /// The one length in octets that a signature by this key has.
  std::size_t signature_size() const { return signature_size_; }

  friend bool operator==(const PublicKey& a, const PublicKey& b) {
    return a.algorithm_ == b.algorithm_ && same_bytes(a.octets(), b.octets());
  }

 private:
  friend class Verifier;
  PublicKey(DnssecAlgorithm algorithm, Bytes octets, std::shared_ptr<evp_pkey_st> key);
  DnssecAlgorithm algorithm_;
  std::size_t signature_size_;
  std::shared_ptr<const Buffer> octets_;
  std::shared_ptr<evp_pkey_st> key_;
};

/// Verifies with one key, with everything prepared that can be. Belongs to one thread at a time: make one for
/// each thread; they may share the PublicKey. Moved from, it can only be assigned to or destroyed.
class Verifier {
 public:
  explicit Verifier(const PublicKey& key);

  const PublicKey& key() const { return key_; }
  /// Whether `signature`, in the form it has in an RRSIG, is by this key over `data`. Anything that is no
  /// such signature is false: a wrong length, r or s out of range, a broken padding.
  bool verify(Bytes data, Bytes signature) { return verify(std::span(&data, 1), signature); }
  /// Over the pieces joined in their order. RSA and ECDSA digest them where they are; EdDSA needs the whole
  /// message twice and joins them in memory of its own.
  bool verify(std::span<const Bytes> pieces, Bytes signature);

 private:
  bool verify_digest(Bytes digest, Bytes signature);
  bool verify_edwards(std::span<const Bytes> pieces, Bytes signature);

  PublicKey key_;
  std::optional<Digester> digester_;  // RSA, ECDSA
  KeyContext context_;                // RSA, ECDSA
  DigestContext edwards_;             // EdDSA
  Buffer joined_;                     // EdDSA
};

}  // namespace zw
