#include "store/changes.h"

#include <algorithm>

namespace zw {

bool Changes::has(std::string_view topic) const {
  return everything || std::ranges::find(topics, topic) != topics.end();
}

}  // namespace zw
