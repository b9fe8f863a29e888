// What clients write into header fields (RFC 9110), as values. Every text has a meaning here: what breaks its
// grammar is as if it were not there. Work is linear in the length of the field, which the listener bounds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace zw {

enum class ContentCoding : std::uint8_t { identity, gzip, zstd };
inline constexpr std::size_t kContentCodings = 3;
std::string_view print(ContentCoding coding);

/// How welcome each coding is, in thousandths; 0: not acceptable.
using CodingWishes = std::array<std::uint16_t, kContentCodings>;
/// Accept-Encoding (§12.5.3). Who does not say that he takes a coding is sent none, though the RFC would
/// allow any: programs that fetch files do not look. What is not coded is welcome last if it is not named.
CodingWishes parse_accept_encoding(std::optional<std::string_view> field);

enum class TagComparison : std::uint8_t { strong, weak };  // §8.8.3.2
/// Whether the list of If-Match or If-None-Match is `*` or holds this tag of ours, which is a strong one and
/// given without its quotes.
bool has_entity_tag(std::string_view list, std::string_view tag, TagComparison comparison);

/// Octets of a representation.
struct OctetRange {
  std::size_t first = 0, count = 0;
  friend bool operator==(const OctetRange&, const OctetRange&) = default;
};
struct RangeWish {
  enum class Kind : std::uint8_t { whole, part, unsatisfiable };
  Kind kind = Kind::whole;
  OctetRange part{};
  friend bool operator==(const RangeWish&, const RangeWish&) = default;
};
/// Range (§14.2) of a representation of `size` octets. Several ranges, and units other than `bytes`, are
/// answered whole, which a server may always do.
RangeWish parse_range(std::string_view field, std::size_t size);

/// The token of an Authorization field with the scheme Bearer (RFC 6750 §2.1), whose characters are not
/// looked at.
std::optional<std::string_view> bearer_token(std::string_view authorization);

/// In each of the three forms of §5.6.7. Two digits of a year from 70 on are of the last century.
std::optional<WallTime> parse_http_date(std::string_view text);
/// `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string print_http_date(WallTime when);

}  // namespace zw
