#include "crypto/signer.h"

#include <algorithm>

namespace zw {

Result<void> Signer::sign_all(std::span<const Bytes> messages, MutableBytes out) {
  ZW_ASSERT(out.size() == messages.size() * signature_size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    ZW_TRY(Buffer signature, sign(messages[i]));
    ZW_ASSERT(signature.size() == signature_size());
    std::ranges::copy(signature, out.subspan(i * signature_size()).begin());
  }
  return {};
}

}  // namespace zw
