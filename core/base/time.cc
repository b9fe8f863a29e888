#include "base/time.h"

#include <fmt/format.h>

#include <charconv>

namespace zw {
namespace {

std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<WallTime> from_parts(std::string_view y, std::string_view mo, std::string_view d,
                                   std::string_view h, std::string_view mi, std::string_view s) {
  auto year = digits(y), month = digits(mo), day = digits(d), hour = digits(h), minute = digits(mi),
       second = digits(s);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  auto date = std::chrono::year(static_cast<int>(*year)) / static_cast<int>(*month) / static_cast<int>(*day);
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         Seconds(*second);
}

}  // namespace

std::optional<WallTime> parse_time(std::string_view t) {
  bool iso = t.size() >= 17 && t[4] == '-' && t[7] == '-' && t[10] == 'T' && t[13] == ':' && t.back() == 'Z';
  if (iso && t.size() == 20 && t[16] == ':')
    return from_parts(t.substr(0, 4), t.substr(5, 2), t.substr(8, 2), t.substr(11, 2), t.substr(14, 2),
                      t.substr(17, 2));
  if (iso && t.size() == 17)
    return from_parts(t.substr(0, 4), t.substr(5, 2), t.substr(8, 2), t.substr(11, 2), t.substr(14, 2), "00");
  if (t.size() == 14)
    return from_parts(t.substr(0, 4), t.substr(4, 2), t.substr(6, 2), t.substr(8, 2), t.substr(10, 2),
                      t.substr(12, 2));
  std::int64_t seconds = 0;
  auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), seconds);
  if (t.empty() || t.size() > 11 || error != std::errc{} || end != t.data() + t.size()) return std::nullopt;
  return WallTime(Seconds(seconds));
}

std::string print_time(WallTime when) {
  auto day = std::chrono::floor<std::chrono::days>(when);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(when - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace zw
