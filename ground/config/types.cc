#include "config/types.h"

#include <fmt/format.h>

#include <limits>

#include "dns/address_text.h"

namespace zw {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};
constexpr Unit kTimes[] = {{"w", 604'800'000}, {"d", 86'400'000}, {"h", 3'600'000},
                           {"m", 60'000},      {"s", 1000},       {"ms", 1}};
constexpr Unit kSizes[] = {{"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"B", 1}};
constexpr std::uint64_t kMostOfUnits = std::uint64_t{1} << 50;

/// Digits and the unit after them, cut off the front of `text`; the unit's place in `units`, or nothing.
struct Quantity {
  std::uint64_t number;
  std::size_t unit;
};
std::optional<Quantity> take_quantity(std::string_view& text, std::span<const Unit> units) {
  std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto number = parse_number(text.substr(0, digits), kMostOfUnits);
  text.remove_prefix(digits);
  std::size_t letters = std::min(text.find_first_of("0123456789"), text.size());
  auto found = std::ranges::find(units, text.substr(0, letters), &Unit::name);
  text.remove_prefix(letters);
  if (!number || found == units.end() || *number > kMostOfUnits / found->size) return std::nullopt;
  return Quantity{*number, static_cast<std::size_t>(found - units.begin())};
}

template <typename T>
Result<T> within(const std::optional<T>& value, T least, T most, const std::string& name) {
  if (!value || *value < least || *value > most) return fail(ErrorKind::malformed, "expected {}", name);
  return *value;
}

template <typename T>
Result<T> or_fail(std::optional<T> value, const char* expected) {
  if (!value) return fail(ErrorKind::malformed, "expected {}", expected);
  return std::move(*value);
}

std::string same(const std::string& text) { return text; }

}  // namespace

void complain_of_type(const Toml& value, std::string_view name, Complaints& complaints) {
  complaints.add(value.at(), fmt::format("expected {}, got {}", name, value.kind()));
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::uint64_t total = 0;
  std::size_t next_unit = 0;  // units go down, each at most once
  do {
    auto part = take_quantity(text, kTimes);
    if (!part || part->unit < next_unit) return std::nullopt;
    next_unit = part->unit + 1;
    total += part->number * kTimes[part->unit].size;
  } while (!text.empty());
  return std::chrono::milliseconds(total);
}

std::string print_duration(std::chrono::milliseconds duration) {
  auto left = static_cast<std::uint64_t>(duration.count());
  std::string out;
  for (const Unit& unit : kTimes) {
    if (left >= unit.size) out += fmt::format("{}{}", left / unit.size, unit.name);
    left %= unit.size;
  }
  return out.empty() ? "0s" : out;
}

std::optional<std::size_t> parse_size(std::string_view text) {
  auto part = take_quantity(text, kSizes);
  if (!part || !text.empty()) return std::nullopt;
  return part->number * kSizes[part->unit].size;
}

std::string print_size(std::size_t octets) {
  for (const Unit& unit : kSizes)
    if (octets >= unit.size && octets % unit.size == 0)
      return fmt::format("{}{}", octets / unit.size, unit.name);
  return "0B";
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the reader keeps it
SettingType<std::string> text_type(std::string name, std::size_t most) {
  auto read = [=](std::string_view text) -> Result<std::string> {
    if (text.empty() || text.size() > most)
      return fail(ErrorKind::malformed, "expected {} of 1 to {} octets", name, most);
    return std::string(text);
  };
  return text_like<std::string>(name, read, same);
}

SettingType<std::string> path_type() {
  auto read = [](std::string_view text) -> Result<std::string> {
    if (text.empty() || text.size() > 4000 || text.find('\0') != std::string_view::npos)
      return fail(ErrorKind::malformed, "expected a path");
    return std::string(text);
  };
  return text_like<std::string>("a path", read, same);
}

SettingType<bool> flag_type() {
  SettingType<bool> type;
  type.name = "true or false";
  type.parse = [](const Toml& value, Complaints& complaints) {
    auto flag = value.boolean();
    if (!flag) complain_of_type(value, "true or false", complaints);
    return flag;
  };
  type.print = [](const bool& value) { return std::string(value ? "true" : "false"); };
  return type;
}

SettingType<std::chrono::milliseconds> duration_type(std::chrono::milliseconds least,
                                                     std::chrono::milliseconds most) {
  std::string name =
      fmt::format("a duration from \"{}\" to \"{}\"", print_duration(least), print_duration(most));
  auto read = [=](std::string_view text) { return within(parse_duration(text), least, most, name); };
  return text_like<std::chrono::milliseconds>(name, read, print_duration);
}

SettingType<std::size_t> size_type(std::size_t least, std::size_t most) {
  std::string name = fmt::format("a size from \"{}\" to \"{}\"", print_size(least), print_size(most));
  auto read = [=](std::string_view text) { return within(parse_size(text), least, most, name); };
  return text_like<std::size_t>(name, read, print_size);
}

SettingType<IpAddress> ip_type() {
  auto read = [](std::string_view text) { return or_fail(IpAddress::parse(text), "an IP address"); };
  return text_like<IpAddress>("an IP address", read, &IpAddress::print);
}

SettingType<Address> address_type(std::uint16_t default_port) {
  std::string name = fmt::format(
      "an IP address, with a port like 192.0.2.1@5300 or [2001:db8::1]:5300 if not {}", default_port);
  auto read = [=](std::string_view text) -> Result<Address> {
    auto address = Address::parse(text, default_port);
    if (!address) return fail(ErrorKind::malformed, "expected {}", name);
    return *address;
  };
  return text_like<Address>(name, read, &Address::print);
}

SettingType<Network> network_type() {
  return text_like<Network>("an IP address or a network like 192.0.2.0/24", &Network::parse, &Network::print);
}

SettingType<WallTime> time_type() {
  auto type = text_like<WallTime>(
      "a time in UTC like 2026-08-05T00:00:00Z",
      [](std::string_view text) {
        return or_fail(parse_time(text), "a time in UTC like 2026-08-05T00:00:00Z");
      },
      print_time);
  type.parse = [as_text = type.parse](const Toml& value, Complaints& complaints) {
    return value.time() ? value.time() : as_text(value, complaints);  // TOML has times of its own
  };
  return type;
}

}  // namespace zw
