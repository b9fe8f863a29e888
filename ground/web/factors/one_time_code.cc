#include "web/factors/one_time_code.h"

#include <array>
#include <string>

#include "base/encoding.h"

namespace zw {
namespace {

constexpr std::size_t kOctets = 20, kTextOctets = kOctets * 8 / 5;

KeptHash hash_of(std::string_view use, Bytes code) {
  std::string full = "one-time code: ";
  full += use;
  return KeptHash::of(full, code);
}

}  // namespace

OneTimeCode make_one_time_code(Random& random, std::string_view use) {
  SecretBuffer octets(kOctets), text;
  random.fill(octets);
  std::string letters = base32hex(octets);
  append(text, letters);
  wipe({reinterpret_cast<std::uint8_t*>(letters.data()), letters.size()});
  return {std::move(text), hash_of(use, octets)};
}

std::optional<KeptHash> parse_one_time_code(std::string_view text, std::string_view use) {
  std::array<std::uint8_t, kOctets> octets{};
  if (text.size() != kTextOctets || decode_base32hex_to(text, octets.data()) != kOctets) return std::nullopt;
  KeptHash hash = hash_of(use, octets);
  wipe(octets);
  return hash;
}

}  // namespace zw
