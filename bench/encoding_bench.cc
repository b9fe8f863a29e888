// Base 64 is most of the text of a signed zone: how many octets of it are read and printed per second.
#include <benchmark/benchmark.h>

#include "base/encoding.h"
#include "base/random.h"

namespace zw {
namespace {

constexpr std::size_t kSignatureOctets = 256;  // RSA with 2048 bits, as in the root zone

Buffer signature() {
  Buffer octets(kSignatureOctets);
  Splitmix(1).fill(octets);
  return octets;
}

void count_octets(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kSignatureOctets));
}

void read_base64(benchmark::State& state) {
  std::string text = base64(signature());
  Buffer out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(decode_base64(text, out));
  }
  count_octets(state);
}
BENCHMARK(read_base64);

void print_base64(benchmark::State& state) {
  Buffer octets = signature();
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_base64(out, octets);
    benchmark::DoNotOptimize(out.data());
  }
  count_octets(state);
}
BENCHMARK(print_base64);

}  // namespace
}  // namespace zw
