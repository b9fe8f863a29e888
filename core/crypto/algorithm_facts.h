// The one table of DNSSEC algorithms; for the sources of this room only.
#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/digest.h"
#include "crypto/dnssec_algorithm.h"

namespace zw {

enum class KeyFamily : std::uint8_t { none, rsa, ecdsa, edwards };

struct AlgorithmFacts {
  DnssecAlgorithm algorithm;
  std::string_view mnemonic;
  KeyFamily family = KeyFamily::none;   // none: not supported
  DigestAlgorithm digest{};             // RSA, ECDSA: over what is signed
  const char* digest_name = nullptr;    // RSA: as OpenSSL names it
  const char* key_name = nullptr;       // OpenSSL: the curve for ECDSA, the key type for the others
  std::uint16_t public_key_octets = 0;  // ECDSA, Edwards: exactly
  std::uint16_t signature_octets = 0;   // ECDSA, Edwards: exactly
  std::uint16_t smallest_modulus = 0;   // RSA: bits (RFC 3110 §2, RFC 5702 §2)
};

/// The row of `algorithm`; one with family `none` and no mnemonic if the registry has no such number.
const AlgorithmFacts& facts_of(DnssecAlgorithm algorithm);

}  // namespace zw
