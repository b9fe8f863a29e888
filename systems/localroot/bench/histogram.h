// Many measurements in little memory, and percentiles of them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace zw::localroot {

/// Log-linear buckets: exact below 256, within 1 part in 128 above, up to 2^40 (in microseconds some twelve
/// days), which larger values count as. 36 KiB, whatever is put in. One thread at a time.
class LogHistogram {
 public:
  void add(std::uint64_t value);

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }  // exact
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  /// The least value that `share` (above 0, at most 1) of all values do not exceed, rounded up to the end of
  /// its bucket; 0 if there are none.
  std::uint64_t percentile(double share) const;

 private:
  static constexpr unsigned kSubBits = 7;
  static constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
  static constexpr std::size_t index_of(std::uint64_t value) {
    auto bits = static_cast<unsigned>(std::bit_width(value));
    unsigned shift = bits > kSubBits + 1 ? bits - kSubBits - 1 : 0;
    return (std::size_t{shift} << kSubBits) + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t end_of(std::size_t index);

  static constexpr std::size_t kBuckets = (std::size_t{40 - kSubBits + 2}) << kSubBits;

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0, max_ = 0;
  double sum_ = 0;
};

}  // namespace zw::localroot
