// The low-level SHA-1 of libcrypto is deprecated for general use, and right here: on the short, single-block
// messages that NSEC3 hashes are made of, EVP's bookkeeping costs as much again as the work itself (87 ns
// against 42 for one hash; with iterations 65 against 37 for each).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>

#include "base/result.h"
#include "crypto/digest.h"

namespace zw {
namespace {

using Hash = std::span<std::uint8_t, 20>;

constexpr std::size_t kBlock = SHA_CBLOCK;
constexpr std::size_t kOneBlock = kBlock - 9;  // the longest message that leaves room for 0x80 and the length

void store(const SHA_CTX& state, Hash out) {
  set32(out.data(), state.h0);
  set32(out.data() + 4, state.h1);
  set32(out.data() + 8, state.h2);
  set32(out.data() + 12, state.h3);
  set32(out.data() + 16, state.h4);
}

void append(std::uint8_t* to, Bytes octets) { std::copy(octets.begin(), octets.end(), to); }

/// A message of one block, already padded (FIPS 180-4 §5.1.1); `head` of it is filled in for each round.
class PaddedBlock {
 public:
  PaddedBlock(std::size_t head, Bytes salt) {
    append(block_ + head, salt);
    block_[head + salt.size()] = 0x80;
    set64(block_ + kBlock - 8, (head + salt.size()) * 8);
  }
  void hash(Bytes head, Hash out) {
    append(block_, head);
    SHA_CTX state;
    SHA1_Init(&state);
    SHA1_Transform(&state, block_);
    store(state, out);
  }

 private:
  std::uint8_t block_[kBlock] = {};
};

void hash_long(Bytes head, Bytes salt, Hash out) {
  SHA_CTX state;
  SHA1_Init(&state);
  SHA1_Update(&state, head.data(), head.size());
  SHA1_Update(&state, salt.data(), salt.size());
  SHA1_Final(out.data(), &state);
}

}  // namespace

void sha1_iterated(Bytes input, Bytes salt, std::uint16_t iterations, Hash out) {
  ZW_ASSERT(salt.size() <= 255);
  if (input.size() + salt.size() <= kOneBlock)
    PaddedBlock(input.size(), salt).hash(input, out);
  else
    hash_long(input, salt, out);
  if (iterations == 0) return;
  if (out.size() + salt.size() > kOneBlock) {
    for (unsigned i = 0; i < iterations; ++i) hash_long(out, salt, out);
    return;
  }
  PaddedBlock block(out.size(), salt);
  for (unsigned i = 0; i < iterations; ++i) block.hash(out, out);
}

}  // namespace zw
