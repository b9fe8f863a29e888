// Who we are to clients of HTTPS.
#pragma once

#include <memory>

#include "crypto/secret.h"

namespace zw {

/// Our certificate, those that vouch for it, and its private key, in PEM.
struct HttpsIdentity {
  SecretBuffer certificates, key;
  friend bool operator==(const HttpsIdentity&, const HttpsIdentity&) = default;
};
using HttpsIdentityPtr = std::shared_ptr<const HttpsIdentity>;

}  // namespace zw
