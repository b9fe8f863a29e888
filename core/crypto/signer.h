// What makes signatures for DNSSEC, wherever the private key is kept: in memory, or in a module that does not
// give it away.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/dnssec_algorithm.h"

namespace zw {

/// Belongs to one thread at a time.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual DnssecAlgorithm algorithm() const = 0;
  /// The public key field of the DNSKEY; valid as long as the Signer.
  virtual Bytes public_key() const = 0;
  /// Octets of each signature: those of one key are all of one length.
  virtual std::size_t signature_size() const = 0;
  /// The signature over `data` in the form that it has in an RRSIG.
  virtual Result<Buffer> sign(Bytes data) = 0;
  /// Signatures over each of `messages`, one behind the other, into `out`, which has messages.size() *
  /// signature_size() octets. Never slower than one by one; ECDSA is twice as fast by some dozens. After a
  /// failure `out` holds nothing of use.
  virtual Result<void> sign_all(std::span<const Bytes> messages, MutableBytes out);
};

}  // namespace zw
