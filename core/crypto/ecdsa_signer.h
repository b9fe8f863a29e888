// The deterministic Signer of ECDSA (RFC 6979); for the sources of this room only.
//
// libcrypto of Debian 12 draws its nonces by chance. Given the nonce, it computes the signature from it, so
// what it does between is done here, with its own constant-time parts: the point of the nonce, its
// x coordinate, and the inverse of the nonce. For several messages at once two inversions serve all of them
// (Montgomery's trick), which halves the cost of a signature.
#pragma once

#include "crypto/deterministic_nonce.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "crypto/signer.h"

struct bignum_ctx;
struct bn_mont_ctx_st;
struct ec_key_st;
struct ec_point_st;

namespace zw {

class EcdsaSigner final : public Signer {
 public:
  EcdsaSigner(PublicKey public_key, evp_pkey_st* key);
  ~EcdsaSigner() override;
  DnssecAlgorithm algorithm() const override { return public_key_.algorithm(); }
  Bytes public_key() const override { return public_key_.octets(); }
  std::size_t signature_size() const override { return public_key_.signature_size(); }
  Result<Buffer> sign(Bytes data) override;
  Result<void> sign_all(std::span<const Bytes> messages, MutableBytes out) override;

 private:
  struct Free {
    void operator()(bignum_ctx* p) const;
    void operator()(bn_mont_ctx_st* p) const;
    void operator()(ec_key_st* p) const;
    void operator()(ec_point_st* p) const;
  };
  // Numbers modulo a prime, in Montgomery's form.
  struct Field {
    bignum_st* add();  // one more number
    bool make(const bignum_st* of, bignum_ctx* scratch);
    bool invert(std::size_t count, bignum_ctx* scratch);  // the first `count` numbers, in place

    const bignum_st* modulus = nullptr;
    std::unique_ptr<bn_mont_ctx_st, Free> form;
    BigNumber inverse_exponent, product, next;
    std::vector<BigNumber> numbers, before;  // `before`: the product of those up to and with this
  };

  bool sign_some(std::span<const Bytes> messages, std::uint8_t* out);
  bool begin(std::size_t i, Bytes message);
  bool finish(std::size_t i, std::uint8_t* out);

  PublicKey public_key_;
  Digester digester_;
  std::unique_ptr<ec_key_st, Free> key_;
  std::unique_ptr<bignum_ctx, Free> scratch_;
  std::optional<DeterministicNonce> nonces_;
  std::unique_ptr<ec_point_st, Free> point_;
  Field curve_, order_;  // of the coordinates, where Z of each point stands; of the nonces
  std::vector<BigNumber> xs_;
  std::vector<Digest> digests_;
  BigNumber nonce_, x_;
  SecretBuffer nonce_octets_;
};

}  // namespace zw
