// The low-level SHA-2 of libcrypto is deprecated for general use, and right here: a nonce is five HMACs of
// one or two blocks, each with another key, of which EVP's bookkeeping would be the larger part.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/deterministic_nonce.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/result.h"

namespace zw {
namespace {

struct Sha256 {
  static constexpr std::size_t kSize = SHA256_DIGEST_LENGTH, kBlock = SHA256_CBLOCK;
  SHA256_CTX state;
  void begin() { SHA256_Init(&state); }
  void update(Bytes piece) { SHA256_Update(&state, piece.data(), piece.size()); }
  void finish(std::uint8_t* out) { SHA256_Final(out, &state); }
};

struct Sha384 {
  static constexpr std::size_t kSize = SHA384_DIGEST_LENGTH, kBlock = SHA512_CBLOCK;
  SHA512_CTX state;
  void begin() { SHA384_Init(&state); }
  void update(Bytes piece) { SHA384_Update(&state, piece.data(), piece.size()); }
  void finish(std::uint8_t* out) { SHA384_Final(out, &state); }
};

/// HMAC (RFC 2104) with a key that is as long as the digest. Wiped at the end.
template <typename Hash>
class Mac {
 public:
  using Code = std::array<std::uint8_t, Hash::kSize>;
  explicit Mac(const Code& key) {
    begin(inner_, key, 0x36);
    begin(outer_, key, 0x5c);
  }
  ~Mac() { wipe({reinterpret_cast<std::uint8_t*>(this), sizeof *this}); }
  Mac(const Mac&) = delete;
  Mac& operator=(const Mac&) = delete;

  void of(std::initializer_list<Bytes> pieces, Code& code) const {
    Hash inner = inner_, outer = outer_;
    for (Bytes piece : pieces) inner.update(piece);
    inner.finish(code.data());
    outer.update(code);
    outer.finish(code.data());
    wipe({reinterpret_cast<std::uint8_t*>(&inner), sizeof inner});
    wipe({reinterpret_cast<std::uint8_t*>(&outer), sizeof outer});
  }

 private:
  static void begin(Hash& hash, const Code& key, std::uint8_t pad) {
    std::uint8_t block[Hash::kBlock];
    std::fill(std::copy(key.begin(), key.end(), block), std::end(block), 0);
    for (std::uint8_t& octet : block) octet ^= pad;
    hash.begin();
    hash.update(block);
    wipe(block);
  }
  Hash inner_, outer_;
};

bool is_zero(Bytes number) {
  return std::ranges::all_of(number, [](std::uint8_t octet) { return octet == 0; });
}
// Of big-endian numbers of one length.
bool is_less(Bytes a, Bytes b) { return std::ranges::lexicographical_compare(a, b); }

/// bits2octets (RFC 6979 §2.3.4): a digest, less the order if it is not below it. Digests are no secret.
Buffer reduced(Bytes digest, Bytes order) {
  Buffer out(digest.begin(), digest.end());
  if (is_less(out, order)) return out;
  unsigned borrow = 0;
  for (std::size_t i = out.size(); i-- > 0;) {
    unsigned difference = 0x100u + out[i] - order[i] - borrow;
    out[i] = static_cast<std::uint8_t>(difference);
    borrow = difference < 0x100;
  }
  return out;
}

template <typename Hash>
void make_nonce(Bytes order, Bytes private_key, Bytes digest, MutableBytes nonce) {
  ZW_ASSERT(digest.size() == Hash::kSize && nonce.size() == Hash::kSize);
  constexpr std::uint8_t kZero[] = {0}, kOne[] = {1};
  const Buffer message = reduced(digest, order);
  typename Mac<Hash>::Code key, v;
  v.fill(1);
  key.fill(0);
  for (Bytes step : {Bytes(kZero), Bytes(kOne)}) {
    Mac<Hash>(key).of({v, step, private_key, message}, key);
    Mac<Hash>(key).of({v}, v);
  }
  for (;;) {
    Mac<Hash>(key).of({v}, v);
    if (!is_zero(v) && is_less(v, order)) break;
    Mac<Hash>(key).of({v, kZero}, key);
    Mac<Hash>(key).of({v}, v);
  }
  std::ranges::copy(v, nonce.begin());
  wipe(key);
  wipe(v);
}

}  // namespace

DeterministicNonce::DeterministicNonce(DigestAlgorithm algorithm, Bytes order, Bytes private_key)
    : algorithm_(algorithm),
      order_(order.begin(), order.end()),
      private_key_(private_key.begin(), private_key.end()) {
  ZW_ASSERT(algorithm == DigestAlgorithm::sha256 || algorithm == DigestAlgorithm::sha384);
  ZW_ASSERT(order.size() == digest_size(algorithm) && private_key.size() == order.size());
}

void DeterministicNonce::make(Bytes digest, MutableBytes nonce) const {
  auto* make = algorithm_ == DigestAlgorithm::sha256 ? make_nonce<Sha256> : make_nonce<Sha384>;
  make(order_, private_key_, digest, nonce);
}

}  // namespace zw
