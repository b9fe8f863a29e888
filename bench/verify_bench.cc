// Verifying and digesting a whole zone: the real root zone, or the zone file that ZONEWRIGHT_BENCH_ZONE names
// (for signatures of today). `at` is the middle of what its SOA signature spans.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "dnssec/verify.h"
#include "os/workers.h"
#include "zone/reader.h"

namespace {

using namespace zw;

std::string zone_path() {
  if (const char* named = std::getenv("ZONEWRIGHT_BENCH_ZONE")) return named;
  const char* folder = std::getenv("ZONEWRIGHT_DATA");
  return std::string(folder ? folder : "../shared/data") + "/" + "root/root.zone.2026073102.gz";
}

std::string read_text(const std::string& path) {
  struct Close {
    void operator()(FILE* file) const { pclose(file); }
  };
  std::unique_ptr<FILE, Close> pipe(popen(("gzip -dcf '" + path + "'").c_str(), "r"));
  std::string text;
  char block[1 << 16];
  while (std::size_t size = std::fread(block, 1, sizeof block, pipe.get())) text.append(block, size);
  return text;
}

const ZonePtr& zone() {
  static const ZonePtr loaded = read_zone(read_text(zone_path()), zone_path()).zone;
  return loaded;
}

WallTime middle() {
  auto signature = zone()->apex().find_signatures(RrType::SOA);
  if (!signature) return {};
  const std::uint8_t* rdata = signature->rdatas().front().data();
  return WallTime(Seconds((std::uint64_t{get32(rdata + 8)} + get32(rdata + 12)) / 2));
}

void BM_Verify(benchmark::State& state) {
  if (!zone()) return state.SkipWithError("there is no zone");
  ThreadWorkers workers(static_cast<std::size_t>(state.range(0)));
  VerifyOptions options{.at = middle()};
  std::size_t signatures = 0;
  for (auto _ : state) {
    VerifyReport report = verify_zone(*zone(), options, workers);
    if (!report.is_valid()) return state.SkipWithError("the zone is not valid");
    signatures += report.signatures;
  }
  state.counters["signatures/s"] =
      benchmark::Counter(static_cast<double>(signatures), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_Verify)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

// The next version when nothing changed: what is left when no signature is computed.
void BM_VerifyAgain(benchmark::State& state) {
  if (!zone()) return state.SkipWithError("there is no zone");
  ThreadWorkers workers(static_cast<std::size_t>(state.range(0)));
  VerifyOptions options{.at = middle(), .remember = true};
  KnownSignaturesPtr known = verify_zone(*zone(), options, workers).remembered;
  options.known = known.get();
  for (auto _ : state) {
    VerifyReport report = verify_zone(*zone(), options, workers);
    if (!report.is_valid() || report.known != known->size())
      return state.SkipWithError("not all signatures were known");
  }
}
BENCHMARK(BM_VerifyAgain)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void BM_Digest(benchmark::State& state) {
  if (!zone()) return state.SkipWithError("there is no zone");
  for (auto _ : state) benchmark::DoNotOptimize(zone_digest(*zone(), ZonemdHash::SHA384));
}
BENCHMARK(BM_Digest)->Unit(benchmark::kMillisecond);

}  // namespace
