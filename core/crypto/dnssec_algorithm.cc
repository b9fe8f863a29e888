#include "crypto/dnssec_algorithm.h"

#include <algorithm>
#include <charconv>

#include "crypto/algorithm_facts.h"

namespace zw {
namespace {

using enum DnssecAlgorithm;
using enum DigestAlgorithm;

constexpr AlgorithmFacts rsa(DnssecAlgorithm algorithm, std::string_view mnemonic, DigestAlgorithm digest,
                             const char* digest_name, std::uint16_t smallest_modulus) {
  return {algorithm, mnemonic, KeyFamily::rsa, digest, digest_name, "RSA", 0, 0, smallest_modulus};
}
constexpr AlgorithmFacts ecdsa(DnssecAlgorithm algorithm, std::string_view mnemonic, DigestAlgorithm digest,
                               const char* curve, std::uint16_t octets) {
  return {algorithm, mnemonic, KeyFamily::ecdsa, digest, nullptr, curve, octets, octets};
}
constexpr AlgorithmFacts edwards(DnssecAlgorithm algorithm, std::string_view mnemonic,
                                 std::uint16_t public_key_octets) {
  return {.algorithm = algorithm,
          .mnemonic = mnemonic,
          .family = KeyFamily::edwards,
          .key_name = mnemonic.data(),
          .public_key_octets = public_key_octets,
          .signature_octets = static_cast<std::uint16_t>(public_key_octets * 2)};
}

constexpr AlgorithmFacts kTable[] = {
    {DELETE, "DELETE"},
    {RSAMD5, "RSAMD5"},
    {DH, "DH"},
    {DSA, "DSA"},
    rsa(RSASHA1, "RSASHA1", sha1, "SHA1", 512),
    {DSA_NSEC3_SHA1, "DSA-NSEC3-SHA1"},
    rsa(RSASHA1_NSEC3_SHA1, "RSASHA1-NSEC3-SHA1", sha1, "SHA1", 512),
    rsa(RSASHA256, "RSASHA256", sha256, "SHA2-256", 512),
    rsa(RSASHA512, "RSASHA512", sha512, "SHA2-512", 1024),
    {ECC_GOST, "ECC-GOST"},
    ecdsa(ECDSAP256SHA256, "ECDSAP256SHA256", sha256, "P-256", 64),
    ecdsa(ECDSAP384SHA384, "ECDSAP384SHA384", sha384, "P-384", 96),
    edwards(ED25519, "ED25519", 32),
    edwards(ED448, "ED448", 57),
    {SM2SM3, "SM2SM3"},
    {ECC_GOST12, "ECC-GOST12"},
    {INDIRECT, "INDIRECT"},
    {PRIVATEDNS, "PRIVATEDNS"},
    {PRIVATEOID, "PRIVATEOID"},
};

bool same_word(std::string_view a, std::string_view b) {
  auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  return std::ranges::equal(a, b, {}, upper, upper);
}

}  // namespace

const AlgorithmFacts& facts_of(DnssecAlgorithm algorithm) {
  static constexpr AlgorithmFacts kUnknown{};
  auto row = std::ranges::find(kTable, algorithm, &AlgorithmFacts::algorithm);
  return row == std::end(kTable) ? kUnknown : *row;
}

std::string print(DnssecAlgorithm algorithm) {
  std::string_view mnemonic = facts_of(algorithm).mnemonic;
  return mnemonic.empty() ? std::to_string(static_cast<unsigned>(algorithm)) : std::string(mnemonic);
}

std::optional<DnssecAlgorithm> parse_dnssec_algorithm(std::string_view text) {
  for (const AlgorithmFacts& row : kTable)
    if (same_word(text, row.mnemonic)) return row.algorithm;
  if (same_word(text, "NSEC3RSASHA1")) return RSASHA1_NSEC3_SHA1;
  if (same_word(text, "NSEC3DSA")) return DSA_NSEC3_SHA1;
  std::uint8_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return DnssecAlgorithm{number};
}

bool is_supported(DnssecAlgorithm algorithm) { return facts_of(algorithm).family != KeyFamily::none; }

}  // namespace zw
