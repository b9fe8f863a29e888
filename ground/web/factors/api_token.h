// Tokens by which programs prove whose they are (RFC 6750 carries them), and what each may do.
//
// `zwt_` and 58 letters and digits: 256 random bits and 32 bits of checksum, so that a slip is told without a
// look into the store, and programs that search for leaked secrets find ours. Kept as a hash; which is why it
// can be looked up.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "web/factors/kept_hash.h"

namespace zw {

/// What a token may do: a set of names such as `zones:read`. What a name means is its system's business.
class Scopes {
 public:
  static constexpr std::size_t kMost = 64, kMostNameOctets = 64;
  Scopes() = default;
  /// Names with one space between them (RFC 6749 §3.3), each of `a-z`, `0-9`, `-`, `_`, `.` and `:` and
  /// beginning with a letter; no text is no scope. Fails with `malformed`, or `limit` for more than 64 or
  /// longer ones.
  static Result<Scopes> parse(std::string_view text);
  /// In their order.
  std::string print() const;
  bool contains(std::string_view name) const { return names_.contains(name); }
  /// Whether all of `other` are among these: nobody may make a token that may do more than he.
  bool covers(const Scopes& other) const;
  bool empty() const { return names_.empty(); }
  friend bool operator==(const Scopes&, const Scopes&) = default;

 private:
  std::set<std::string, std::less<>> names_;
};

struct ApiToken {
  SecretBuffer text;  // to be shown once
  KeptHash hash;      // to be kept, and looked up by
};
ApiToken make_api_token(Random& random);

/// By what to look up the token that a client sent; absent if it is none of ours, or has a slip.
std::optional<KeptHash> parse_api_token(std::string_view text);

}  // namespace zw
