#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "format/json.h"
#include "format/utf8.h"

namespace zw {
namespace {

/// Octets of `text` from the start that need no care: printable ASCII without `"`, `\` and `<`.
std::size_t plain_prefix(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && text[n] >= 0x20 && text[n] < 0x7F && text[n] != '"' && text[n] != '\\' &&
         text[n] != '<')
    ++n;
  return n;
}

void append_point(std::string& out, std::optional<char32_t> point) {
  if (!point) return append_utf8(out, 0xFFFD);
  char32_t p = *point;
  if (p == '"' || p == '\\') {
    out.append({'\\', static_cast<char>(p)});
  } else if (p == '\n') {
    out += "\\n";
  } else if (p == '\t') {
    out += "\\t";
  } else if (p < 0x20 || p == '<' || (p >= 0x7F && p < 0xA0) || p == 0x2028 || p == 0x2029) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(p));
  } else {
    append_utf8(out, p);
  }
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = plain_prefix(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    auto [point, octets] = first_point(text);
    append_point(out, point);
    text.remove_prefix(octets);
  }
  out += '"';
}

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::shut(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json(out_, text);
  return *this;
}

JsonWriter& JsonWriter::word(std::string_view text) {
  separate();
  out_ += text;
  return *this;
}

JsonWriter& JsonWriter::null() { return word("null"); }
JsonWriter& JsonWriter::whole(std::int64_t number) { return word(fmt::format_int(number).c_str()); }
JsonWriter& JsonWriter::natural(std::uint64_t number) { return word(fmt::format_int(number).c_str()); }
JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  std::string text = fmt::format("{}", number);
  // A reader shall see again that it was no integer, and the sign of zero.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return word(text);
}

}  // namespace zw
