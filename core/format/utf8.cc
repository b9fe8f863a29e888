#include "format/utf8.h"

#include <fmt/format.h>

#include <iterator>

namespace zw {
namespace {

unsigned octet(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (octet(text, at) & 0xC0) == 0x80;
}

}  // namespace

Utf8Step first_point(std::string_view text) {
  unsigned lead = octet(text, 0);
  if (lead < 0x80) return {lead, 1};
  std::size_t octets = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {std::nullopt, 1};
  char32_t point = lead & (0xFFu >> (octets + 1));
  for (std::size_t i = 1; i < octets; ++i) {
    if (!continues(text, i)) return {std::nullopt, 1};
    point = point << 6 | (octet(text, i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kLeast[octets] || point > 0x10FFFF || surrogate) return {std::nullopt, 1};
  return {point, octets};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    Utf8Step step = first_point(text);
    if (!step.point) return false;
    text.remove_prefix(step.octets);
  }
  return true;
}

void append_utf8(std::string& out, char32_t p) {
  auto put = [&](char32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (p < 0x80) return put(p);
  if (p < 0x800) return put(0xC0 | p >> 6), put(0x80 | (p & 0x3F));
  if (p < 0x10000) return put(0xE0 | p >> 12), put(0x80 | (p >> 6 & 0x3F)), put(0x80 | (p & 0x3F));
  put(0xF0 | p >> 18), put(0x80 | (p >> 12 & 0x3F)), put(0x80 | (p >> 6 & 0x3F)), put(0x80 | (p & 0x3F));
}

bool is_deceptive(char32_t p) {
  auto within = [p](char32_t low, char32_t high) { return p >= low && p <= high; };
  return p < 0x20 || within(0x7F, 0x9F) || p == 0xAD || p == 0x61C || within(0x200B, 0x200F) ||
         within(0x2028, 0x202E) || within(0x2060, 0x206F) || p == 0xFEFF || within(0xFFF9, 0xFFFB) ||
         within(0xE0000, 0xE007F);
}

void append_foreign(std::string& out, std::string_view text, std::size_t most) {
  bool cut = text.size() > most;
  if (cut) text = text.substr(0, most);
  while (!text.empty()) {
    auto [point, octets] = first_point(text);
    if (!point)
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", octet(text, 0));
    else if (*point == '"' || *point == '\\')
      out.append({'\\', static_cast<char>(*point)});
    else if (*point == '\n')
      out += "\\n";
    else if (is_deceptive(*point))
      fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", static_cast<unsigned>(*point));
    else
      out.append(text.substr(0, octets));
    text.remove_prefix(octets);
  }
  if (cut) out += "...";
}

std::string quote_foreign(std::string_view text, std::size_t most) {
  std::string out = "\"";
  append_foreign(out, text, most);
  return out += '"';
}

}  // namespace zw
