#include "format/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "format/toml_limits.h"
#include "format/utf8.h"

namespace {
struct TomlAssertionFailed {};
[[noreturn]] void toml_assertion_failed() { throw TomlAssertionFailed(); }
}  // namespace
// Some malformed texts (`2026-07-31TX`) run the library into its own assertions, which abort in one build and
// are undefined in the other. Here they are thrown in both, and caught in parse_toml() below.
#undef NDEBUG
#define TOML_ASSERT(expression) ((expression) ? static_cast<void>(0) : toml_assertion_failed())
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace zw {
namespace {

template <typename T>
using Read = std::expected<T, TextError>;

TextPosition position(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

std::unexpected<TextError> wrong(TextPosition at, std::string what) {
  return std::unexpected(TextError{at, std::move(what)});
}

Read<Toml> copy(const toml::node& node, std::size_t depth);

Read<Toml> copy_table(const toml::table& from, std::size_t depth) {
  Toml::Table out;
  for (const auto& [key, value] : from) {
    auto copied = copy(value, depth);
    if (!copied) return copied;
    out.push_back({std::string(key.str()), position(key.source()), std::move(*copied)});
  }
  std::ranges::stable_sort(out, {}, &TomlMember::at);  // toml++ keeps them by name
  return Toml(std::move(out), position(from.source()));
}

Read<Toml> copy_array(const toml::array& from, std::size_t depth) {
  Toml::Array out;
  for (const auto& item : from) {
    auto copied = copy(item, depth);
    if (!copied) return copied;
    out.push_back(std::move(*copied));
  }
  return Toml(std::move(out), position(from.source()));
}

Read<Toml> copy_time(const toml::date_time& when, TextPosition at) {
  if (!when.offset) return wrong(at, "expected an offset from UTC after the time, such as Z");
  auto date = std::chrono::year(when.date.year) / when.date.month / when.date.day;
  if (!date.ok()) return wrong(at, "expected a day that exists");
  WallTime local = std::chrono::sys_days(date) + std::chrono::hours(when.time.hour) +
                   std::chrono::minutes(when.time.minute) + Seconds(when.time.second);
  return Toml(local - std::chrono::minutes(when.offset->minutes), at);
}

Read<Toml> copy(const toml::node& node, std::size_t depth) {
  TextPosition at = position(node.source());
  if (depth == 0) return wrong(at, "nested deeper than the limit");
  if (const auto* table = node.as_table()) return copy_table(*table, depth - 1);
  if (const auto* array = node.as_array()) return copy_array(*array, depth - 1);
  if (const auto* text = node.as_string()) return Toml(text->get(), at);
  if (const auto* whole = node.as_integer()) return Toml(whole->get(), at);
  if (const auto* real = node.as_floating_point()) return Toml(real->get(), at);
  if (const auto* boolean = node.as_boolean()) return Toml(boolean->get(), at);
  if (const auto* when = node.as_date_time()) return copy_time(when->get(), at);
  return wrong(at, "expected a date together with a time and an offset from UTC");
}

}  // namespace

std::expected<Toml, TextError> parse_toml(std::string_view text, TomlLimits limits) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // the mark some editors put in front
  if (auto excess = find_toml_excess(text, limits)) return std::unexpected(std::move(*excess));
  try {
    auto parsed = toml::parse(text);
    if (!parsed) return wrong(position(parsed.error().source()), std::string(parsed.error().description()));
    return copy(parsed.table(), limits.depth + 1);
  } catch (const TomlAssertionFailed&) {
    return wrong({}, "a malformed value, perhaps a date or time");
  }
}

Toml::Toml() : value_(Table{}) {}
Toml::Toml(Variant value, TextPosition at) : value_(std::move(value)), at_(at) {}

std::optional<std::string_view> Toml::text() const {
  auto* found = std::get_if<std::string>(&value_);
  return found ? std::optional<std::string_view>(*found) : std::nullopt;
}

std::span<const Toml> Toml::items() const {
  if (auto* array = std::get_if<Array>(&value_)) return *array;
  return {};
}

std::span<const TomlMember> Toml::members() const {
  if (auto* table = std::get_if<Table>(&value_)) return *table;
  return {};
}

const Toml* Toml::find(std::string_view key) const {
  for (const TomlMember& member : members())
    if (member.key == key) return &member.value;
  return nullptr;
}

std::string_view Toml::kind() const {
  constexpr std::string_view kNames[] = {"a boolean", "a whole number", "a real number", "a text",
                                         "a time",    "an array",       "a table"};
  return kNames[value_.index()];
}

std::string print_toml(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    auto [point, octets] = first_point(text);
    char32_t p = point.value_or(0xFFFD);
    if (p == '"' || p == '\\')
      out.append({'\\', static_cast<char>(p)});
    else if (is_deceptive(p))
      fmt::format_to(std::back_inserter(out), "\\U{:08x}", static_cast<unsigned>(p));
    else
      append_utf8(out, p);
    text.remove_prefix(octets);
  }
  return out += '"';
}

}  // namespace zw
