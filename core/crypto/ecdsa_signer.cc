// That libcrypto takes a nonce from outside is a part of its interface that is deprecated, and has no other.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/ecdsa_signer.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

#include "crypto/algorithm_facts.h"

namespace zw {
namespace {

constexpr std::size_t kAtOnce = 64;  // beyond, little is saved

BigNumber secret_number() {
  BigNumber number(BN_secure_new());
  ZW_ASSERT(number);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

}  // namespace

void EcdsaSigner::Free::operator()(bignum_ctx* p) const { BN_CTX_free(p); }
void EcdsaSigner::Free::operator()(bn_mont_ctx_st* p) const { BN_MONT_CTX_free(p); }
void EcdsaSigner::Free::operator()(ec_key_st* p) const { EC_KEY_free(p); }
void EcdsaSigner::Free::operator()(ec_point_st* p) const { EC_POINT_clear_free(p); }

bool EcdsaSigner::Field::make(const bignum_st* of, bignum_ctx* scratch) {
  modulus = of;
  form.reset(BN_MONT_CTX_new());
  inverse_exponent.reset(BN_dup(of));
  product = secret_number();
  next = secret_number();
  return form && inverse_exponent && BN_MONT_CTX_set(form.get(), of, scratch) == 1 &&
         BN_sub_word(inverse_exponent.get(), 2) == 1;
}

bignum_st* EcdsaSigner::Field::add() {
  numbers.push_back(secret_number());
  before.push_back(secret_number());
  return numbers.back().get();
}

bool EcdsaSigner::Field::invert(std::size_t count, bignum_ctx* scratch) {
  auto multiply = [&](BigNumber& out, const BigNumber& a, const BigNumber& b) {
    return BN_mod_mul_montgomery(out.get(), a.get(), b.get(), form.get(), scratch) == 1;
  };
  bool good = BN_copy(before[0].get(), numbers[0].get()) != nullptr;
  for (std::size_t i = 1; i < count; ++i) good = good && multiply(before[i], before[i - 1], numbers[i]);
  // Fermat: a^(p - 2) is the inverse. It comes out of Montgomery's form for this, and goes back.
  good = good && BN_from_montgomery(next.get(), before[count - 1].get(), form.get(), scratch) == 1 &&
         BN_mod_exp_mont_consttime(product.get(), next.get(), inverse_exponent.get(), modulus, scratch,
                                   form.get()) == 1 &&
         BN_to_montgomery(product.get(), product.get(), form.get(), scratch) == 1;
  for (std::size_t i = count; good && --i > 0;) {
    good = multiply(next, product, numbers[i]) && multiply(numbers[i], product, before[i - 1]);
    std::swap(product, next);
  }
  return good && BN_copy(numbers[0].get(), product.get()) != nullptr;
}

EcdsaSigner::EcdsaSigner(PublicKey public_key, evp_pkey_st* key)
    : public_key_(std::move(public_key)),
      digester_(facts_of(public_key_.algorithm()).digest),
      key_(EVP_PKEY_get1_EC_KEY(key)),
      scratch_(BN_CTX_secure_new()),
      nonce_(secret_number()),
      x_(BN_new()) {
  ZW_ASSERT(key_ && scratch_ && x_);
  const EC_GROUP* group = EC_KEY_get0_group(key_.get());
  const BIGNUM* order = EC_GROUP_get0_order(group);
  ZW_ASSERT(curve_.make(EC_GROUP_get0_field(group), scratch_.get()) && order_.make(order, scratch_.get()));
  point_.reset(EC_POINT_new(group));
  ZW_ASSERT(point_);
  Buffer order_octets(digester_.algorithm() == DigestAlgorithm::sha256 ? 32 : 48);
  SecretBuffer private_octets(order_octets.size());
  nonce_octets_.resize(order_octets.size());
  int size = static_cast<int>(order_octets.size());
  ZW_ASSERT(BN_bn2binpad(order, order_octets.data(), size) == size);
  ZW_ASSERT(BN_bn2binpad(EC_KEY_get0_private_key(key_.get()), private_octets.data(), size) == size);
  nonces_.emplace(digester_.algorithm(), order_octets, private_octets);
}

EcdsaSigner::~EcdsaSigner() = default;

Result<Buffer> EcdsaSigner::sign(Bytes data) {
  Buffer out(signature_size());
  ZW_CHECK(sign_all(std::span(&data, 1), out));
  return out;
}

Result<void> EcdsaSigner::sign_all(std::span<const Bytes> messages, MutableBytes out) {
  ZW_ASSERT(out.size() == messages.size() * signature_size());
  for (std::size_t i = 0; i < messages.size(); i += kAtOnce) {
    auto some = messages.subspan(i, std::min(kAtOnce, messages.size() - i));
    if (sign_some(some, out.data() + i * signature_size())) continue;
    ERR_clear_error();
    return fail(ErrorKind::unsupported, "libcrypto does not sign with this {} key", print(algorithm()));
  }
  return {};
}

bool EcdsaSigner::sign_some(std::span<const Bytes> messages, std::uint8_t* out) {
  for (std::size_t i = 0; i < messages.size(); ++i)
    if (!begin(i, messages[i])) return false;
  if (!curve_.invert(messages.size(), scratch_.get()) || !order_.invert(messages.size(), scratch_.get()))
    return false;
  for (std::size_t i = 0; i < messages.size(); ++i)
    if (!finish(i, out + i * signature_size())) return false;
  return true;
}

// The nonce k and the point kG, whose coordinates are X / Z^2 and Y / Z^3.
bool EcdsaSigner::begin(std::size_t i, Bytes message) {
  if (i == xs_.size()) {
    curve_.add();
    order_.add();
    xs_.push_back(secret_number());
    digests_.emplace_back(digester_.algorithm());
  }
  digester_.update(message);
  digests_[i] = digester_.finish();
  nonces_->make(digests_[i].bytes(), nonce_octets_);
  const EC_GROUP* group = EC_KEY_get0_group(key_.get());
  BN_CTX* scratch = scratch_.get();
  BIGNUM *z = curve_.numbers[i].get(), *k = order_.numbers[i].get();
  return BN_bin2bn(nonce_octets_.data(), static_cast<int>(nonce_octets_.size()), nonce_.get()) &&
         EC_POINT_mul(group, point_.get(), nonce_.get(), nullptr, nullptr, scratch) == 1 &&
         EC_POINT_get_Jprojective_coordinates_GFp(group, point_.get(), xs_[i].get(), nullptr, z, scratch) ==
             1 &&
         BN_to_montgomery(z, z, curve_.form.get(), scratch) == 1 &&
         BN_to_montgomery(k, nonce_.get(), order_.form.get(), scratch) == 1;
}

bool EcdsaSigner::finish(std::size_t i, std::uint8_t* out) {
  BN_CTX* scratch = scratch_.get();
  // One of the two factors in Montgomery's form gives a product out of it.
  BIGNUM *inverse_z = curve_.numbers[i].get(), *inverse_k = order_.numbers[i].get(), *r = x_.get();
  bool good = BN_mod_mul_montgomery(r, xs_[i].get(), inverse_z, curve_.form.get(), scratch) == 1 &&
              BN_mod_mul_montgomery(r, r, inverse_z, curve_.form.get(), scratch) == 1 &&
              BN_nnmod(r, r, order_.modulus, scratch) == 1 && !BN_is_zero(r) &&
              BN_from_montgomery(inverse_k, inverse_k, order_.form.get(), scratch) == 1;
  if (!good) return false;
  Bytes digest = digests_[i].bytes();
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> made(
      ECDSA_do_sign_ex(digest.data(), static_cast<int>(digest.size()), inverse_k, r, key_.get()),
      ECDSA_SIG_free);
  int half = static_cast<int>(signature_size() / 2);
  return made && BN_bn2binpad(ECDSA_SIG_get0_r(made.get()), out, half) == half &&
         BN_bn2binpad(ECDSA_SIG_get0_s(made.get()), out + half, half) == half;
}

}  // namespace zw
