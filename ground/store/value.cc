#include "store/value.h"

#include "format/utf8.h"

namespace zw {

Result<void> check_values(std::string_view statement, std::span<const SqlValue> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].kind() != SqlValue::Kind::text) continue;
    std::string_view text = as_text(values[i].octets());
    if (text.find('\0') != std::string_view::npos || !is_utf8(text))
      return fail(ErrorKind::refused, "{}: value {}: expected text in UTF-8 without U+0000", statement,
                  i + 1);
  }
  return {};
}

}  // namespace zw
