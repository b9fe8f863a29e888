// The guard in front of the TOML parser, which recurses with the text: by brackets and by dotted keys.
#pragma once

#include <optional>
#include <string_view>

#include "format/toml.h"

namespace zw {

/// The first place where `text` goes beyond `limits`, or where a string or bracket opens that TOML does not
/// have; found in one pass without recursion. It may see more depth than there is in text that is no TOML,
/// never less.
std::optional<TextError> find_toml_excess(std::string_view text, TomlLimits limits);

}  // namespace zw
