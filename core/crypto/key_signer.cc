#include "crypto/key_signer.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/algorithm_facts.h"
#include "crypto/signature_context.h"

namespace zw {
namespace {

std::unexpected<Error> cannot_sign(DnssecAlgorithm algorithm) {
  ERR_clear_error();
  return fail(ErrorKind::unsupported, "libcrypto does not sign with this {} key", print(algorithm));
}

/// r || s, each as long as the order of the curve (RFC 6605 §4), from DER. False if it is no such DER.
bool from_der(Bytes der, MutableBytes raw) {
  const unsigned char* at = der.data();
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  int half = static_cast<int>(raw.size() / 2);
  return pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), raw.data(), half) == half &&
         BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), raw.data() + half, half) == half;
}

}  // namespace

KeySigner::KeySigner(PublicKey public_key, std::shared_ptr<evp_pkey_st> key)
    : public_key_(std::move(public_key)), key_(std::move(key)) {
  const AlgorithmFacts& facts = facts_of(algorithm());
  if (facts.family == KeyFamily::edwards) {
    edwards_.reset(EVP_MD_CTX_new());
    ZW_ASSERT(edwards_);
    return;
  }
  digester_.emplace(facts.digest);
  context_ = make_signature_context(facts, key_.get(), SignatureUse::sign);
}

Result<Buffer> KeySigner::sign(Bytes data) {
  if (edwards_) return sign_edwards(data);
  digester_->update(data);
  return sign_digest(digester_->finish().bytes());
}

Result<Buffer> KeySigner::sign_digest(Bytes digest) {
  Buffer made(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
  std::size_t size = made.size();
  if (!context_ || EVP_PKEY_sign(context_.get(), made.data(), &size, digest.data(), digest.size()) != 1)
    return cannot_sign(algorithm());
  made.resize(size);
  if (facts_of(algorithm()).family == KeyFamily::rsa) return made;
  Buffer raw(public_key_.signature_size());
  if (!from_der(made, raw)) return cannot_sign(algorithm());
  return raw;
}

Result<Buffer> KeySigner::sign_edwards(Bytes data) {
  Buffer made(public_key_.signature_size());
  std::size_t size = made.size();
  if (EVP_DigestSignInit(edwards_.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(edwards_.get(), made.data(), &size, data.data(), data.size()) != 1 ||
      size != made.size())
    return cannot_sign(algorithm());
  return made;
}

}  // namespace zw
