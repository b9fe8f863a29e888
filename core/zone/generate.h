// The range and the templates of $GENERATE, as BIND has them: `$` is the number, `${offset,width,base}` the
// number moved, padded with zeros and in base d, o, x, X, n or N (nibbles joined by dots, the lowest first);
// `$$` and
// `\$` are a dollar sign.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zw {

struct GenerateRange {
  std::uint64_t start, stop, step;
};
/// `start-stop` or `start-stop/step`, numbers up to 2^31 - 1, start ≤ stop, step ≥ 1.
Result<GenerateRange> parse_generate_range(std::string_view text);

/// Appends the template with `number` in place; false with `why` when the template is broken.
bool append_generated(std::string& out, std::string_view text, std::uint64_t number, const char*& why);

}  // namespace zw
