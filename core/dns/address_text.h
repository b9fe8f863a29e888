// IPv4 and IPv6 addresses in text (RFC 4291 §2.2 to read, RFC 5952 to print), and TTLs with units.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zw {

/// Four decimal octets without leading zeros; writes 4 octets.
bool parse_ipv4(std::string_view text, std::uint8_t* out);
/// All forms of RFC 4291, no zone index; writes 16 octets.
bool parse_ipv6(std::string_view text, std::uint8_t* out);
void append_print_ipv4(std::string& out, const std::uint8_t* address);
void append_print_ipv6(std::string& out, const std::uint8_t* address);

/// Seconds up to 2^31 - 1 (RFC 2181 §8), plain or with units as in `1w2d3h4m5s`. The first form is for zone
/// files, where an optional that comes back from a function out of line costs as much as the parsing.
bool parse_ttl(std::string_view text, std::uint32_t& ttl);
inline std::optional<std::uint32_t> parse_ttl(std::string_view text) {
  std::uint32_t ttl;
  return parse_ttl(text, ttl) ? std::optional(ttl) : std::nullopt;
}
/// A decimal number of at most `most`, digits only.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most);

}  // namespace zw
