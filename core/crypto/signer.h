// What makes signatures for DNSSEC, wherever the private key is kept: in memory, or in a module that does not
// give it away.
#pragma once

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
  /// The signature over `data` in the form that it has in an RRSIG.
  virtual Result<Buffer> sign(Bytes data) = 0;
};

}  // namespace zw
