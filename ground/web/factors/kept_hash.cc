#include "web/factors/kept_hash.h"

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/secret.h"

namespace zw {

KeptHash KeptHash::of(std::string_view use, Bytes secret) {
  constexpr std::uint8_t kEndOfUse[] = {0};
  const Bytes pieces[] = {as_bytes(use), kEndOfUse, secret};
  return *from(digest(DigestAlgorithm::sha256, pieces).bytes());
}

std::optional<KeptHash> KeptHash::from(Bytes octets) {
  if (octets.size() != kOctets) return std::nullopt;
  KeptHash hash;
  std::copy(octets.begin(), octets.end(), hash.octets_.begin());
  return hash;
}

bool operator==(const KeptHash& a, const KeptHash& b) { return constant_time_equal(a.octets_, b.octets_); }

}  // namespace zw
