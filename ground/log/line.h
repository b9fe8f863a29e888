// How the fields of a log line are written, in both formats.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "log/log.h"

namespace zw {

constexpr std::size_t kMaxLoggedOctets = 2048;  // of one value; what is longer is cut and ends in "..."

/// `msg="zone published" zone=. serial=1`: a value is quoted when it is empty or has more than plain
/// characters (https://brandur.org/logfmt).
std::string print_logfmt(std::string_view message, std::span<const LogField> fields);
/// `"msg":"zone published","zone":".","serial":1`: the members without the braces.
std::string print_json_members(std::string_view message, std::span<const LogField> fields);

}  // namespace zw
