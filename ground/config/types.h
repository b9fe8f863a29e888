// The kinds of values that settings have: how each is read from TOML, printed, and called in help texts.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/complaints.h"
#include "dns/address.h"
#include "format/toml.h"

namespace zw {

template <typename T>
struct SettingType {
  /// Completes "expected ..." and says the unit: `a duration from 1s to 1h, such as "30s"`.
  std::string name;
  /// Nothing if the value is not well; then it has complained.
  std::function<std::optional<T>(const Toml& value, Complaints& complaints)> parse;
  /// As TOML; empty for a value that is left out.
  std::function<std::string(const T& value)> print;
};

/// `complaints` hears: expected `name`, got this.
void complain_of_type(const Toml& value, std::string_view name, Complaints& complaints);

/// Anything that is written as a text. `read` fails with what was expected; the text itself is added.
template <typename T>
SettingType<T> text_like(std::string name, std::function<Result<T>(std::string_view text)> read,
                         std::function<std::string(const T&)> show);

/// A text of at most `most` octets, and not an empty one. `name`: `a name of a key`.
SettingType<std::string> text_type(std::string name = "a text", std::size_t most = 1024);
/// A path as it stands; a relative one begins where the program was started.
SettingType<std::string> path_type();
SettingType<bool> flag_type();
/// `"250ms"`, `"30s"`, `"5m"`, `"2h"`, `"1d"`, `"1w"` and sums of them from the largest to the smallest:
/// `"1h30m"`.
SettingType<std::chrono::milliseconds> duration_type(std::chrono::milliseconds least,
                                                     std::chrono::milliseconds most);
/// `"512B"`, `"64KiB"`, `"1MiB"`, `"2GiB"`.
SettingType<std::size_t> size_type(std::size_t least, std::size_t most);
SettingType<IpAddress> ip_type();
/// Address::parse().
SettingType<Address> address_type(std::uint16_t default_port);
SettingType<Network> network_type();
/// parse_time().
SettingType<WallTime> time_type();

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string print_duration(std::chrono::milliseconds duration);
std::optional<std::size_t> parse_size(std::string_view text);
std::string print_size(std::size_t octets);

/// A whole number within bounds.
template <std::integral T>
SettingType<T> number_type(T least, T most);
/// One of some words, each of which stands for a value.
template <typename E>
SettingType<E> one_of(std::vector<std::pair<std::string, E>> words);
/// A list of at most `most` items; every item that is not well is complained of.
template <typename T>
SettingType<std::vector<T>> list_of(SettingType<T> item, std::size_t most);
/// May be left out.
template <typename T>
SettingType<std::optional<T>> maybe(SettingType<T> type);

}  // namespace zw

#include "config/types_inline.h"
