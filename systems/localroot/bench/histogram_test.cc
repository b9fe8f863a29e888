#include "localroot/bench/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace zw::localroot {

TEST_CASE("a histogram of nothing says nothing") {
  LogHistogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.percentile(0.5) == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.mean() == 0);
}

TEST_CASE("small values are exact") {
  LogHistogram histogram;
  for (std::uint64_t i = 1; i <= 100; ++i) histogram.add(i);
  CHECK(histogram.percentile(0.5) == 50);
  CHECK(histogram.percentile(0.99) == 99);
  CHECK(histogram.percentile(1) == 100);
  CHECK(histogram.percentile(0.001) == 1);
  CHECK(histogram.mean() == doctest::Approx(50.5));
}

TEST_CASE("percentiles of values of every size are those of the sorted list, within a part in 128") {
  Splitmix random(7);
  LogHistogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(random.next() >> (24 + random.below(40)));
    histogram.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    auto rank = static_cast<std::size_t>(share * 20'000) - 1;
    CAPTURE(share);
    CHECK(histogram.percentile(share) >= values[rank]);
    CHECK(histogram.percentile(share) <= values[rank] + values[rank] / 128 + 1);
  }
  CHECK(histogram.max() == values.back());
}

TEST_CASE("a value that is too large counts as the largest") {
  LogHistogram histogram;
  histogram.add(~std::uint64_t{0});
  CHECK(histogram.count() == 1);
  CHECK(histogram.max() == std::uint64_t{1} << 40);
  CHECK(histogram.percentile(1) == histogram.max());
}

}  // namespace zw::localroot
