// The templates of config/types.h.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "format/utf8.h"

// Tables are built once, at start: what is kept or copied is taken by value.
// NOLINTBEGIN(performance-unnecessary-value-param)
namespace zw {

template <typename T>
SettingType<T> text_like(std::string name, std::function<Result<T>(std::string_view)> read,
                         std::function<std::string(const T&)> show) {
  SettingType<T> type;
  type.name = name;
  type.parse = [name, read = std::move(read)](const Toml& value, Complaints& complaints) -> std::optional<T> {
    auto text = value.text();
    if (!text) return complain_of_type(value, name, complaints), std::nullopt;
    auto parsed = read(*text);
    if (parsed) return std::move(*parsed);
    complaints.add(value.at(), fmt::format("{}, got {}", parsed.error().what, quote_foreign(*text)));
    return std::nullopt;
  };
  type.print = [show = std::move(show)](const T& value) { return print_toml(show(value)); };
  return type;
}

template <std::integral T>
SettingType<T> number_type(T least, T most) {
  std::string name = fmt::format("a whole number from {} to {}", least, most);
  SettingType<T> type;
  type.name = name;
  type.parse = [=](const Toml& value, Complaints& complaints) -> std::optional<T> {
    auto number = value.whole();
    if (number && std::in_range<T>(*number) && static_cast<T>(*number) >= least &&
        static_cast<T>(*number) <= most)
      return static_cast<T>(*number);
    if (!number) return complain_of_type(value, name, complaints), std::nullopt;
    complaints.add(value.at(), fmt::format("expected {}, got {}", name, *number));
    return std::nullopt;
  };
  type.print = [](const T& value) { return fmt::format("{}", value); };
  return type;
}

template <typename E>
SettingType<E> one_of(std::vector<std::pair<std::string, E>> words) {
  std::vector<std::string> known;
  std::string name = "one of ";
  for (const auto& [word, value] : words) {
    name += (known.empty() ? "" : ", ") + print_toml(word);
    known.push_back(word);
  }
  auto read = [=](std::string_view text) -> Result<E> {
    for (const auto& [word, value] : words)
      if (word == text) return value;
    std::string_view meant = nearest(text, known);
    return fail(ErrorKind::malformed, "expected {}{}", name,
                meant.empty() ? "" : fmt::format(" (did you mean {}?)", print_toml(meant)));
  };
  auto show = [=](const E& value) {
    auto found = std::ranges::find(words, value, [](const auto& pair) { return pair.second; });
    ZW_ASSERT(found != words.end());
    return found->first;
  };
  return text_like<E>(name, read, show);
}

template <typename T>
SettingType<std::vector<T>> list_of(SettingType<T> item, std::size_t most) {
  SettingType<std::vector<T>> type;
  type.name = fmt::format("a list of at most {}, each {}", most, item.name);
  type.parse = [=, name = type.name](const Toml& value,
                                     Complaints& complaints) -> std::optional<std::vector<T>> {
    if (!value.is_array()) return complain_of_type(value, name, complaints), std::nullopt;
    if (value.items().size() > most)
      return complaints.add(value.at(), fmt::format("expected {}, got {} items", name, value.items().size())),
             std::nullopt;
    std::size_t before = complaints.size();
    std::vector<T> out;
    for (const Toml& entry : value.items())
      if (auto parsed = item.parse(entry, complaints)) out.push_back(std::move(*parsed));
    return complaints.size() == before ? std::optional(std::move(out)) : std::nullopt;
  };
  type.print = [=](const std::vector<T>& values) {
    std::string out;
    for (const T& value : values) out += (out.empty() ? "" : ", ") + item.print(value);
    return "[" + out + "]";
  };
  return type;
}

template <typename T>
SettingType<std::optional<T>> maybe(SettingType<T> type) {
  SettingType<std::optional<T>> out;
  out.name = type.name;
  out.parse = [=](const Toml& value, Complaints& complaints) -> std::optional<std::optional<T>> {
    if (auto parsed = type.parse(value, complaints)) return std::make_optional(std::move(parsed));
    return std::nullopt;
  };
  out.print = [=](const std::optional<T>& value) { return value ? type.print(*value) : std::string(); };
  return out;
}

}  // namespace zw
// NOLINTEND(performance-unnecessary-value-param)
