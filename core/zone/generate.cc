#include "zone/generate.h"

#include <fmt/format.h>

#include "dns/address_text.h"

namespace zw {
namespace {

constexpr std::uint64_t kMost = 0x7fffffff;

void append_nibbles(std::string& out, std::uint64_t value, std::uint64_t width, bool upper) {
  // The width counts the dots too, as in BIND.
  std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::size_t start = out.size();
  do {
    if (out.size() > start) out.push_back('.');
    out.push_back(digits[value & 15]);
    value >>= 4;
  } while (value > 0 || out.size() - start + 1 < width);
}

bool append_modified(std::string& out, std::string_view inside, std::uint64_t number) {
  std::size_t first = std::min(inside.find(','), inside.size());
  std::string_view offset_text = inside.substr(0, first);
  std::string_view rest = first < inside.size() ? inside.substr(first + 1) : std::string_view{};
  std::size_t second = std::min(rest.find(','), rest.size());
  std::string_view width_text = rest.substr(0, second);
  std::string_view base = second < rest.size() ? rest.substr(second + 1) : "d";
  bool negative = offset_text.starts_with('-');
  if (negative || offset_text.starts_with('+')) offset_text.remove_prefix(1);
  auto offset = parse_number(offset_text, kMost);
  auto width = width_text.empty() ? std::optional<std::uint64_t>(0) : parse_number(width_text, 255);
  if (!offset || !width || base.size() != 1) return false;
  if (negative && *offset > number) return false;
  std::uint64_t value = negative ? number - *offset : number + *offset;
  auto to = std::back_inserter(out);
  switch (base[0]) {
    case 'd': fmt::format_to(to, "{:0{}}", value, *width); return true;
    case 'o': fmt::format_to(to, "{:0{}o}", value, *width); return true;
    case 'x': fmt::format_to(to, "{:0{}x}", value, *width); return true;
    case 'X': fmt::format_to(to, "{:0{}X}", value, *width); return true;
    case 'n':
    case 'N': append_nibbles(out, value, *width, base[0] == 'N'); return true;
    default: return false;
  }
}

}  // namespace

Result<GenerateRange> parse_generate_range(std::string_view text) {
  std::size_t dash = text.find('-'), slash = std::min(text.find('/'), text.size());
  if (dash != text.npos && dash < slash) {
    auto start = parse_number(text.substr(0, dash), kMost);
    auto stop = parse_number(text.substr(dash + 1, slash - dash - 1), kMost);
    auto step =
        slash < text.size() ? parse_number(text.substr(slash + 1), kMost) : std::optional<std::uint64_t>(1);
    if (start && stop && step && *start <= *stop && *step >= 1) return GenerateRange{*start, *stop, *step};
  }
  return fail(ErrorKind::malformed, "expected a range such as 1-127 or 0-254/2, found {}", text);
}

bool append_generated(std::string& out, std::string_view text, std::uint64_t number, const char*& why) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (text[i + 1] != '$') out.push_back('\\');
      out.push_back(text[++i]);
    } else if (text[i] != '$') {
      out.push_back(text[i]);
    } else if (i + 1 < text.size() && text[i + 1] == '$') {
      out.push_back('$');
      ++i;
    } else if (i + 1 < text.size() && text[i + 1] == '{') {
      std::size_t end = text.find('}', i);
      if (end == text.npos || !append_modified(out, text.substr(i + 2, end - i - 2), number)) {
        why =
            "expected ${offset,width,base} with base d, o, x, X, n or N, and a number that stays at 0 or "
            "above";
        return false;
      }
      i = end;
    } else {
      fmt::format_to(std::back_inserter(out), "{}", number);
    }
  }
  return true;
}

}  // namespace zw
