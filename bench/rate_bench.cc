// What it costs each answer over UDP to be counted, the reading of the clock with it: none is limited.
#include <benchmark/benchmark.h>

#include "authority/rate_limiter.h"
#include "os/clock.h"

namespace zw {
namespace {

void count_answers(benchmark::State& state) {
  RateLimits limits;
  limits.per_second = limits.total_per_second = 1'000'000;
  RateLimiter limiter(limits, {1, 2, 3});
  SystemClock clock;
  std::vector<Name> cuts;
  for (int i = 0; i < 1400; ++i) cuts.push_back(*Name::parse("tld" + std::to_string(i) + "."));
  std::uint32_t turn = 0;
  for (auto _ : state) {
    std::uint8_t client[4];
    set32(client, 0xc0000200 + (turn++ % 1024 << 6));  // of 256 networks
    ResponseSubject subject{ResponseKind::denial, {}, {}, {}};
    if (turn % 2) subject = {ResponseKind::referral, {}, {}, cuts[turn * 7 % cuts.size()]};
    benchmark::DoNotOptimize(limiter.decide(IpAddress::v4(client), subject, clock.steady()));
  }
}
BENCHMARK(count_answers);

}  // namespace
}  // namespace zw
