// Files that are compiled into a program (cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace zw {

struct EmbeddedFile {
  std::string_view name, content;
};

}  // namespace zw
