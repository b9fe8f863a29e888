#include "crypto/digest.h"

#include <openssl/evp.h>

#include "base/result.h"

namespace zw {
namespace {

// Fetching takes a lock and a walk through the providers, so it is done once. The handles live until the
// process ends: a thread that still runs while statics are destroyed finds them whole.
EVP_MD* fetched(DigestAlgorithm algorithm) {
  static const std::array<EVP_MD*, 5> all = {
      EVP_MD_fetch(nullptr, "SHA1", nullptr), EVP_MD_fetch(nullptr, "SHA2-224", nullptr),
      EVP_MD_fetch(nullptr, "SHA2-256", nullptr), EVP_MD_fetch(nullptr, "SHA2-384", nullptr),
      EVP_MD_fetch(nullptr, "SHA2-512", nullptr)};
  return all[static_cast<std::size_t>(algorithm)];
}

template <DigestAlgorithm A>
Digester& own_digester() {
  thread_local Digester digester(A);
  return digester;
}

Digester& thread_digester(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::sha1: return own_digester<DigestAlgorithm::sha1>();
    case DigestAlgorithm::sha224: return own_digester<DigestAlgorithm::sha224>();
    case DigestAlgorithm::sha256: return own_digester<DigestAlgorithm::sha256>();
    case DigestAlgorithm::sha384: return own_digester<DigestAlgorithm::sha384>();
    case DigestAlgorithm::sha512: break;
  }
  return own_digester<DigestAlgorithm::sha512>();
}

}  // namespace

Digester::Digester(DigestAlgorithm algorithm) : context_(EVP_MD_CTX_new()), algorithm_(algorithm) {
  EVP_MD* md = fetched(algorithm);
  ZW_ASSERT(context_ && md && EVP_DigestInit_ex2(context_.get(), md, nullptr) == 1);
}

void Digester::update(Bytes piece) {
  ZW_ASSERT(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()) == 1);
}

void Digester::reset() {
  // Without a digest, OpenSSL begins again with the one it has: no fetch, no allocation.
  ZW_ASSERT(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
}

std::size_t Digester::finish(MutableBytes out) {
  ZW_ASSERT(out.size() >= digest_size(algorithm_));
  ZW_ASSERT(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
  reset();
  return digest_size(algorithm_);
}

Digest Digester::finish() {
  Digest result(algorithm_);
  finish(result.bytes());
  return result;
}

Digest digest(DigestAlgorithm algorithm, Bytes message) { return digest(algorithm, std::span(&message, 1)); }

Digest digest(DigestAlgorithm algorithm, std::span<const Bytes> pieces) {
  Digester& digester = thread_digester(algorithm);
  for (Bytes piece : pieces) digester.update(piece);
  return digester.finish();
}

}  // namespace zw
