#include "config/complaints.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace zw {
namespace {

/// Insertions, deletions and substitutions between two words (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, substituted}));
    }
  }
  return row.back();
}

}  // namespace

void Complaints::add(TextPosition at, std::string what) {
  if (all_.size() < kMost) all_.push_back({at, std::move(what)});
}

std::vector<TextError> Complaints::sorted() const {
  auto out = all_;
  std::ranges::stable_sort(out, {}, &TextError::at);
  return out;
}

std::string print_errors(std::string_view file, const std::vector<TextError>& errors) {
  std::string out;
  for (const auto& [at, what] : errors)
    out += at.line == 0 ? fmt::format("{}: {}\n", file, what)
                        : fmt::format("{}:{}:{}: {}\n", file, at.line, at.column, what);
  return out;
}

std::string_view nearest(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > 64) return {};  // bounds the work; no setting is called so
  std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
  std::string_view found;
  for (const auto& candidate : known) {
    std::size_t far = distance(name, candidate);
    if (far < best) {
      best = far;
      found = candidate;
    }
  }
  return found;
}

}  // namespace zw
