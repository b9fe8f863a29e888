#include "localroot/bench/histogram.h"

#include <algorithm>
#include <cmath>

namespace zw::localroot {

void LogHistogram::add(std::uint64_t value) {
  value = std::min(value, kMost);
  ++buckets_[index_of(value)];
  ++count_;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

// The largest value of a bucket.
std::uint64_t LogHistogram::end_of(std::size_t index) {
  constexpr std::size_t exact = std::size_t{2} << kSubBits;
  if (index < exact) return index;
  unsigned shift = static_cast<unsigned>(index >> kSubBits) - 1;
  std::uint64_t lead = index - (std::size_t{shift} << kSubBits);
  return ((lead + 1) << shift) - 1;
}

std::uint64_t LogHistogram::percentile(double share) const {
  if (count_ == 0) return 0;
  auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  rank = std::clamp<std::uint64_t>(rank, 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    if ((seen += buckets_[i]) >= rank) return std::min(end_of(i), max_);
  return max_;
}

}  // namespace zw::localroot
