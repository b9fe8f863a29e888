// Time as the house uses it. Core never asks what time it is: a caller hands it in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zw {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;
using WallTime = std::chrono::sys_seconds;  // UTC

/// Where the time comes from. `wall` for signatures and logs, `steady` (never steps back; any origin) for
/// timers. Implementations are safe for many threads.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual std::chrono::milliseconds steady() const = 0;
};

/// Reads `2026-08-05T00:00:00Z` (seconds optional), `20260805000000` as in RRSIG, or seconds since 1970.
std::optional<WallTime> parse_time(std::string_view text);
/// `2026-08-05T00:00:00Z`.
std::string print_time(WallTime when);

/// The 32-bit time of an RRSIG nearest to `reference` (RFC 4034 §3.1.5, serial arithmetic).
constexpr WallTime nearest_time(std::uint32_t stamp, WallTime reference) {
  auto distance =
      static_cast<std::int32_t>(stamp - static_cast<std::uint32_t>(reference.time_since_epoch().count()));
  return reference + Seconds(distance);
}

}  // namespace zw
