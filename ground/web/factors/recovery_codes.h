// Codes on paper for who lost his telephone: ten of them, each good once. 80 random bits in Crockford's base
// 32, which has no letter that looks like a digit, in groups of four: `7h3k-q2xw-0m9d-tz5a`.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "web/factors/kept_hash.h"

namespace zw {

inline constexpr std::size_t kRecoveryCodes = 10;

struct RecoveryCodes {
  std::array<std::string, kRecoveryCodes> codes;  // to be shown once
  std::array<KeptHash, kRecoveryCodes> hashes;    // to be kept
};
RecoveryCodes make_recovery_codes(Random& random);

/// Which of the kept ones `typed` is; the caller removes it. Case, blanks and hyphens do not count; O is 0, I
/// and L are
/// 1. The time it takes does not tell which one it was. Absent if it is none.
std::optional<std::size_t> find_recovery_code(std::string_view typed, std::span<const KeptHash> kept);

}  // namespace zw
