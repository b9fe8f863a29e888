// Labels of internationalised names in their ASCII form (RFC 3492, RFC 5890 §2.3.2.1), as far as the zone
// maker needs it: text that is in its normal form already is encoded, nothing is checked or mapped (IDNA).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zw {

/// `xn--…` for UTF-8 text, ASCII text as it is; absent if it is no UTF-8 or no label then.
std::optional<std::string> ascii_label(std::string_view utf8);

}  // namespace zw
