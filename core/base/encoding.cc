#include "base/encoding.h"

#include <array>
#include <charconv>

namespace zw {
namespace {

constexpr std::string_view k16 = "0123456789ABCDEF";
constexpr std::string_view k32 = "0123456789abcdefghijklmnopqrstuv";
constexpr std::string_view k64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kBad = 0xff;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view alphabet, bool any_case) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    auto c = static_cast<std::uint8_t>(alphabet[i]);
    table[c] = static_cast<std::uint8_t>(i);
    if (any_case && c >= 'A' && c <= 'Z') table[c + 32u] = static_cast<std::uint8_t>(i);
    if (any_case && c >= 'a' && c <= 'z') table[c - 32u] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr auto kValue16 = values_of(k16, true);
constexpr auto kValue32 = values_of(k32, true);
constexpr auto kValue64 = values_of(k64, false);
constexpr auto kValue64url = values_of(k64url, false);

// Groups of BITS are gathered into octets; left-over bits must be zero and fewer than one group.
template <unsigned BITS>
std::size_t decode_groups(std::string_view text, const std::array<std::uint8_t, 256>& value,
                          std::uint8_t* out) {
  std::uint8_t* to = out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::uint8_t seen = 0;
  for (char c : text) {
    std::uint8_t v = value[static_cast<std::uint8_t>(c)];
    seen |= v;
    bits = bits << BITS | (v & ((1u << BITS) - 1));
    held += BITS;
    if (held >= 8) {
      held -= 8;
      *to++ = static_cast<std::uint8_t>(bits >> held);
    }
  }
  bool good = !(seen & 0x80) && held < BITS && (bits & ((1u << held) - 1)) == 0;
  return good ? static_cast<std::size_t>(to - out) : kNotDecoded;
}

// Room for `size` more characters, and where they begin.
char* grow(std::string& out, std::size_t size) {
  out.resize(out.size() + size);
  return out.data() + out.size() - size;
}

template <typename Decode>
bool append_decoded(std::string_view text, Buffer& out, Decode decode) {
  std::size_t start = out.size();
  out.resize(start + text.size());
  std::size_t size = decode(text, out.data() + start);
  out.resize(size == kNotDecoded ? start : start + size);
  return size != kNotDecoded;
}

}  // namespace

void append_decimal(std::string& out, std::uint64_t value) {
  char digits[20];
  out.append(digits, static_cast<std::size_t>(std::to_chars(digits, std::end(digits), value).ptr - digits));
}

void append_base16(std::string& out, Bytes octets) {
  char* to = grow(out, octets.size() * 2);
  for (std::uint8_t b : octets) {
    *to++ = k16[b >> 4];
    *to++ = k16[b & 15];
  }
}

void append_base32hex(std::string& out, Bytes octets) {
  char* to = grow(out, (octets.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (std::uint8_t b : octets) {
    bits = bits << 8 | b;
    held += 8;
    while (held >= 5) {
      held -= 5;
      *to++ = k32[bits >> held & 31];
    }
  }
  if (held) *to = k32[bits << (5 - held) & 31];
}

void append_base64(std::string& out, Bytes octets) {
  char* to = grow(out, (octets.size() + 2) / 3 * 4);
  std::size_t i = 0;
  for (; i + 3 <= octets.size(); i += 3) {
    std::uint32_t v = std::uint32_t{octets[i]} << 16 | std::uint32_t{octets[i + 1]} << 8 | octets[i + 2];
    *to++ = k64[v >> 18];
    *to++ = k64[v >> 12 & 63];
    *to++ = k64[v >> 6 & 63];
    *to++ = k64[v & 63];
  }
  std::size_t rest = octets.size() - i;
  if (rest == 0) return;
  std::uint32_t v = std::uint32_t{octets[i]} << 16 | (rest == 2 ? std::uint32_t{octets[i + 1]} << 8 : 0u);
  *to++ = k64[v >> 18];
  *to++ = k64[v >> 12 & 63];
  *to++ = rest == 2 ? k64[v >> 6 & 63] : '=';
  *to++ = '=';
}

void append_base64url(std::string& out, Bytes octets) {
  std::size_t start = out.size();
  append_base64(out, octets);
  while (out.ends_with('=')) out.pop_back();
  for (std::size_t i = start; i < out.size(); ++i) {
    if (out[i] == '+') out[i] = '-';
    if (out[i] == '/') out[i] = '_';
  }
}

std::size_t decode_base16_to(std::string_view text, std::uint8_t* out) {
  return decode_groups<4>(text, kValue16, out);
}

std::size_t decode_base32hex_to(std::string_view text, std::uint8_t* out) {
  return decode_groups<5>(text, kValue32, out);
}

std::size_t decode_base64_to(std::string_view text, std::uint8_t* out) {
  if (text.size() % 4 != 0) return kNotDecoded;
  if (text.ends_with('=')) text.remove_suffix(1);
  if (text.ends_with('=')) text.remove_suffix(1);
  // Whole groups of four go four at a time: signatures and keys are most of a signed zone's text.
  std::size_t whole = text.size() / 4 * 4;
  std::uint8_t* to = out;
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < whole; i += 4, to += 3) {
    auto value = [&](std::size_t k) { return kValue64[static_cast<std::uint8_t>(text[i + k])]; };
    std::uint8_t a = value(0), b = value(1), c = value(2), d = value(3);
    seen |= a | b | c | d;
    std::uint32_t v = std::uint32_t{a} << 18 | std::uint32_t{b} << 12 | std::uint32_t{c} << 6 | d;
    to[0] = static_cast<std::uint8_t>(v >> 16);
    to[1] = static_cast<std::uint8_t>(v >> 8);
    to[2] = static_cast<std::uint8_t>(v);
  }
  std::size_t rest = decode_groups<6>(text.substr(whole), kValue64, to);
  if ((seen & 0x80) || rest == kNotDecoded) return kNotDecoded;
  return static_cast<std::size_t>(to - out) + rest;
}

bool decode_base16(std::string_view text, Buffer& out) { return append_decoded(text, out, decode_base16_to); }
bool decode_base32hex(std::string_view text, Buffer& out) {
  return append_decoded(text, out, decode_base32hex_to);
}
bool decode_base64(std::string_view text, Buffer& out) { return append_decoded(text, out, decode_base64_to); }
bool decode_base64url(std::string_view text, Buffer& out) {
  return append_decoded(text, out, [](std::string_view from, std::uint8_t* to) {
    return decode_groups<6>(from, kValue64url, to);
  });
}

}  // namespace zw
