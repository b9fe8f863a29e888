// Private keys of DNSSEC that are held in memory: making them, and their two forms in text, PKCS #8 in PEM
// (RFC 5958, RFC 7468) and the private-key format of BIND. What is secret in memory of ours is wiped.
#pragma once

#include <memory>
#include <string_view>

#include "crypto/public_key.h"
#include "crypto/secret.h"
#include "crypto/signer.h"

namespace zw {

inline constexpr unsigned kDefaultRsaBits = 2048;
inline constexpr std::size_t kMaxPrivateKeyText = 16384;  // octets

/// Where ECDSA has its nonces from: the message and the key, or chance.
enum class EcdsaNonces : std::uint8_t { deterministic, random };

/// Never changes; copies share it; safe for many threads. All of these were seen to make a signature that
/// their public key verifies.
class PrivateKey {
 public:
  /// A new key from libcrypto's generator. `rsa_bits`: 1024 to 4096; only for RSA. Fails with `unsupported`
  /// for algorithms that is_supported() denies and for other sizes.
  static Result<PrivateKey> generate(DnssecAlgorithm algorithm, unsigned rsa_bits = kDefaultRsaBits);
  /// PEM without a passphrase. It does not tell the digest of an RSA key, so the caller does.
  static Result<PrivateKey> parse_pem(DnssecAlgorithm algorithm, std::string_view text);
  /// "Private-key-format: v1.x" and its "Tag: value" lines. Unknown tags, such as times, are passed over;
  /// keys that only name a place in a hardware module are `unsupported`.
  static Result<PrivateKey> parse_bind(std::string_view text);

  SecretBuffer print_pem() const;
  SecretBuffer print_bind() const;

  DnssecAlgorithm algorithm() const { return public_key_.algorithm(); }
  const PublicKey& public_key() const { return public_key_; }
  /// One for each thread. Equal keys and messages give equal signatures, also with ECDSA (RFC 6979), unless
  /// `nonces` says otherwise.
  std::unique_ptr<Signer> make_signer(EcdsaNonces nonces = EcdsaNonces::deterministic) const;

 private:
  PrivateKey(PublicKey public_key, std::shared_ptr<evp_pkey_st> key);
  static Result<PrivateKey> adopt(DnssecAlgorithm algorithm, KeyHandle key);
  PublicKey public_key_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace zw
