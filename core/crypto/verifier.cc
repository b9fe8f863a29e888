#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

#include "crypto/algorithm_facts.h"
#include "crypto/public_key.h"
#include "crypto/signature_context.h"

namespace zw {
namespace {

/// The pair r || s of RFC 6605 §4 as the DER that libcrypto takes: SEQUENCE { INTEGER r, INTEGER s }, each in
/// its shortest form. Two numbers of 48 octets make 102 octets or fewer, so every length fits in one octet.
class DerSignature {
 public:
  explicit DerSignature(Bytes raw) {
    append_integer(raw.first(raw.size() / 2));
    append_integer(raw.subspan(raw.size() / 2));
    octets_[0] = 0x30;
    octets_[1] = static_cast<std::uint8_t>(size_ - 2);
  }
  Bytes bytes() const { return {octets_, size_}; }

 private:
  void append_integer(Bytes number) {
    while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
    bool negative = number[0] & 0x80;
    octets_[size_++] = 0x02;
    octets_[size_++] = static_cast<std::uint8_t>(number.size() + negative);
    if (negative) octets_[size_++] = 0;
    std::copy(number.begin(), number.end(), octets_ + size_);
    size_ += number.size();
  }

  std::uint8_t octets_[128];
  std::size_t size_ = 2;
};

// Errors left in libcrypto's queue would be taken for those of the next TLS call on this thread.
bool good(int outcome) {
  if (outcome == 1) return true;
  ERR_clear_error();
  return false;
}

}  // namespace

Verifier::Verifier(const PublicKey& key) : key_(key) {
  const AlgorithmFacts& facts = facts_of(key.algorithm());
  if (facts.family == KeyFamily::edwards) {
    edwards_.reset(EVP_MD_CTX_new());
    ZW_ASSERT(edwards_);
    return;
  }
  digester_.emplace(facts.digest);
  context_ = make_signature_context(facts, key.key_.get(), SignatureUse::verify);
  ZW_ASSERT(context_);
}

bool Verifier::verify(std::span<const Bytes> pieces, Bytes signature) {
  if (signature.size() != key_.signature_size()) return false;
  if (edwards_) return verify_edwards(pieces, signature);
  for (Bytes piece : pieces) digester_->update(piece);
  Digest digest = digester_->finish();
  if (facts_of(key_.algorithm()).family == KeyFamily::rsa) return verify_digest(digest.bytes(), signature);
  return verify_digest(digest.bytes(), DerSignature(signature).bytes());
}

bool Verifier::verify_digest(Bytes digest, Bytes signature) {
  return good(
      EVP_PKEY_verify(context_.get(), signature.data(), signature.size(), digest.data(), digest.size()));
}

bool Verifier::verify_edwards(std::span<const Bytes> pieces, Bytes signature) {
  Bytes message = pieces.size() == 1 ? pieces[0] : Bytes();
  if (pieces.size() != 1) {
    joined_.clear();
    for (Bytes piece : pieces) joined_.insert(joined_.end(), piece.begin(), piece.end());
    message = joined_;
  }
  // Newer releases take one message for each initialisation; beside the curve work it costs nothing.
  return good(EVP_DigestVerifyInit(edwards_.get(), nullptr, nullptr, nullptr, key_.key_.get())) &&
         good(EVP_DigestVerify(edwards_.get(), signature.data(), signature.size(), message.data(),
                               message.size()));
}

}  // namespace zw
