// Makes libcrypto keys out of named numbers; for the sources of this room only (it includes OpenSSL).
#pragma once

#include <openssl/bn.h>
#include <openssl/param_build.h>

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "crypto/handles.h"

namespace zw {

/// Big-endian octets to a number; its memory is wiped when it ends.
BigNumber make_number(Bytes octets);

/// Collects parameters (names as in openssl/core_names.h) and builds one key. What is handed in as octets or
/// text must live until build().
class KeyBuilder {
 public:
  KeyBuilder();
  KeyBuilder& text(const char* name, const char* value);
  KeyBuilder& octets(const char* name, Bytes value);
  KeyBuilder& number(const char* name, Bytes big_endian);
  /// `type`: "RSA" or "EC". `selection`: EVP_PKEY_PUBLIC_KEY or EVP_PKEY_KEYPAIR. Null if libcrypto refuses
  /// the parameters: a point off its curve, for example.
  KeyHandle build(const char* type, int selection);

 private:
  struct Free {
    void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  };
  std::unique_ptr<OSSL_PARAM_BLD, Free> builder_;
  std::vector<BigNumber> numbers_;
  bool good_;
};

}  // namespace zw
