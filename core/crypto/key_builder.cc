#include "crypto/key_builder.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace zw {

BigNumber make_number(Bytes octets) {
  // "Secure" marks the number, so that every copy that libcrypto makes of it is wiped too.
  BigNumber number(BN_secure_new());
  if (!number || !BN_bin2bn(octets.data(), static_cast<int>(octets.size()), number.get())) return nullptr;
  return number;
}

KeyBuilder::KeyBuilder() : builder_(OSSL_PARAM_BLD_new()), good_(builder_ != nullptr) {}

KeyBuilder& KeyBuilder::text(const char* name, const char* value) {
  good_ = good_ && OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, value, 0) == 1;
  return *this;
}

KeyBuilder& KeyBuilder::octets(const char* name, Bytes value) {
  good_ = good_ && OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, value.data(), value.size()) == 1;
  return *this;
}

KeyBuilder& KeyBuilder::number(const char* name, Bytes big_endian) {
  numbers_.push_back(make_number(big_endian));
  good_ = good_ && numbers_.back() &&
          OSSL_PARAM_BLD_push_BN_pad(builder_.get(), name, numbers_.back().get(), big_endian.size()) == 1;
  return *this;
}

KeyHandle KeyBuilder::build(const char* type, int selection) {
  std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
      good_ ? OSSL_PARAM_BLD_to_param(builder_.get()) : nullptr, OSSL_PARAM_free);
  KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return KeyHandle(key);
}

}  // namespace zw
