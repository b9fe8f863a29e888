#include "web/factors/totp.h"

#include <fmt/format.h>
#include <liboath/oath.h>

#include <algorithm>
#include <cstdlib>

namespace zw {
namespace {

constexpr unsigned kDigits = 6;
constexpr std::size_t kMostTyped = 32;

void prepare() {
  static const bool ready = oath_init() == OATH_OK;
  ZW_ASSERT(ready);
}

const char* chars(Bytes octets) { return as_text(octets).data(); }

void append_percent(SecretBuffer& out, std::string_view text) {
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~").find(c) != std::string_view::npos;
    if (c == ':') continue;
    if (plain)
      out.push_back(static_cast<std::uint8_t>(c));
    else
      append(out, fmt::format("%{:02X}", static_cast<unsigned char>(c)));
  }
}

}  // namespace

TotpSecret TotpSecret::make(Random& random) {
  SecretBuffer octets(kTotpSecretOctets);
  random.fill(octets);
  return TotpSecret(std::move(octets));
}

Result<TotpSecret> TotpSecret::from(Bytes octets) {
  if (octets.size() != kTotpSecretOctets)
    return fail(ErrorKind::malformed, "TOTP secret of {} octets, expected {}", octets.size(),
                kTotpSecretOctets);
  return TotpSecret(SecretBuffer(octets.begin(), octets.end()));
}

Result<TotpSecret> TotpSecret::parse(std::string_view base32) {
  constexpr std::size_t kMost = 64;
  char* octets = nullptr;
  std::size_t size = 0;
  if (base32.size() > kMost || oath_base32_decode(base32.data(), base32.size(), &octets, &size) != OATH_OK)
    return fail(ErrorKind::malformed, "a TOTP secret is not in base 32");
  auto out = from(Bytes(reinterpret_cast<std::uint8_t*>(octets), size));
  wipe({reinterpret_cast<std::uint8_t*>(octets), size});
  std::free(octets);
  return out;
}

SecretBuffer TotpSecret::base32() const {
  char* text = nullptr;
  std::size_t size = 0;
  ZW_ASSERT(oath_base32_encode(chars(octets_), octets_.size(), &text, &size) == OATH_OK);
  SecretBuffer out(text, text + size);
  wipe({reinterpret_cast<std::uint8_t*>(text), size});
  std::free(text);
  return out;
}

SecretBuffer TotpSecret::uri(std::string_view issuer, std::string_view account) const {
  SecretBuffer out, secret = base32();
  append(out, "otpauth://totp/");
  append_percent(out, issuer);
  append(out, ":");
  append_percent(out, account);
  append(out, "?secret=");
  append(out, as_text(secret));
  append(out, "&issuer=");
  append_percent(out, issuer);
  append(out, "&algorithm=SHA1&digits=6&period=30");
  return out;
}

std::uint64_t totp_step_at(WallTime when) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(when.time_since_epoch().count(), 0) /
                                    kTotpStep.count());
}

std::string totp_code(const TotpSecret& secret, std::uint64_t step) {
  prepare();
  char out[kDigits + 1];
  ZW_ASSERT(oath_hotp_generate(chars(secret.octets()), secret.octets().size(), step, kDigits, false,
                               OATH_HOTP_DYNAMIC_TRUNCATION, out) == OATH_OK);
  return std::string(out, kDigits);
}

std::optional<std::uint64_t> find_totp_step(const TotpSecret& secret, std::string_view typed, WallTime now,
                                            std::optional<std::uint64_t> last) {
  std::string digits(typed.substr(0, kMostTyped));
  std::erase(digits, ' ');
  std::uint64_t middle = totp_step_at(now), first = middle - std::min(middle, kTotpWindow);
  std::optional<std::uint64_t> found;
  for (std::uint64_t step = first; step <= middle + kTotpWindow; ++step) {
    bool equal = constant_time_equal(as_bytes(totp_code(secret, step)), as_bytes(digits));
    if (equal && (!last || step > *last) && !found) found = step;
  }
  return typed.size() <= kMostTyped ? found : std::nullopt;
}

}  // namespace zw
