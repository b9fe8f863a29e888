#include "dnssec/known_signatures.h"

#include <algorithm>

#include "crypto/digest.h"

namespace zw {

// Lengths stand in front, so that no two triples are the same octets.
SignatureMark signature_mark(Bytes dnskey, Bytes signed_data, Bytes signature) {
  std::uint8_t lengths[4];
  set16(lengths, static_cast<std::uint16_t>(dnskey.size()));
  set16(lengths + 2, static_cast<std::uint16_t>(signature.size()));
  const Bytes pieces[] = {lengths, dnskey, signature, signed_data};
  Digest sum = digest(DigestAlgorithm::sha256, pieces);
  return {get64(sum.bytes().data()), get64(sum.bytes().data() + 8)};
}

KnownSignatures::KnownSignatures(std::vector<SignatureMark> good) : marks_(std::move(good)) {
  std::sort(marks_.begin(), marks_.end());
  marks_.shrink_to_fit();
}

bool KnownSignatures::holds(const SignatureMark& mark) const {
  return std::binary_search(marks_.begin(), marks_.end(), mark);
}

}  // namespace zw
