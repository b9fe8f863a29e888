// The DNSSEC algorithm numbers of IANA, their mnemonics, and which of them this program can compute.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zw {

/// Any octet is a value; the names are those of the registry.
enum class DnssecAlgorithm : std::uint8_t {
  DELETE = 0,  // RFC 8078 §4
  RSAMD5 = 1,
  DH = 2,
  DSA = 3,
  RSASHA1 = 5,
  DSA_NSEC3_SHA1 = 6,
  RSASHA1_NSEC3_SHA1 = 7,
  RSASHA256 = 8,
  RSASHA512 = 10,
  ECC_GOST = 12,
  ECDSAP256SHA256 = 13,
  ECDSAP384SHA384 = 14,
  ED25519 = 15,
  ED448 = 16,
  SM2SM3 = 17,
  ECC_GOST12 = 23,
  INDIRECT = 252,
  PRIVATEDNS = 253,
  PRIVATEOID = 254,
};

/// The mnemonic, or the decimal number if there is none.
std::string print(DnssecAlgorithm algorithm);
/// A mnemonic in any case (also NSEC3RSASHA1 and NSEC3DSA, as BIND writes them) or a number from 0 to 255.
std::optional<DnssecAlgorithm> parse_dnssec_algorithm(std::string_view text);

/// Whether signatures can be verified and made here: 5, 7, 8, 10, 13, 14, 15, 16. Whether they should be is
/// policy (RFC 8624) and decided elsewhere.
bool is_supported(DnssecAlgorithm algorithm);

}  // namespace zw
