// Inside advice/: what may stand in a configuration. There are seven languages, each with rules of its own
// for quotes and escapes, and checkers that are forgiving in different ways. So nothing is escaped: a word
// that consists of other characters than those that mean the same in all of them is refused.
#pragma once

#include <string_view>

#include "base/result.h"
#include "dns/name.h"

namespace zw::localroot {

/// Labels of letters, digits, "-" and "_" alone. `what` begins the sentence of the error, here and below.
Result<void> check_name(std::string_view what, NameView name);
/// The same, as text, with a dot or none at its end, and not the root.
Result<void> check_host_name(std::string_view what, std::string_view name);
/// Absolute; letters, digits and `/._+-`, and no part `..`.
Result<void> check_path(std::string_view what, std::string_view path);
/// `https://HOST[:PORT]/PATH`, the path in unreserved characters (RFC 3986 §2.3) and "/" alone. HOST is an
/// address or a name that is not within `zone`, unless that is the root, below which are all.
Result<void> check_url(std::string_view url, NameView zone);

}  // namespace zw::localroot
