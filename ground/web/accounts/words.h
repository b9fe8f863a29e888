// Texts that strangers chose, as they are kept.
#pragma once

#include <string>
#include <string_view>

namespace zw {

/// At most `most` octets of UTF-8, without control characters and what is no UTF-8.
std::string clean_text(std::string_view text, std::size_t most);

}  // namespace zw
