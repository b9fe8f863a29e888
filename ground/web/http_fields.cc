#include "web/http_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace zw {
namespace {

constexpr std::uint16_t kMostWelcome = 1000, kNotNamed = 0xffff;
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kDays = "SunMonTueWedThuFriSat";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// What stands before the separator, without white space; `rest` is what stands behind it.
std::string_view next_part(std::string_view& rest, char separator) {
  std::size_t end = std::min(rest.find(separator), rest.size());
  std::string_view part = trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// `0`, `1`, `0.5`, `0.123`, `1.000` (§12.4.2), in thousandths.
std::optional<std::uint16_t> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int value = (text[0] - '0') * 1000, unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (!is_digit(text[i])) return std::nullopt;
    value += (text[i] - '0') * unit;
  }
  return value <= kMostWelcome ? std::optional(static_cast<std::uint16_t>(value)) : std::nullopt;
}

/// Of one member of Accept-Encoding, behind its first semicolon.
std::optional<std::uint16_t> weight_of(std::string_view parameters) {
  std::string_view name = next_part(parameters, '=');
  if (name.empty() && parameters.empty()) return kMostWelcome;
  return same_word(name, "q") ? parse_weight(trim(parameters)) : std::nullopt;
}

/// Digits only; what does not fit is the largest number.
std::optional<std::size_t> parse_position(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  std::size_t value = 0;
  for (char c : text) {
    std::size_t digit = static_cast<std::size_t>(c - '0');
    value = value > (kMost - digit) / 10 ? kMost : value * 10 + digit;
  }
  return value;
}

