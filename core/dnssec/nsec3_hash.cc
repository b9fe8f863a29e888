#include "dnssec/nsec3_hash.h"

#include "crypto/digest.h"

namespace zw {
namespace {

constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuv";
constexpr std::size_t kLabelOctets = 32;  // 160 bits, five to a digit

constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(0xff);
  for (std::uint8_t i = 0; i < 32; ++i) {
    auto digit = static_cast<std::uint8_t>(kDigits[i]);
    values[digit] = i;
    if (digit >= 'a') values[digit - 32u] = i;
  }
  return values;
}();

}  // namespace

Nsec3Hash nsec3_hash(NameView name, const Nsec3Parameters& parameters) {
  Name canonical = lower(name);
  Nsec3Hash hash;
  sha1_iterated(canonical.wire(), parameters.salt, parameters.iterations, hash);
  return hash;
}

Name nsec3_label(const Nsec3Hash& hash) {
  std::uint8_t wire[kLabelOctets + 2];
  wire[0] = kLabelOctets;
  std::uint8_t* to = wire + 1;
  for (std::size_t i = 0; i < hash.size(); i += 5) {
    std::uint64_t bits = std::uint64_t{hash[i]} << 32 | get32(&hash[i + 1]);
    for (int shift = 35; shift >= 0; shift -= 5)
      *to++ = static_cast<std::uint8_t>(kDigits[bits >> shift & 31]);
  }
  *to = 0;
  return NameView(wire, sizeof wire);
}

std::optional<Nsec3Hash> parse_nsec3_label(NameView relative) {
  if (relative.size() != kLabelOctets + 2 || relative.data()[0] != kLabelOctets) return std::nullopt;
  Nsec3Hash hash;
  const std::uint8_t* from = relative.data() + 1;
  for (std::size_t i = 0; i < hash.size(); i += 5) {
    std::uint64_t bits = 0;
    for (int digit = 0; digit < 8; ++digit) {
      std::uint8_t value = kValues[*from++];
      if (value == 0xff) return std::nullopt;
      bits = bits << 5 | value;
    }
    hash[i] = static_cast<std::uint8_t>(bits >> 32);
    set32(&hash[i + 1], static_cast<std::uint32_t>(bits));
  }
  return hash;
}

}  // namespace zw
