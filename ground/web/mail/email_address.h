// An e-mail address that can be written to (RFC 5321 §4.1.2), and nothing else: whoever has one can put it
// into a message and into a dialogue of SMTP.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace zw {

class EmailAddress {
 public:
  static constexpr std::size_t kMostOctets = 254, kMostLocalOctets = 64;  // RFC 5321 §4.5.3.1

  /// `text`: as typed, blanks around it do not count. The part before the @ is ASCII, without quotes, and
  /// keeps its case; the domain may have letters of any script and becomes ASCII in lower case. Fails with
  /// `malformed` in words for whoever typed it.
  static Result<EmailAddress> parse(std::string_view text);

  const std::string& text() const { return text_; }
  std::string_view local_part() const { return std::string_view(text_).substr(0, text_.find('@')); }
  std::string_view domain() const { return std::string_view(text_).substr(text_.find('@') + 1); }
  friend auto operator<=>(const EmailAddress&, const EmailAddress&) = default;

 private:
  explicit EmailAddress(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace zw
