// Reading the text of a zone of 450,000 delegations: the scan alone, and into the store.
#include <benchmark/benchmark.h>

#include <map>
#include <string>

#include "zone/maker.h"
#include "zone/reader.h"
#include "zone/writer.h"

namespace zw {
namespace {

using Writer = Result<void> (*)(const Zone&, const BlockSink&);

// One record a line with absolute names, as most zones are handed about; or short, with relative ones.
const std::string& text(Writer writer) {
  static std::map<Writer, std::string> made;
  std::string& out = made[writer];
  if (out.empty())
    benchmark::DoNotOptimize(
        writer(**make_tld_zone(*Name::parse("nu."), 1, 450'000), [&](Bytes block) -> Result<void> {
          out.append(reinterpret_cast<const char*>(block.data()), block.size());
          return {};
        }));
  return out;
}

struct Counter final : RecordSink {
  std::size_t octets = 0;
  std::optional<Complaint> record(NameView owner, RrType, std::uint32_t, Bytes rdata) override {
    octets += owner.size() + rdata.size();
    return std::nullopt;
  }
};

void scan(benchmark::State& state, Writer writer) {
  const std::string& zone = text(writer);
  for (auto _ : state) {
    Counter counter;
    benchmark::DoNotOptimize(read_records(zone, "nu", {}, counter));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(zone.size()));
}
BENCHMARK_CAPTURE(scan, canonical, write_canonical)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(scan, text, write_text)->Unit(benchmark::kMillisecond);

void read(benchmark::State& state, Writer writer) {
  const std::string& zone = text(writer);
  for (auto _ : state) benchmark::DoNotOptimize(read_zone(zone, "nu"));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(zone.size()));
}
BENCHMARK_CAPTURE(read, canonical, write_canonical)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, text, write_text)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zw
