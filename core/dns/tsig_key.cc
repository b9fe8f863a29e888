#include "dns/tsig_key.h"

#include <algorithm>
#include <utility>

namespace zw {
namespace {

struct Row {
  std::string_view text;
  std::string_view wire;
  HmacAlgorithm hmac;
  std::uint8_t octets;
};

using namespace std::string_view_literals;

constexpr std::string_view kMd5LongName = "hmac-md5.sig-alg.reg.int";

// In order of TsigAlgorithm.
constexpr Row kRows[] = {
    {"hmac-md5", "\x08hmac-md5\x07sig-alg\x03reg\x03int\0"sv, HmacAlgorithm::md5, 16},
    {"hmac-sha1", "\x09hmac-sha1\0"sv, HmacAlgorithm::sha1, 20},
    {"hmac-sha224", "\x0bhmac-sha224\0"sv, HmacAlgorithm::sha224, 28},
    {"hmac-sha256", "\x0bhmac-sha256\0"sv, HmacAlgorithm::sha256, 32},
    {"hmac-sha256-128", "\x0fhmac-sha256-128\0"sv, HmacAlgorithm::sha256, 16},
    {"hmac-sha384", "\x0bhmac-sha384\0"sv, HmacAlgorithm::sha384, 48},
    {"hmac-sha384-192", "\x0fhmac-sha384-192\0"sv, HmacAlgorithm::sha384, 24},
    {"hmac-sha512", "\x0bhmac-sha512\0"sv, HmacAlgorithm::sha512, 64},
    {"hmac-sha512-256", "\x0fhmac-sha512-256\0"sv, HmacAlgorithm::sha512, 32},
};

const Row& row(TsigAlgorithm algorithm) { return kRows[static_cast<std::size_t>(algorithm)]; }

NameView wire_view(const Row& one) { return {as_bytes(one.wire).data(), one.wire.size()}; }

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return kLower[static_cast<std::uint8_t>(x)] == kLower[static_cast<std::uint8_t>(y)];
  });
}

template <typename Predicate>
std::optional<TsigAlgorithm> find_row(Predicate&& matches) {
  auto found = std::find_if(std::begin(kRows), std::end(kRows), matches);
  if (found == std::end(kRows)) return std::nullopt;
  return static_cast<TsigAlgorithm>(found - std::begin(kRows));
}

// Less by name, then algorithm.
bool before(const TsigKey& key, const std::pair<NameView, TsigAlgorithm>& what) {
  auto order = key.name() <=> what.first;
  return order < 0 || (order == 0 && key.algorithm() < what.second);
}

}  // namespace

NameView wire_name(TsigAlgorithm algorithm) { return wire_view(row(algorithm)); }
std::string_view print(TsigAlgorithm algorithm) { return row(algorithm).text; }
std::size_t mac_octets(TsigAlgorithm algorithm) { return row(algorithm).octets; }
HmacAlgorithm hmac_of(TsigAlgorithm algorithm) { return row(algorithm).hmac; }
std::size_t least_mac_octets(TsigAlgorithm algorithm) {
  return std::max(kLeastMacOctets, mac_octets(algorithm) / 2);
}

std::optional<TsigAlgorithm> find_tsig_algorithm(NameView name) {
  return find_row([&](const Row& one) { return wire_view(one) == name; });
}

std::optional<TsigAlgorithm> parse_tsig_algorithm(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (same_text(text, kMd5LongName)) return TsigAlgorithm::hmac_md5;
  return find_row([&](const Row& one) { return same_text(one.text, text); });
}

TsigKey::TsigKey(NameView name, TsigAlgorithm algorithm, Bytes secret)
    : name_(lower(name)),
      algorithm_(algorithm),
      accepted_mac_octets_(static_cast<std::uint8_t>(mac_octets(algorithm))),
      secret_(secret.begin(), secret.end()) {}

Result<TsigKey> TsigKey::make(NameView name, TsigAlgorithm algorithm, Bytes secret) {
  if (secret.empty()) return fail(ErrorKind::malformed, "TSIG key {}: the secret is empty", print(name));
  TsigKey key(name, algorithm, secret);
  ZW_CHECK(key.hmac());
  return key;
}

Result<TsigKey> TsigKey::parse(std::string_view text) {
  // What was found is not repeated: parts in the wrong order would show the secret.
  constexpr auto kForm = "a TSIG key is [algorithm:]name:base64";
  auto last = text.rfind(':');
  if (last == text.npos) return fail(ErrorKind::malformed, "{}, found no colon", kForm);
  auto first = text.find(':');
  auto algorithm = std::optional(TsigAlgorithm::hmac_sha256);
  if (first != last) {
    algorithm = parse_tsig_algorithm(text.substr(0, first));
    if (!algorithm) return fail(ErrorKind::unsupported, "{}, and this algorithm is unknown", kForm);
  }
  std::size_t name_at = first == last ? 0 : first + 1;
  ZW_TRY(Name name, Name::parse(text.substr(name_at, last - name_at)));
  SecretBuffer secret = decode_secret_base64(text.substr(last + 1));
  if (secret.empty()) return fail(ErrorKind::malformed, "{}, and this secret is empty or not base 64", kForm);
  return make(name, *algorithm, secret);
}

void TsigKey::accept_truncated(std::size_t octets) {
  accepted_mac_octets_ =
      static_cast<std::uint8_t>(std::clamp(octets, least_mac_octets(algorithm_), mac_octets(algorithm_)));
}

Result<void> TsigKeyring::add(TsigKey key) {
  auto at = std::lower_bound(keys_.begin(), keys_.end(), std::pair(key.name(), key.algorithm()), before);
  if (at != keys_.end() && at->name() == key.name() && at->algorithm() == key.algorithm())
    return fail(ErrorKind::conflict, "TSIG key {} with {} is there already", print(key.name()),
                print(key.algorithm()));
  keys_.insert(at, std::move(key));
  return {};
}

const TsigKey* TsigKeyring::find(NameView name, TsigAlgorithm algorithm) const {
  auto at = std::lower_bound(keys_.begin(), keys_.end(), std::pair(name, algorithm), before);
  bool found = at != keys_.end() && at->name() == name && at->algorithm() == algorithm;
  return found ? &*at : nullptr;
}

}  // namespace zw
