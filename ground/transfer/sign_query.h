// Signing of what we ask and tell.
#pragma once

#include "dns/tsig.h"

namespace zw {

/// Signs `message` with `key`, and gives back what checks the answer; does nothing if `key` is null.
inline std::optional<TsigStreamVerifier> sign_query(const TsigKey* key, Buffer& message, WallTime now) {
  if (!key) return std::nullopt;
  auto verifier = TsigStreamVerifier::sign_request(*key, message, now);
  ZW_ASSERT(verifier);  // there is room in a Buffer, and the key was made with the same digest
  return std::move(*verifier);
}

}  // namespace zw
