#include "web/site/fields.h"

#include <algorithm>

#include "base/encoding.h"
#include "format/utf8.h"

namespace zw {
namespace {

constexpr std::size_t kMostCookies = 50;

bool is_control(char c) {
  auto octet = static_cast<unsigned char>(c);
  return (octet < 0x20 && c != '\t' && c != '\r' && c != '\n') || octet == 0x7f;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

Result<std::string> decode_part(std::string_view text, std::size_t most, std::string_view what) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '+', ' ');
  ZW_TRY(std::string decoded, percent_decode(plain));
  if (decoded.size() > most)
    return fail(ErrorKind::limit, "{} of a form is longer than {} octets", what, most);
  if (!is_utf8(decoded) || std::any_of(decoded.begin(), decoded.end(), is_control))
    return fail(ErrorKind::malformed, "{} of a form is no text in UTF-8, or holds control characters", what);
  return decoded;
}

std::string_view trim(std::string_view text) {
  auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes what stands before `mark`, and the mark, off the front.
std::string_view take_until(std::string_view& rest, char mark) {
  auto end = std::min(rest.find(mark), rest.size());
  std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

}  // namespace

Result<WebFields> WebFields::parse_form(std::string_view text, const Limits& limits) {
  WebFields out;
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    if (value.empty()) continue;
    if (out.size() == limits.fields)
      return fail(ErrorKind::limit, "a form has more than {} fields", limits.fields);
    std::string_view name = take_until(value, '=');
    ZW_TRY(std::string plain_name, decode_part(name, limits.name_octets, "a name"));
    ZW_TRY(std::string plain_value, decode_part(value, limits.value_octets, "a value"));
    out.add(std::move(plain_name), std::move(plain_value));
  }
  return out;
}

WebFields WebFields::parse_cookies(std::string_view header) {
  WebFields out;
  while (!header.empty() && out.size() < kMostCookies) {
    std::string_view value = trim(take_until(header, ';'));
    if (value.find('=') == value.npos) continue;
    std::string_view name = take_until(value, '=');
    if (!name.empty() && is_utf8(value) && std::none_of(value.begin(), value.end(), is_control))
      out.add(std::string(name), std::string(value));
  }
  return out;
}

std::optional<std::string_view> WebFields::find(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (key == name) return value;
  return std::nullopt;
}

std::vector<std::string_view> WebFields::all(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : fields_)
    if (key == name) out.push_back(value);
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += '%';
      auto octet = static_cast<std::uint8_t>(c);
      append_base16(out, Bytes(&octet, 1));
    }
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    std::uint8_t octet = 0;
    if (i + 2 >= text.size() || decode_base16_to(text.substr(i + 1, 2), &octet) != 1)
      return fail(ErrorKind::malformed, "a percent sign is not followed by two hexadecimal digits");
    out += static_cast<char>(octet);
    i += 2;
  }
  return out;
}

}  // namespace zw
