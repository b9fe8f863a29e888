#include "crypto/password_hash.h"

#include <sodium.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

namespace zw {
namespace {

constexpr std::uint32_t kMostPasses = 64;
constexpr std::size_t kLeastMemory = 8 << 10, kMostMemory = std::size_t{1} << 30;

// Without it, libsodium computes with its slowest code.
void prepare() {
  static const bool ready = sodium_init() >= 0;
  ZW_ASSERT(ready);
}

Result<void> check(PasswordCost cost) {
  if (cost.passes < 1 || cost.passes > kMostPasses)
    return fail(ErrorKind::limit, "password cost: {} passes, expected 1 to {}", cost.passes, kMostPasses);
  if (cost.memory < kLeastMemory || cost.memory > kMostMemory)
    return fail(ErrorKind::limit, "password cost: {} octets of memory, expected {} to {}", cost.memory,
                kLeastMemory, kMostMemory);
  return {};
}

std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view before) {
  if (!text.starts_with(before)) return std::nullopt;
  text.remove_prefix(before.size());
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

const char* chars(Bytes octets) { return as_text(octets).data(); }

}  // namespace

Result<std::string> hash_password(Bytes password, PasswordCost cost) {
  prepare();
  ZW_CHECK(check(cost));
  char out[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(out, chars(password), password.size(), cost.passes, cost.memory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(ErrorKind::io, "cannot hash a password: {} octets of memory are not to be had", cost.memory);
  return std::string(out);
}

Result<PasswordCost> cost_of(const std::string& hash) {
  std::string_view rest = hash;
  auto memory = take_number(rest, "$argon2id$v=19$m=");
  auto passes = memory ? take_number(rest, ",t=") : std::nullopt;
  if (!passes || !rest.starts_with(",p=1$") || hash.size() >= crypto_pwhash_STRBYTES)
    return fail(ErrorKind::malformed,
                "a stored password hash is no Argon2id hash of version 19 with one lane");
  PasswordCost cost{*passes, std::size_t{*memory} << 10};
  ZW_CHECK(check(cost));
  return cost;
}

Result<bool> matches_password(const std::string& hash, Bytes password) {
  prepare();
  ZW_TRY(PasswordCost cost, cost_of(hash));
  errno = 0;
  if (crypto_pwhash_str_verify(hash.c_str(), chars(password), password.size()) == 0) return true;
  if (errno == EINVAL) return false;  // computed, and another
  if (errno == ENOMEM)
    return fail(ErrorKind::io, "cannot check a password: {} octets of memory are not to be had", cost.memory);
  return fail(ErrorKind::malformed, "a stored password hash does not decode");
}

}  // namespace zw
