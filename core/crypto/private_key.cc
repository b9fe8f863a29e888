#include "crypto/private_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "crypto/algorithm_facts.h"
#include "crypto/ecdsa_signer.h"
#include "crypto/key_numbers.h"
#include "crypto/key_signer.h"

namespace zw {
namespace {

struct BioFree {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

// Without this, libcrypto would ask for the passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<Buffer> rsa_field(const EVP_PKEY* key) {
  SecretBuffer exponent = key_number(key, OSSL_PKEY_PARAM_RSA_E),
               modulus = key_number(key, OSSL_PKEY_PARAM_RSA_N);
  Buffer field;
  if (exponent.size() > 255) {  // RFC 3110 §2
    field = {0, static_cast<std::uint8_t>(exponent.size() >> 8)};
  }
  field.push_back(static_cast<std::uint8_t>(exponent.size()));
  field.insert(field.end(), exponent.begin(), exponent.end());
  field.insert(field.end(), modulus.begin(), modulus.end());
  return field;
}

Result<Buffer> ecdsa_field(const AlgorithmFacts& facts, const EVP_PKEY* key) {
  std::size_t half = facts.public_key_octets / 2;
  SecretBuffer x = key_number(key, OSSL_PKEY_PARAM_EC_PUB_X, half),
               y = key_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, half);
  Buffer field(x.begin(), x.end());
  field.insert(field.end(), y.begin(), y.end());
  return field;
}

Result<Buffer> edwards_field(const AlgorithmFacts& facts, const EVP_PKEY* key) {
  Buffer field(facts.public_key_octets);
  std::size_t size = field.size();
  if (EVP_PKEY_get_raw_public_key(key, field.data(), &size) != 1) size = 0;
  field.resize(size);
  return field;
}

/// The public key field of the DNSKEY that belongs to `key`.
Result<Buffer> public_field(const AlgorithmFacts& facts, const EVP_PKEY* key) {
  const char* type = facts.family == KeyFamily::ecdsa ? "EC" : facts.key_name;
  if (!EVP_PKEY_is_a(key, type))
    return fail(ErrorKind::malformed, "the private key is of another type than {}", facts.mnemonic);
  switch (facts.family) {
    case KeyFamily::rsa: return rsa_field(key);
    case KeyFamily::ecdsa: return ecdsa_field(facts, key);
    default: return edwards_field(facts, key);
  }
}

Result<void> check_known(DnssecAlgorithm algorithm) {
  if (is_supported(algorithm)) return {};
  return fail(ErrorKind::unsupported, "keys of algorithm {} cannot be used here", print(algorithm));
}

}  // namespace

PrivateKey::PrivateKey(PublicKey public_key, std::shared_ptr<evp_pkey_st> key)
    : public_key_(std::move(public_key)), key_(std::move(key)) {}

Result<PrivateKey> PrivateKey::adopt(DnssecAlgorithm algorithm, KeyHandle key) {
  if (!key) {
    ERR_clear_error();
    return fail(ErrorKind::malformed, "the parts of this {} private key do not make a key", print(algorithm));
  }
  ZW_TRY(Buffer field, public_field(facts_of(algorithm), key.get()));
  ZW_TRY(PublicKey public_key, PublicKey::make(algorithm, field));
  PrivateKey made(std::move(public_key), std::shared_ptr<evp_pkey_st>(std::move(key)));
  // One signature tells whether the private numbers belong to the public ones.
  Bytes probe = made.public_key().octets();
  ZW_TRY(Buffer signature, made.make_signer()->sign(probe));
  if (!Verifier(made.public_key()).verify(probe, signature))
    return fail(ErrorKind::malformed, "the parts of this {} private key do not belong together",
                print(algorithm));
  return made;
}

Result<PrivateKey> PrivateKey::generate(DnssecAlgorithm algorithm, unsigned rsa_bits) {
  ZW_CHECK(check_known(algorithm));
  const AlgorithmFacts& facts = facts_of(algorithm);
  if (facts.family == KeyFamily::rsa && (rsa_bits < 1024 || rsa_bits > 4096))
    return fail(ErrorKind::unsupported, "new RSA keys have 1024 to 4096 bits, not {}", rsa_bits);
  EVP_PKEY* key = nullptr;
  if (facts.family == KeyFamily::rsa)
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{rsa_bits});
  else if (facts.family == KeyFamily::ecdsa)
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", facts.key_name);
  else
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, facts.key_name);
  return adopt(algorithm, KeyHandle(key));
}

Result<PrivateKey> PrivateKey::parse_pem(DnssecAlgorithm algorithm, std::string_view text) {
  ZW_CHECK(check_known(algorithm));
  if (text.size() > kMaxPrivateKeyText)
    return fail(ErrorKind::limit, "private key has {} octets, expected at most {}", text.size(),
                kMaxPrivateKeyText);
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  KeyHandle key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!key) {
    ERR_clear_error();
    return fail(ErrorKind::malformed, "no private key without a passphrase found in the PEM text");
  }
  return adopt(algorithm, std::move(key));
}

SecretBuffer PrivateKey::print_pem() const {
  Bio bio(BIO_new(BIO_s_secmem()));
  ZW_ASSERT(bio &&
            PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  BUF_MEM* text = nullptr;
  BIO_get_mem_ptr(bio.get(), &text);
  return SecretBuffer(text->data, text->data + text->length);
}

Result<PrivateKey> PrivateKey::parse_bind(std::string_view text) {
  ZW_TRY(BindKey parsed, parse_bind_key(text));
  return adopt(parsed.algorithm, std::move(parsed.key));
}

SecretBuffer PrivateKey::print_bind() const { return print_bind_key(algorithm(), key_.get()); }

std::unique_ptr<Signer> PrivateKey::make_signer(EcdsaNonces nonces) const {
  if (nonces == EcdsaNonces::deterministic && facts_of(algorithm()).family == KeyFamily::ecdsa)
    return std::make_unique<EcdsaSigner>(public_key_, key_.get());
  return std::make_unique<KeySigner>(public_key_, key_);
}

}  // namespace zw
