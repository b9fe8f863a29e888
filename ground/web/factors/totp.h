// One-time passwords by time (RFC 6238) as the usual programs on telephones make them: HMAC-SHA-1, 6 digits,
// steps of 30 seconds. liboath behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/secret.h"

namespace zw {

inline constexpr std::size_t kTotpSecretOctets = 20;  // RFC 4226 §4, R6
inline constexpr Seconds kTotpStep{30};
/// How many steps a clock may be off, in either direction (RFC 6238 §5.2).
inline constexpr std::uint64_t kTotpWindow = 1;

/// What the server and the telephone share. Whoever keeps it encrypts it: it cannot be kept as a hash.
class TotpSecret {
 public:
  static TotpSecret make(Random& random);
  /// From where it was kept. Fails with `malformed` if there are not 20 octets.
  static Result<TotpSecret> from(Bytes octets);

  /// From base32(), blanks and case do not count. Fails with `malformed`.
  static Result<TotpSecret> parse(std::string_view base32);

  Bytes octets() const { return octets_; }
  /// To be typed: 32 letters and digits of base 32 (RFC 4648 §6).
  SecretBuffer base32() const;
  /// `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=ISSUER&…`, to be shown as a QR code. Issuer and account
  /// may be any text; a colon in them is left out, since it parts the two.
  SecretBuffer uri(std::string_view issuer, std::string_view account) const;

 private:
  explicit TotpSecret(SecretBuffer octets) : octets_(std::move(octets)) {}
  SecretBuffer octets_;
};

/// Steps since 1970, of a time that is not before.
std::uint64_t totp_step_at(WallTime when);
/// The six digits of a step.
std::string totp_code(const TotpSecret& secret, std::uint64_t step);

/// The step that `typed` is the code of, at most kTotpWindow away from now and after `last`: the step that
/// this told when the account was signed in to before, which the caller keeps, so that no code is good twice
/// (RFC 6238 §5.2). Blanks in `typed` do not count. Absent if there is none. The time it takes does not
/// depend on how much of the code is right; the caller bounds the attempts: each of a million codes is good
/// three times in 90 seconds.
std::optional<std::uint64_t> find_totp_step(const TotpSecret& secret, std::string_view typed, WallTime now,
                                            std::optional<std::uint64_t> last);

}  // namespace zw
