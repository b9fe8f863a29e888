#include "web/factors/recovery_codes.h"

#include "base/encoding.h"
#include "crypto/secret.h"

namespace zw {
namespace {

constexpr std::string_view kUse = "recovery code";
constexpr std::size_t kOctets = 10, kGroup = 4, kMostTyped = 64;
// The same values in two alphabets; the codec is that of the second.
constexpr std::string_view kCrockford = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view kExtendedHex = "0123456789abcdefghijklmnopqrstuv";

std::string print_code(Bytes octets) {
  std::string out;
  std::size_t count = 0;
  for (char c : base32hex(octets)) {
    if (count > 0 && count % kGroup == 0) out += '-';
    out += kCrockford[kExtendedHex.find(c)];
    ++count;
  }
  return out;
}

/// `c` in the other alphabet; a character of none if it is none.
char to_extended_hex(char c) {
  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  if (c == 'o') c = '0';
  if (c == 'i' || c == 'l') c = '1';
  std::size_t value = kCrockford.find(c);
  return value == kCrockford.npos ? '?' : kExtendedHex[value];
}

SecretBuffer parse_code(std::string_view typed) {
  std::string text;
  for (char c : typed.substr(0, kMostTyped + 1))
    if (c != ' ' && c != '-') text += to_extended_hex(c);
  Buffer octets;
  if (typed.size() > kMostTyped || !decode_base32hex(text, octets) || octets.size() != kOctets) return {};
  return {octets.begin(), octets.end()};
}

}  // namespace

RecoveryCodes make_recovery_codes(Random& random) {
  RecoveryCodes made;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    SecretBuffer octets(kOctets);
    random.fill(octets);
    made.codes[i] = print_code(octets);
    made.hashes[i] = KeptHash::of(kUse, octets);
  }
  return made;
}

std::optional<std::size_t> find_recovery_code(std::string_view typed, std::span<const KeptHash> kept) {
  SecretBuffer octets = parse_code(typed);
  KeptHash hash = KeptHash::of(kUse, octets);
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (hash == kept[i]) found = i;
  return octets.empty() ? std::nullopt : found;
}

}  // namespace zw
