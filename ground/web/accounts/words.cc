#include "web/accounts/words.h"

#include "format/utf8.h"

namespace zw {

std::string clean_text(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  while (!out.empty() && !is_utf8(out)) out.pop_back();
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return out;
}

}  // namespace zw
