// SOA serial numbers in sequence-space arithmetic (RFC 1982, SERIAL_BITS = 32).
#pragma once

#include <compare>
#include <cstdint>

namespace zw {

class Serial {
 public:
  constexpr Serial() = default;
  constexpr explicit Serial(std::uint32_t value) : value_(value) {}
  constexpr std::uint32_t value() const { return value_; }
  constexpr Serial next() const { return Serial(value_ + 1); }

  friend constexpr bool operator==(Serial, Serial) = default;

  /// RFC 1982 §3.2. Two serials exactly 2^31 apart are `unordered`: neither is newer.
  friend constexpr std::partial_ordering operator<=>(Serial a, Serial b) {
    std::uint32_t ahead = a.value_ - b.value_;
    if (ahead == 0) return std::partial_ordering::equivalent;
    if (ahead == 0x80000000u) return std::partial_ordering::unordered;
    return ahead < 0x80000000u ? std::partial_ordering::greater : std::partial_ordering::less;
  }

 private:
  std::uint32_t value_ = 0;
};

}  // namespace zw
