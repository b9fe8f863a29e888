// Passwords as people choose and type them (NIST SP 800-63B §5.1.1.2): at least 8 characters, at most 1024
// octets of UTF-8, any characters but controls, no rules of composition; the most common ones, and such as
// anyone would guess for this account, are refused when chosen. Prepared in the manner of OpaqueString (RFC
// 8265 §4.2): normalization form C, and every blank is a plain one, so that a password typed on another
// keyboard is the same.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace zw {

inline constexpr std::size_t kLeastPasswordCharacters = 8, kMostPasswordOctets = 1024;

/// A prepared password. Its memory is wiped.
class Password {
 public:
  /// As typed to sign in. Fails with `malformed` for what no password of ours can be: it is longer, no UTF-8,
  /// or has control characters.
  static Result<Password> typed(std::string_view text);
  /// As typed to be the new one. Fails with `refused` in words for whoever typed it. `known`: what an
  /// attacker knows anyway, such as the name of the account and of the service; a password that is one of
  /// these, perhaps with digits and signs around it, is refused.
  static Result<Password> chosen(std::string_view text, std::span<const std::string_view> known = {});

  Bytes octets() const { return octets_; }

 private:
  explicit Password(SecretBuffer octets) : octets_(std::move(octets)) {}
  SecretBuffer octets_;
};

/// Whether `password` is among the most common ones, one short piece again and again, or a run such as
/// `abcdefgh`. Letters of ASCII in either case.
bool is_common_password(std::string_view password);

}  // namespace zw
