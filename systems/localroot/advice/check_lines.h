// Inside advice/: the lines of a foreign configuration, without what is a comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "localroot/advice/check.h"

namespace zw::localroot {

struct ConfigLine {
  std::size_t number;
  std::string text;                             // without comments, in lower case
  bool in_sources = false;                      // within the braces of `primaries` (BIND)
  bool in_root_zone = false;                    // of `zone "."`
  std::vector<std::string_view> words() const;  // of letters, digits and .:-_@#/
};

Dialect find_dialect(std::string_view text);
std::vector<ConfigLine> read_lines(std::string_view text, Dialect dialect);

}  // namespace zw::localroot
