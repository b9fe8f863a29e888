// What of Unicode the house asks libraries for: texts in one form, and names of hosts in their ASCII form.
// Functions are pure and safe for many threads.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace zw {

/// Normalization form C (Unicode Standard Annex 15), so that one text has one form whatever keyboard it was
/// typed on. Fails with `malformed` if `text` is no UTF-8.
Result<std::string> normal_form_c(std::string_view text);

/// A name that people give to a thing of theirs, in normalization form C. Fails with `malformed`, in words
/// for whoever typed it, unless it has 1 to `most` characters, not only spaces, and none that a reader cannot
/// see.
Result<std::string> parse_label(std::string_view text, std::size_t most);

/// A host name with its labels in ASCII (IDNA2008, RFC 5891 §5), in lower case: `bücher.example` becomes
/// `xn--bcher-kva.example`. ASCII names only have to be letters, digits and hyphens in labels of 1 to 63
/// octets, at most 253 octets, without a dot at the end. Fails with `malformed`, in words for whoever typed
/// it.
Result<std::string> ascii_host_name(std::string_view name);

}  // namespace zw
