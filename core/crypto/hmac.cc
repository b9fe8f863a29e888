#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <utility>

namespace zw {
namespace {

constexpr const char* kDigestNames[] = {"MD5", "SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512"};

EVP_MAC* fetched() {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return hmac;
}

// A null key would mean "the key from before"; an empty key is a key too.
const std::uint8_t* octets_of(Bytes key) {
  static constexpr std::uint8_t kNoKey = 0;
  return key.empty() ? &kNoKey : key.data();
}

}  // namespace

Hmac::Hmac(HmacAlgorithm algorithm, MacContext context)
    : context_(std::move(context)), algorithm_(algorithm) {}

Result<Hmac> Hmac::make(HmacAlgorithm algorithm, Bytes key) {
  const char* digest = kDigestNames[static_cast<std::size_t>(algorithm)];
  MacContext context(EVP_MAC_CTX_new(fetched()));
  const std::uint8_t* octets = octets_of(key);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_init(context.get(), octets, key.size(), parameters) != 1) {
    ERR_clear_error();
    return fail(ErrorKind::unsupported, "this libcrypto has no HMAC with {}", digest);
  }
  return Hmac(algorithm, std::move(context));
}

void Hmac::update(Bytes piece) { ZW_ASSERT(EVP_MAC_update(context_.get(), piece.data(), piece.size()) == 1); }

void Hmac::reset() { ZW_ASSERT(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1); }

void Hmac::set_key(Bytes key) {
  ZW_ASSERT(EVP_MAC_init(context_.get(), octets_of(key), key.size(), nullptr) == 1);
}

std::size_t Hmac::finish(MutableBytes out) {
  ZW_ASSERT(out.size() >= size());
  std::size_t written = 0;
  ZW_ASSERT(EVP_MAC_final(context_.get(), out.data(), &written, out.size()) == 1 && written == size());
  reset();
  return written;
}

Buffer Hmac::finish() {
  Buffer code(size());
  finish(code);
  return code;
}

}  // namespace zw
