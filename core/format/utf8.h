// UTF-8 (RFC 3629) and what of Unicode must not reach a terminal or a log as it stands.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace zw {

struct Utf8Step {
  std::optional<char32_t> point;  // absent: the octet begins no well-formed sequence
  std::size_t octets;             // to step over; 1 if `point` is absent
};
/// The first code point of `text`, which is not empty.
Utf8Step first_point(std::string_view text);
bool is_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t point);

/// Control characters (C0, DEL, C1), line and paragraph separators, and the marks that turn the direction of
/// the text around or have no width: a reader cannot see what they do.
bool is_deceptive(char32_t point);

/// `text` between double quotes for one line of a log or an error message, where `foreign` means that anybody
/// may have chosen it: quotes and backslashes get a backslash, deceptive characters become `\u{202e}`, octets
/// that are no UTF-8 `\xff`, and what is longer than `most` octets ends in `...`.
std::string quote_foreign(std::string_view text, std::size_t most = 256);
/// The same without the quotes around it.
void append_foreign(std::string& out, std::string_view text, std::size_t most);

}  // namespace zw
