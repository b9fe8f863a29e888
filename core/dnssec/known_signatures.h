// Signatures that were computed to be good once, so that the next version of a zone need not compute them
// again.
//
// Why that is sound: whether a signature is good depends on the key, the signed octets (the RRSIG's own
// fields, owner, class, original TTL and all RDATA; RFC 4034 §3.1.8.1) and the signature, and on nothing
// else: not on the zone around it, nor on the time. A mark is the SHA-256 digest of just these, cut to 128
// bits. So a mark that is known means that this computation was done and came out good. Whoever wants another
// triple to pass needs a second preimage of a mark. All that does depend on zone and time (that the key is in
// the zone and believed, the period of validity, which RRsets must be signed) is judged anew each time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace zw {

using SignatureMark = std::array<std::uint64_t, 2>;

/// Of the signature by the key of this DNSKEY RDATA over `signed_data` (append_signed_data).
SignatureMark signature_mark(Bytes dnskey, Bytes signed_data, Bytes signature);

/// Immutable; any number of threads may read it. 16 octets for each signature.
class KnownSignatures {
 public:
  explicit KnownSignatures(std::vector<SignatureMark> good);
  bool holds(const SignatureMark& mark) const;
  std::size_t size() const { return marks_.size(); }

 private:
  std::vector<SignatureMark> marks_;  // sorted
};
using KnownSignaturesPtr = std::shared_ptr<const KnownSignatures>;

}  // namespace zw
