#include "config/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/utf8.h"

namespace zw {

void check_keys(const Toml& table, const std::vector<SettingDoc>& rows, Complaints& complaints) {
  std::vector<std::string> known;
  for (const SettingDoc& row : rows) known.push_back(row.key);
  for (const TomlMember& member : table.members()) {
    if (std::ranges::find(known, member.key) != known.end()) continue;
    std::string_view meant = nearest(member.key, known);
    complaints.add(member.at, fmt::format("unknown setting {}{}", quote_foreign(member.key),
                                          meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
  for (const SettingDoc& row : rows)
    if (row.required && !table.find(row.key))
      complaints.add(table.at(), fmt::format("setting \"{}\" is missing: expected {}", row.key, row.type));
}

TextPosition place_of(const Toml& table, std::string_view key) {
  for (const TomlMember& member : table.members())
    if (member.key == key) return member.at;
  return table.at();
}

std::string join_path(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

}  // namespace zw
