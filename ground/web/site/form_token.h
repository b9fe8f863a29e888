// Tokens that prove that a form was shown by us to the browser that sends it (against requests forged by
// other sites). Nothing is stored: a token is a code over what the form is for, whose it is and until when.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "crypto/secret.h"
#include "web/site/message.h"

namespace zw {

/// Safe for many threads.
class FormTokens {
 public:
  static constexpr std::chrono::hours kLife{12};

  /// `site_key`: see web/factors/site_key.h.
  explicit FormTokens(Bytes site_key);

  /// `session`: what the browser shows with each request and nobody else knows: a session's secret, or that
  /// of a cookie for those who are not logged in. `purpose`: the path that the form goes to.
  std::string make(std::string_view session, std::string_view purpose, WallTime now) const;
  /// Fails with `refused`, in words for the person who sent the form.
  Result<void> check(std::string_view token, std::string_view session, std::string_view purpose,
                     WallTime now) const;

 private:
  std::string code(std::string_view session, std::string_view purpose, std::uint64_t until) const;
  SecretBuffer key_;
};

/// Whether a browser says itself that a page of ours made this request (Fetch Metadata, and Origin, which
/// must be `origin`, such as https://example.net). True too of programs that are no browsers and say nothing
/// of either.
bool is_from_us(const WebRequest& request, std::string_view origin);

}  // namespace zw
