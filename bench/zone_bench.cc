// Writing, comparing and changing a zone of 450,000 delegations, and making it.
#include <benchmark/benchmark.h>

#include "zone/check.h"
#include "zone/maker.h"
#include "zone/writer.h"

namespace zw {
namespace {

constexpr std::size_t kDelegations = 450'000;

const Zone& large_zone() {
  static const ZonePtr zone = *make_tld_zone(*Name::parse("nu."), 1, kDelegations);
  return *zone;
}

void count_records(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(large_zone().record_count()));
}

void make_zone(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(make_tld_zone(*Name::parse("nu."), 1, kDelegations));
  count_records(state);
}
BENCHMARK(make_zone)->Unit(benchmark::kMillisecond);

void write(benchmark::State& state, Result<void> (*writer)(const Zone&, const BlockSink&)) {
  std::int64_t octets = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(writer(large_zone(), [&](Bytes block) -> Result<void> {
      octets += static_cast<std::int64_t>(block.size());
      return {};
    }));
  state.SetBytesProcessed(octets);
  count_records(state);
}
BENCHMARK_CAPTURE(write, canonical, write_canonical)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write, text, write_text)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write, wire, write_wire)->Unit(benchmark::kMillisecond);

void read_wire_form(benchmark::State& state) {
  Buffer file;
  benchmark::DoNotOptimize(write_wire(large_zone(), [&](Bytes block) -> Result<void> {
    append(file, block);
    return {};
  }));
  for (auto _ : state) benchmark::DoNotOptimize(read_wire(file));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(file.size()));
  count_records(state);
}
BENCHMARK(read_wire_form)->Unit(benchmark::kMillisecond);

// The new version is dropped within the time, as a server drops the version before.
void apply_changes(benchmark::State& state) {
  Changeset changes = make_changes(large_zone(), 2, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(apply(large_zone(), changes));
}
BENCHMARK(apply_changes)->Arg(1)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void find_changes(benchmark::State& state) {
  Changeset changes = make_changes(large_zone(), 2, static_cast<std::size_t>(state.range(0)));
  ZonePtr next = *apply(large_zone(), changes);
  for (auto _ : state) benchmark::DoNotOptimize(diff(large_zone(), *next));
}
BENCHMARK(find_changes)->Arg(1)->Arg(1000)->Unit(benchmark::kMillisecond);

// Two versions that share no page, as when a new one came by AXFR.
void compare_whole_zones(benchmark::State& state) {
  ZonePtr other = *make_tld_zone(*Name::parse("nu."), 1, kDelegations);
  for (auto _ : state) benchmark::DoNotOptimize(diff(large_zone(), *other));
  count_records(state);
}
BENCHMARK(compare_whole_zones)->Unit(benchmark::kMillisecond);

void check(benchmark::State& state) {
  for (auto _ : state) {
    Findings findings;
    check_zone(large_zone(), findings);
    benchmark::DoNotOptimize(findings.errors());
  }
  count_records(state);
}
BENCHMARK(check)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zw
