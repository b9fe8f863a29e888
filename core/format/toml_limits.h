// The guard in front of the TOML parser, which recurses with the text: by brackets and by dotted keys, and
// which for letters beyond ASCII in a bare key walks off its tables (TOML 1.0 has no such keys).
#pragma once

#include <optional>
#include <string_view>

#include "format/toml.h"

namespace zw {

/// The first place where `text` goes beyond `limits` or has an octet above 127 outside of strings and
/// comments, found in one pass without recursion. It may see depth than there is in text that is no TOML,
/// never less.
std::optional<TextError> find_toml_excess(std::string_view text, TomlLimits limits);

}  // namespace zw