/// Reads what is fixed and what are numbers, from left to right.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool text(std::string_view expected) {
    bool there = rest_.starts_with(expected);
    if (there) rest_.remove_prefix(expected.size());
    return there;
  }
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (char c : rest_.substr(0, digits)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  /// Two digits, or a blank and one.
  std::optional<int> day() { return text(" ") ? number(1) : number(2); }
  /// From 0.
  std::optional<int> word_of(std::string_view words) {
    for (std::size_t i = 0; i < words.size(); i += 3)
      if (text(words.substr(i, 3))) return static_cast<int>(i / 3);
    return std::nullopt;
  }
  bool long_day_name() {
    for (std::string_view rest : {"sday", "nesday", "rsday", "urday", "day", ""})
      if (text(rest)) return true;
    return false;
  }
  bool time(Seconds& out) {
    auto hour = number(2);
    if (!hour || !text(":")) return false;
    auto minute = number(2);
    if (!minute || !text(":")) return false;
    auto second = number(2);
    if (!second || *hour > 23 || *minute > 59 || *second > 60) return false;
    out = std::chrono::hours(*hour) + std::chrono::minutes(*minute) + Seconds(*second);
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<WallTime> moment(std::optional<int> year, std::optional<int> month, std::optional<int> day,
                               Seconds time) {
  if (!year || !month || !day) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year),
                                   std::chrono::month(static_cast<unsigned>(*month + 1)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + time;
}

// `Sun Nov  6 08:49:37 1994`, behind the name of the day.
std::optional<WallTime> parse_asctime(DateReader in) {
  Seconds time{};
  auto month = in.word_of(kMonths);
  if (!month || !in.text(" ")) return std::nullopt;
  auto day = in.day();
  if (!day || !in.text(" ") || !in.time(time) || !in.text(" ")) return std::nullopt;
  auto year = in.number(4);
  return in.at_end() ? moment(year, month, day, time) : std::nullopt;
}

// `06 Nov 1994 08:49:37 GMT` or `06-Nov-94 08:49:37 GMT`, as `between` says.
std::optional<WallTime> parse_day_first(DateReader in, std::string_view between) {
  Seconds time{};
  auto day = in.number(2);
  if (!in.text(between)) return std::nullopt;
  auto month = in.word_of(kMonths);
  if (!in.text(between)) return std::nullopt;
  bool is_short = between == "-";
  auto year = in.number(is_short ? 2 : 4);
  if (year && is_short) *year += *year < 70 ? 2000 : 1900;
  if (!in.text(" ") || !in.time(time) || !in.text(" GMT") || !in.at_end()) return std::nullopt;
  return moment(year, month, day, time);
}

}  // namespace

std::string_view print(ContentCoding coding) {
  constexpr std::array<std::string_view, kContentCodings> kNames = {"identity", "gzip", "zstd"};
  return kNames[static_cast<std::size_t>(coding)];
}

CodingWishes parse_accept_encoding(std::optional<std::string_view> field) {
  CodingWishes wishes = {kNotNamed, kNotNamed, kNotNamed};
  std::uint16_t others = kNotNamed;
  for (std::string_view rest = field.value_or(""); !rest.empty();) {
    std::string_view member = next_part(rest, ',');
    std::string_view name = next_part(member, ';');
    auto weight = weight_of(member);
    if (!weight) continue;
    if (name == "*") others = *weight;
    if (same_word(name, "x-gzip")) name = "gzip";  // §8.4.1.3
    for (std::size_t i = 0; i < kContentCodings; ++i)
      if (same_word(name, print(static_cast<ContentCoding>(i)))) wishes[i] = *weight;
  }
  for (std::size_t i = 0; i < kContentCodings; ++i)
    if (wishes[i] == kNotNamed) {
      bool is_identity = i == static_cast<std::size_t>(ContentCoding::identity);
      std::uint16_t unsaid = is_identity ? 1 : 0;
      wishes[i] = others == kNotNamed ? unsaid : others;
    }
  return wishes;
}

bool has_entity_tag(std::string_view list, std::string_view tag, TagComparison comparison) {
  list = trim(list);
  if (list == "*") return true;
  for (;;) {
    std::size_t begin = list.find_first_not_of(" \t,");
    if (begin == list.npos) return false;
    list.remove_prefix(begin);
    bool is_weak = list.starts_with("W/");
    if (is_weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return false;
    std::size_t end = list.find('"', 1);
    if (end == list.npos) return false;
    if (list.substr(1, end - 1) == tag && (!is_weak || comparison == TagComparison::weak)) return true;
    list.remove_prefix(end + 1);
  }
}

RangeWish parse_range(std::string_view field, std::size_t size) {
  std::string_view unit = next_part(field, '=');
  if (!same_word(unit, "bytes") || field.find(',') != field.npos) return {};
  std::size_t dash = field.find('-');
  if (dash == field.npos) return {};
  std::string_view from = trim(field.substr(0, dash)), to = trim(field.substr(dash + 1));
  auto first = parse_position(from), last = parse_position(to);
  if ((!first && !from.empty()) || (!last && !to.empty()) || (!first && !last)) return {};
  if (!first) {  // the last so many
    std::size_t count = std::min(*last, size);
    if (count == 0) return {RangeWish::Kind::unsatisfiable, {}};
    return {RangeWish::Kind::part, {size - count, count}};
  }
  if (last && *last < *first) return {};
  if (*first >= size) return {RangeWish::Kind::unsatisfiable, {}};
  std::size_t end = last ? std::min(*last, size - 1) : size - 1;
  return {RangeWish::Kind::part, {*first, end - *first + 1}};
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  DateReader in(text);
  if (!in.word_of(kDays)) return std::nullopt;
  if (in.text(" ")) return parse_asctime(in);
  if (in.text(", ")) return parse_day_first(in, " ");
  if (in.long_day_name() && in.text(", ")) return parse_day_first(in, "-");
  return std::nullopt;
}

std::string print_http_date(WallTime when) {
  auto day = std::chrono::floor<std::chrono::days>(when);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss time(when - day);
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.substr(3 * std::chrono::weekday(day).c_encoding(), 3),
      static_cast<unsigned>(date.day()), kMonths.substr(3 * (static_cast<unsigned>(date.month()) - 1), 3),
      static_cast<int>(date.year()), time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  if (!std::ranges::equal(authorization.substr(0, kScheme.size()), kScheme, same)) return std::nullopt;
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

}  // namespace zw
