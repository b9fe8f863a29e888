#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <bit>

#include "crypto/algorithm_facts.h"
#include "crypto/key_builder.h"
#include "crypto/signature_context.h"

namespace zw {
namespace {

constexpr std::size_t kMaxRsaBits = 4096;
// Verifying takes time with each bit of the exponent. Keys in use have 17 bits, some old ones 33; libcrypto
// refuses more than this itself once the modulus is large.
constexpr std::size_t kMaxExponentBits = 64;

struct RsaNumbers {
  Bytes exponent, modulus;
};

std::size_t bits_of(Bytes number) {
  return number.empty() ? 0 : (number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(number[0]));
}

/// RFC 3110 §2: one octet of exponent length, or a zero and two octets for lengths over 255.
Result<RsaNumbers> split_rsa(Bytes key) {
  if (key.size() < 3)
    return fail(ErrorKind::malformed, "RSA key has {} octets, expected at least 3", key.size());
  std::size_t header = key[0] != 0 ? 1 : 3;
  std::size_t length = key[0] != 0 ? key[0] : get16(key.data() + 1);
  if (header == 3 && length < 256)
    return fail(ErrorKind::malformed, "RSA exponent length {} is written in three octets, expected one",
                length);
  if (key.size() - header <= length)
    return fail(ErrorKind::malformed,
                "RSA key of {} octets ends within its exponent of {} octets or has no modulus", key.size(),
                length);
  return RsaNumbers{key.subspan(header, length), key.subspan(header + length)};
}

Result<void> check_rsa(const AlgorithmFacts& facts, const RsaNumbers& rsa) {
  if (rsa.exponent[0] == 0 || rsa.modulus[0] == 0)
    return fail(ErrorKind::malformed, "RSA {} begins with a zero octet (RFC 3110 section 2)",
                rsa.exponent[0] == 0 ? "exponent" : "modulus");
  std::size_t modulus = bits_of(rsa.modulus), exponent = bits_of(rsa.exponent);
  if (modulus < facts.smallest_modulus || modulus > kMaxRsaBits)
    return fail(ErrorKind::malformed, "RSA modulus has {} bits, expected {} to {} for {}", modulus,
                facts.smallest_modulus, kMaxRsaBits, facts.mnemonic);
  if (exponent > kMaxRsaBits || exponent > modulus)
    return fail(ErrorKind::malformed, "RSA exponent has {} bits, expected at most the {} of its modulus",
                exponent, modulus);
  if (exponent < 2 || rsa.exponent.back() % 2 == 0 || rsa.modulus.back() % 2 == 0)
    return fail(ErrorKind::malformed, "RSA {} is even or 1, expected an odd number above 2",
                rsa.modulus.back() % 2 == 0 ? "modulus" : "exponent");
  if (exponent > kMaxExponentBits)
    return fail(ErrorKind::unsupported, "RSA exponent has {} bits, expected at most {}", exponent,
                kMaxExponentBits);
  return {};
}

Result<KeyHandle> make_rsa(const AlgorithmFacts& facts, Bytes key) {
  ZW_TRY(RsaNumbers rsa, split_rsa(key));
  ZW_CHECK(check_rsa(facts, rsa));
  return KeyBuilder()
      .number(OSSL_PKEY_PARAM_RSA_N, rsa.modulus)
      .number(OSSL_PKEY_PARAM_RSA_E, rsa.exponent)
      .build("RSA", EVP_PKEY_PUBLIC_KEY);
}

KeyHandle make_ecdsa(const AlgorithmFacts& facts, Bytes key) {
  Buffer point = {0x04};  // "uncompressed"; the field is Q without this octet (RFC 6605 §4)
  point.insert(point.end(), key.begin(), key.end());
  return KeyBuilder()
      .text(OSSL_PKEY_PARAM_GROUP_NAME, facts.key_name)
      .octets(OSSL_PKEY_PARAM_PUB_KEY, point)
      .build("EC", EVP_PKEY_PUBLIC_KEY);
}

KeyHandle make_edwards(const AlgorithmFacts& facts, Bytes key) {
  return KeyHandle(EVP_PKEY_new_raw_public_key_ex(nullptr, facts.key_name, nullptr, key.data(), key.size()));
}

Result<KeyHandle> make_handle(const AlgorithmFacts& facts, Bytes key) {
  if (facts.family == KeyFamily::rsa) return make_rsa(facts, key);
  if (key.size() != facts.public_key_octets)
    return fail(ErrorKind::malformed, "{} key has {} octets, expected {}", facts.mnemonic, key.size(),
                facts.public_key_octets);
  return facts.family == KeyFamily::ecdsa ? make_ecdsa(facts, key) : make_edwards(facts, key);
}

}  // namespace

PublicKey::PublicKey(DnssecAlgorithm algorithm, Bytes octets, std::shared_ptr<evp_pkey_st> key)
    : algorithm_(algorithm),
      signature_size_(facts_of(algorithm).family == KeyFamily::rsa
                          ? static_cast<std::size_t>(EVP_PKEY_get_size(key.get()))
                          : facts_of(algorithm).signature_octets),
      octets_(std::make_shared<const Buffer>(octets.begin(), octets.end())),
      key_(std::move(key)) {}

Result<PublicKey> PublicKey::make(DnssecAlgorithm algorithm, Bytes key) {
  const AlgorithmFacts& facts = facts_of(algorithm);
  if (facts.family == KeyFamily::none)
    return fail(ErrorKind::unsupported, "keys of algorithm {} cannot be used here", print(algorithm));
  ZW_TRY(KeyHandle handle, make_handle(facts, key));
  if (!handle) {
    ERR_clear_error();
    return fail(ErrorKind::malformed, "{} key is not {}", facts.mnemonic,
                facts.family == KeyFamily::rsa ? "one that can be computed with" : "a point on its curve");
  }
  // The machine's policy may forbid SHA-1 or short keys; better to learn it here than in each verifier.
  bool usable = facts.family == KeyFamily::edwards ||
                make_signature_context(facts, handle.get(), SignatureUse::verify) != nullptr;
  if (!usable)
    return fail(ErrorKind::unsupported, "the policy of this machine's libcrypto refuses {}", facts.mnemonic);
  return PublicKey(algorithm, key, std::shared_ptr<evp_pkey_st>(std::move(handle)));
}

unsigned PublicKey::bits() const { return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get())); }

}  // namespace zw
