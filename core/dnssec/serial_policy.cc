#include "dnssec/serial_policy.h"

namespace zw {
namespace {

std::uint32_t of_date(WallTime now) {
  std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(now));
  auto year = static_cast<std::uint32_t>(static_cast<int>(day.year()));
  return ((year * 100 + static_cast<unsigned>(day.month())) * 100 + static_cast<unsigned>(day.day())) * 100;
}

}  // namespace

Serial next_serial(Serial current, SerialPolicy policy, WallTime now) {
  Serial wanted = current.next();
  if (policy == SerialPolicy::unixtime)
    wanted = Serial(static_cast<std::uint32_t>(now.time_since_epoch().count()));
  if (policy == SerialPolicy::date) wanted = Serial(of_date(now));
  return wanted > current ? wanted : current.next();
}

}  // namespace zw
