// A table of settings as text for people.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace zw {

/// For `--help`: the full path of each row, its type, its default, and under it its help, at most 100 columns
/// wide.
std::string print_settings_help(const std::vector<SettingDoc>& rows);
/// For README files: one table for each TOML table.
std::string print_settings_markdown(const std::vector<SettingDoc>& rows);
/// For man pages: the inside of a section in man(7).
std::string print_settings_man(const std::vector<SettingDoc>& rows);
/// A file to begin with: every row with its help as a comment, those with a default commented out.
std::string print_settings_example(const std::vector<SettingDoc>& rows);

}  // namespace zw
