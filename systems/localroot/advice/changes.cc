#include "localroot/advice/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace zw::localroot {
namespace {

constexpr std::size_t kMostLines = 2000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.remove_suffix(1);
    if (line.find("zonewright-advice:") == std::string_view::npos)
      out.push_back(line);
    else
      out.push_back("");  // so that numbers stay
  }
  return out;
}

/// `at(i, j)`: the most lines that had[i..] and now[j..] have in common, in order.
class CommonLines {
 public:
  CommonLines(const std::vector<std::string_view>& had, const std::vector<std::string_view>& now)
      : width_(now.size() + 1), counts_((had.size() + 1) * width_) {
    for (std::size_t i = had.size(); i-- > 0;)
      for (std::size_t j = now.size(); j-- > 0;)
        counts_[i * width_ + j] = static_cast<std::uint16_t>(
            had[i] == now[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1)));
  }
  std::uint16_t at(std::size_t i, std::size_t j) const { return counts_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint16_t> counts_;
};

}  // namespace

Result<std::string> print_changes(std::string_view had, std::string_view now) {
  auto before = lines_of(had), after = lines_of(now);
  if (before.size() > kMostLines || after.size() > kMostLines)
    return fail(ErrorKind::limit, "expected at most {} lines to compare", kMostLines);
  CommonLines common(before, after);
  std::string out;
  bool in_group = false;
  for (std::size_t i = 0, j = 0; i < before.size() || j < after.size();) {
    if (i < before.size() && j < after.size() && before[i] == after[j]) {
      ++i, ++j;
      in_group = false;
      continue;
    }
    if (!in_group) out += fmt::format("@@ {} @@\n", i + 1);
    in_group = true;
    if (j == after.size() || (i < before.size() && common.at(i + 1, j) >= common.at(i, j + 1)))
      out += fmt::format("-{}\n", before[i++]);
    else
      out += fmt::format("+{}\n", after[j++]);
  }
  return out;
}

}  // namespace zw::localroot
