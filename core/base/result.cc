#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace zw {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "zonewright: %s:%d: assertion failed: %s\n", file, line, expression);
  std::abort();
}

}  // namespace zw
