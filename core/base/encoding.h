// Decimal numbers; base 16, base 32 with the extended hex alphabet, base 64, and base 64 with the alphabet
// for URLs (RFC 4648 §8, §7, §4, §5). Decoders take no white space; they fail on any octet outside the
// alphabet, on wrong padding and on bits that stand after the last full octet. Encoders append to `out`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace zw {

void append_decimal(std::string& out, std::uint64_t value);
void append_base16(std::string& out, Bytes octets);     // upper case
void append_base32hex(std::string& out, Bytes octets);  // lower case, no padding (RFC 5155 §3.3)
void append_base64(std::string& out, Bytes octets);     // padded
void append_base64url(std::string& out, Bytes octets);  // not padded

/// What `decode_…_to` answer when text does not decode.
constexpr std::size_t kNotDecoded = static_cast<std::size_t>(-1);
/// Write the octets to `out`, which has room for text.size() / 2, * 5 / 8, * 3 / 4 octets; return how many.
std::size_t decode_base16_to(std::string_view text, std::uint8_t* out);
std::size_t decode_base32hex_to(std::string_view text, std::uint8_t* out);
std::size_t decode_base64_to(std::string_view text, std::uint8_t* out);

/// Append what `text` stands for; false (with `out` as it was) if it does not decode.
bool decode_base16(std::string_view text, Buffer& out);
bool decode_base32hex(std::string_view text, Buffer& out);
bool decode_base64(std::string_view text, Buffer& out);
bool decode_base64url(std::string_view text, Buffer& out);

inline std::string base16(Bytes octets) {
  std::string out;
  append_base16(out, octets);
  return out;
}
inline std::string base32hex(Bytes octets) {
  std::string out;
  append_base32hex(out, octets);
  return out;
}
inline std::string base64(Bytes octets) {
  std::string out;
  append_base64(out, octets);
  return out;
}
inline std::string base64url(Bytes octets) {
  std::string out;
  append_base64url(out, octets);
  return out;
}

}  // namespace zw
