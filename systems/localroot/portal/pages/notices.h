// What is told on the page after a change. The address holds a word that stands for a sentence of ours, so
// that nobody writes texts into our pages.
#pragma once

#include <string_view>

namespace zw::localroot::portal {

/// Empty for words that there are not.
std::string_view notice(std::string_view word);

}  // namespace zw::localroot::portal
