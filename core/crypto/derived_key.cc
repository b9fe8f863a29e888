#include "crypto/derived_key.h"

#include "crypto/hmac.h"

namespace zw {

SecretBuffer derive_key(Bytes key, std::string_view use) {
  ZW_ASSERT(key.size() >= kDerivedKeyOctets);
  constexpr std::uint8_t kFirstBlock[] = {1};
  auto hmac = Hmac::make(HmacAlgorithm::sha256, key);
  ZW_ASSERT(hmac);
  hmac->update(as_bytes(use));
  hmac->update(kFirstBlock);
  SecretBuffer out(kDerivedKeyOctets);
  hmac->finish(out);
  return out;
}

}  // namespace zw
