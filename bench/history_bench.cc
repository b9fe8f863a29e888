// The history of a zone: what a new version costs, and how large the answers to IXFR and the journal are.
//
// The root is signed anew as a whole at each publication: ZONEWRIGHT_ROOT names a real signed root zone as
// text; without it a root-like zone gets signatures of the same size. They are random octets, which no
// compression helps.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "base/random.h"
#include "os/files.h"
#include "os/temporary_folder.h"
#include "transfer/journal.h"
#include "zone/builder.h"
#include "zone/maker.h"
#include "zone/reader.h"

namespace zw {
namespace {

constexpr std::size_t kRsaOctets = 256;

ZonePtr read_root(const char* file) {
  auto text = read_file(file, 1 << 30);
  ZW_ASSERT(text);
  return read_zone(as_text(*text), file).zone;
}

// A root-like zone where each DS, each delegation's NSEC and each RRset of the apex has a signature.
ZonePtr made_root() {
  ZonePtr zone = make_root_zone(1, kRootSize, "");
  ZoneBuilder builder(zone->origin());
  Buffer signature(18 + 1 + kRsaOctets);
  auto sign = [&](NameView owner, RrType type) {
    set16(signature.data(), static_cast<std::uint16_t>(type));
    builder.add(owner, RrType::RRSIG, 86'400, signature);
  };
  zone->visit_rrsets([&](NameView relative, RrSetView set) {
    Name owner = zone->owner(relative);
    for (Bytes rdata : set.rdatas()) builder.add(owner, set.type(), set.ttl(), rdata);
    if (relative.is_root() || set.type() == RrType::DS) sign(owner, set.type());
    if (set.type() == RrType::NS) sign(owner, RrType::NSEC);
  });
  Findings findings;
  return *builder.build(findings);
}

ZonePtr root() {
  const char* file = std::getenv("ZONEWRIGHT_ROOT");
  static const ZonePtr zone = file ? read_root(file) : made_root();
  return zone;
}

// The next version: other signatures, and nothing else.
ZonePtr sign_anew(const Zone& zone, std::uint32_t serial, Random& random) {
  ZoneBuilder builder(zone.origin());
  zone.visit_rrsets([&](NameView relative, RrSetView set) {
    for (Bytes rdata : set.rdatas()) {
      Buffer octets(rdata.begin(), rdata.end());
      if (set.type() == RrType::SOA) set32(octets.data() + octets.size() - 20, serial);
      if (set.type() == RrType::RRSIG) random.fill(MutableBytes(octets).last(kRsaOctets));
      builder.add(zone.owner(relative), set.type(), set.ttl(), octets);
    }
  });
  Findings findings;
  return *builder.build(findings);
}

double as_double(std::size_t n) { return static_cast<double>(n); }

// 75 versions, which are 30 days: what each costs, what they take on disk.
void root_signed_anew(benchmark::State& state) {
  Splitmix random(1);
  for (auto _ : state) {
    state.PauseTiming();
    TemporaryFolder folder;
    Journal journal(folder.path() + "/journal", {.octets = 64'000'000});
    ZonePtr zone = sign_anew(*root(), 1, random);
    std::size_t whole = WireImage::make(zone, 1 << 30)->run()->stream_octets();
    DifferencesPtr differences = Differences::none(zone, {.whole = whole});
    for (std::uint32_t serial = 2; serial <= 76; ++serial) {
      ZonePtr next = sign_anew(*zone, serial, random);
      state.ResumeTiming();
      Changeset changes = *diff(*zone, *next);
      ZW_ASSERT(journal.append(*zone, changes));
      differences = differences->with(changes, next, {.whole = whole});
      state.PauseTiming();
      zone = next;
    }
    state.counters["records"] = as_double(zone->record_count());
    state.counters["axfr_bytes"] = as_double(whole);
    state.counters["ixfr_bytes"] = as_double(differences->last_step_octets());
    state.counters["journal_bytes"] = as_double(journal.octets());
    state.counters["versions"] = as_double(journal.versions());
    state.counters["held_bytes"] = as_double(differences->octets());
    state.ResumeTiming();
  }
}
BENCHMARK(root_signed_anew)->Unit(benchmark::kMillisecond)->Iterations(1);

// 24 versions of a large zone of which each changes a little: the time is of all of them.
void tld_changes(benchmark::State& state) {
  ZonePtr first = *make_tld_zone(*Name::parse("nu."), 1, 450'000);
  for (auto _ : state) {
    state.PauseTiming();
    TemporaryFolder folder;
    Journal journal(folder.path() + "/journal", {});
    ZonePtr zone = first;
    Differences::Settings settings{.whole = 50'000'000, .condensed = state.range(1) != 0};
    DifferencesPtr differences = Differences::none(zone, settings);
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
      ZonePtr next = *apply(*zone, make_changes(*zone, seed, static_cast<std::size_t>(state.range(0))));
      state.ResumeTiming();
      Changeset changes = *diff(*zone, *next);
      ZW_ASSERT(journal.append(*zone, changes));
      differences = differences->with(changes, next, settings);
      state.PauseTiming();
      zone = next;
    }
    state.counters["ixfr_1_bytes"] = as_double(differences->last_step_octets());
    state.counters["ixfr_24_bytes"] = as_double(differences->from(first->serial())->octets);
    state.counters["journal_bytes"] = as_double(journal.octets());
    state.counters["held_bytes"] = as_double(differences->octets());
    state.ResumeTiming();
  }
}
BENCHMARK(tld_changes)
    ->ArgNames({"changes", "condensed"})
    ->Args({1000, 0})
    ->Args({1000, 1})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace zw
