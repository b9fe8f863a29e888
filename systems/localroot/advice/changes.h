// What differs between the configuration that somebody has and the one that we would give him now: for a
// person to read when our addresses or a root server's have changed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace zw::localroot {

/// Lines that go begin with "-", new ones with "+", and "@@ 12 @@" before each group tells the line in the
/// old text; empty if they say the same. When they were made does not count, nor does white space at a line's
/// end. `limit` above 2000 lines.
Result<std::string> print_changes(std::string_view had, std::string_view now);

}  // namespace zw::localroot
