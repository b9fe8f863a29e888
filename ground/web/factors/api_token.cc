#include "web/factors/api_token.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "format/utf8.h"

namespace zw {
namespace {

constexpr std::string_view kUse = "API token", kChecksumUse = "API token checksum", kPrefix = "zwt_";
constexpr std::size_t kSecretOctets = 32, kChecksumOctets = 4;
constexpr std::size_t kTextOctets = (kSecretOctets + kChecksumOctets) * 8 / 5 + 1;

KeptHash checksum_of(Bytes secret) { return KeptHash::of(kChecksumUse, secret); }

bool is_scope_name(std::string_view name) {
  auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  auto inner = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || std::string_view("-_.:").find(c) != std::string_view::npos;
  };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), inner);
}

}  // namespace

Result<Scopes> Scopes::parse(std::string_view text) {
  Scopes out;
  while (!text.empty()) {
    std::size_t end = std::min(text.find(' '), text.size());
    std::string_view name = text.substr(0, end);
    bool dangles = end + 1 == text.size();  // a space, and nothing behind it
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name.size() > kMostNameOctets || out.names_.size() >= kMost)
      return fail(ErrorKind::limit, "scopes: expected at most {} of at most {} octets each", kMost,
                  kMostNameOctets);
    if (!is_scope_name(name) || dangles)
      return fail(
          ErrorKind::malformed,
          "scope {}: expected a letter, then letters, digits, and any of - _ . :", quote_foreign(name));
    out.names_.emplace(name);
  }
  return out;
}

std::string Scopes::print() const { return fmt::format("{}", fmt::join(names_, " ")); }

bool Scopes::covers(const Scopes& other) const {
  return std::includes(names_.begin(), names_.end(), other.names_.begin(), other.names_.end());
}

ApiToken make_api_token(Random& random) {
  SecretBuffer octets(kSecretOctets);
  random.fill(octets);
  KeptHash hash = KeptHash::of(kUse, octets), checksum = checksum_of(octets);
  for (std::uint8_t octet : checksum.octets().first(kChecksumOctets)) octets.push_back(octet);
  SecretBuffer text;
  append(text, kPrefix);
  std::string letters = base32hex(octets);
  append(text, letters);
  wipe({reinterpret_cast<std::uint8_t*>(letters.data()), letters.size()});
  return {std::move(text), hash};
}

std::optional<KeptHash> parse_api_token(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + kTextOctets) return std::nullopt;
  std::array<std::uint8_t, kTextOctets> octets{};
  std::size_t size = decode_base32hex_to(text.substr(kPrefix.size()), octets.data());
  std::optional<KeptHash> hash;
  if (size == kSecretOctets + kChecksumOctets) {
    Bytes secret = Bytes(octets).first(kSecretOctets),
          checksum = Bytes(octets).subspan(kSecretOctets, kChecksumOctets);
    if (constant_time_equal(checksum_of(secret).octets().first(kChecksumOctets), checksum))
      hash = KeptHash::of(kUse, secret);
  }
  wipe(octets);
  return hash;
}

}  // namespace zw
