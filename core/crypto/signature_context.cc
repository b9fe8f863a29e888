#include "crypto/signature_context.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace zw {

KeyContext make_signature_context(const AlgorithmFacts& facts, EVP_PKEY* key, SignatureUse use) {
  OSSL_PARAM parameters[3];
  OSSL_PARAM* next = parameters;
  if (facts.family == KeyFamily::rsa) {  // PKCS #1 v1.5 over a DigestInfo (RFC 3110 §3, RFC 5702 §3)
    *next++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
                                               const_cast<char*>(facts.digest_name), 0);
    *next++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE,
                                               const_cast<char*>(OSSL_PKEY_RSA_PAD_MODE_PKCSV15), 0);
  }
  *next = OSSL_PARAM_construct_end();
  KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  auto begin = use == SignatureUse::sign ? EVP_PKEY_sign_init_ex : EVP_PKEY_verify_init_ex;
  if (context && begin(context.get(), parameters) == 1) return context;
  ERR_clear_error();
  return nullptr;
}

}  // namespace zw
