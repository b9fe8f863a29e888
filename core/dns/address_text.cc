#include "dns/address_text.h"

#include <charconv>
#include <cstring>

namespace zw {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char l = static_cast<char>(c | 0x20);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}  // namespace

bool parse_ipv4(std::string_view text, std::uint8_t* out) {
  std::size_t i = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (i >= text.size() || text[i++] != '.')) return false;
    std::size_t start = i;
    unsigned value = 0;
    while (i < text.size() && i - start < 3 && text[i] >= '0' && text[i] <= '9')
      value = value * 10 + static_cast<unsigned>(text[i++] - '0');
    if (i == start || value > 255 || (text[start] == '0' && i - start > 1)) return false;
    out[part] = static_cast<std::uint8_t>(value);
  }
  return i == text.size();
}

bool parse_ipv6(std::string_view text, std::uint8_t* out) {
  std::uint8_t octets[16] = {};
  std::size_t size = 0, gap = 16 + 1, i = 0;  // `gap`: where "::" stands, none yet
  if (text.starts_with("::")) {
    gap = 0;
    i = 2;
  }
  while (i < text.size()) {
    if (size == 16) return false;
    std::size_t start = i;
    unsigned value = 0;
    while (i < text.size() && i - start < 4 && hex_value(text[i]) >= 0)
      value = value * 16 + static_cast<unsigned>(hex_value(text[i++]));
    if (i < text.size() && text[i] == '.') {  // the last 32 bits as IPv4
      if (size > 12 || !parse_ipv4(text.substr(start), octets + size)) return false;
      size += 4;
      break;
    }
    if (i == start) return false;
    octets[size++] = static_cast<std::uint8_t>(value >> 8);
    octets[size++] = static_cast<std::uint8_t>(value);
    if (i == text.size()) break;
    if (text[i++] != ':') return false;
    if (i < text.size() && text[i] == ':') {
      if (gap <= 16) return false;
      gap = size;
      ++i;
    } else if (i == text.size()) {
      return false;
    }
  }
  if (gap > 16) {
    if (size != 16) return false;
    std::memcpy(out, octets, 16);
    return true;
  }
  if (size > 14) return false;  // "::" stands for at least one group
  std::memset(out, 0, 16);
  std::memcpy(out, octets, gap);
  std::memcpy(out + 16 - (size - gap), octets + gap, size - gap);
  return true;
}

void append_print_ipv4(std::string& out, const std::uint8_t* a) {
  char text[15];
  char* to = text;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) *to++ = '.';
    to = std::to_chars(to, std::end(text), a[i]).ptr;
  }
  out.append(text, static_cast<std::size_t>(to - text));
}

void append_print_ipv6(std::string& out, const std::uint8_t* address) {
  unsigned groups[8];
  for (std::size_t i = 0; i < 8; ++i)
    groups[i] = static_cast<unsigned>(address[2 * i] << 8 | address[2 * i + 1]);
  std::size_t best = 8, best_length = 1;  // the longest run of at least two zero groups, the first of equals
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
    if (end > i) i = end - 1;
  }
  if (best == 0 && best_length == 5 && groups[5] == 0xffff) {  // RFC 5952 §5: IPv4-mapped
    out += "::ffff:";
    append_print_ipv4(out, address + 12);
    return;
  }
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (i > 0 && (best == 8 || i != best + best_length)) out.push_back(':');
    char group[4];
    char* end = std::to_chars(group, std::end(group), groups[i], 16).ptr;
    out.append(group, static_cast<std::size_t>(end - group));
  }
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) {
  constexpr std::size_t kSafeDigits = 19;  // fit into 64 bits, whatever they are
  if (text.empty() || text.size() > kSafeDigits + 1) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto digit = static_cast<std::uint64_t>(text[i]) - '0';
    if (digit > 9) return std::nullopt;
    if (i == kSafeDigits && value > (~std::uint64_t{0} - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value <= most ? std::optional(value) : std::nullopt;
}

bool parse_ttl(std::string_view text, std::uint32_t& ttl) {
  constexpr std::uint64_t kMost = 0x7fffffff;
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  std::uint64_t total = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    std::uint64_t part = 0;
    std::size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      part = part * 10 + static_cast<std::uint64_t>(text[i++] - '0');
      if (part > kMost) return false;
    }
    if (i == start) return false;
    std::uint64_t unit = 1;
    if (i < text.size()) {
      switch (text[i++] | 0x20) {
        case 's': unit = 1; break;
        case 'm': unit = 60; break;
        case 'h': unit = 3600; break;
        case 'd': unit = 86400; break;
        case 'w': unit = 604800; break;
        default: return false;
      }
    }
    total += part * unit;
    if (total > kMost) return false;
  }
  ttl = static_cast<std::uint32_t>(total);
  return true;
}

}  // namespace zw
