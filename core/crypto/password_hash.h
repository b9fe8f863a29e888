// Hashes of passwords: Argon2id (RFC 9106) with one lane, in the text form
// `$argon2id$v=19$m=…,t=…,p=1$salt$hash` that tells its own cost. libsodium behind it, which draws the salt
// (128 bits). All functions are safe for many threads; each call takes as much memory as the cost says for as
// long as it runs, so whoever lets strangers ask bounds how many run at once.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace zw {

/// What one guess costs. RFC 9106 §4 recommends 3 passes over 64 MiB where memory is scarce.
struct PasswordCost {
  std::uint32_t passes = 3;                    // 1 to 64
  std::size_t memory = std::size_t{64} << 20;  // octets, 8 KiB to 1 GiB
  friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

/// The text to keep, under 128 characters. Fails with `limit` if the cost is out of its range, with `io` if
/// the memory cannot be had.
Result<std::string> hash_password(Bytes password, PasswordCost cost);

/// Whether `hash` was made of this password; takes as long for a wrong one. Fails with `malformed` if `hash`
/// is no such text, with `limit` if it asks for more than the greatest cost, with `io` if the memory cannot
/// be had.
Result<bool> matches_password(const std::string& hash, Bytes password);

/// The cost that `hash` was made with; fails like matches_password().
Result<PasswordCost> cost_of(const std::string& hash);

}  // namespace zw
