// Named values that a client sent: of a query, of a form, of cookies. Bounded, in UTF-8, without control
// characters; a name may come several times.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace zw {

class WebFields {
 public:
  struct Limits {
    std::size_t fields = 200;
    std::size_t name_octets = 100;
    std::size_t value_octets = 16 << 10;  // of a query; of a form, more if its route takes more
  };

  /// `application/x-www-form-urlencoded` (WHATWG URL §5.1): of a body, or of the query of a URL. Fails with
  /// `malformed` on a percent sign without two digits, what is no UTF-8, or control characters other than tab
  /// and line ends; with `limit` beyond the limits.
  static Result<WebFields> parse_form(std::string_view text, const Limits& limits);
  static Result<WebFields> parse_form(std::string_view text) { return parse_form(text, Limits()); }
  /// The field Cookie (RFC 6265 §5.4). What is no pair is passed over: others may have set it.
  static WebFields parse_cookies(std::string_view header);

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// The first value with this name, which the object owns; absent if there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The same, or the empty text.
  std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view()); }
  std::vector<std::string_view> all(std::string_view name) const;
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A text as it may stand in a query or a path segment: what is not unreserved (RFC 3986 §2.3) as %XX.
std::string percent_encode(std::string_view text);
/// Fails with `malformed` on a percent sign without two digits. A plus is a plus.
Result<std::string> percent_decode(std::string_view text);

}  // namespace zw
