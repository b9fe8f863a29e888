// Signatures of P-256 per second on one core: libcrypto one by one, and ours by many at once. The first of
// each pair is the peer.
#include <benchmark/benchmark.h>

#include <string>

#include "crypto/batch_verifier.h"
#include "crypto/private_key.h"

namespace zw {
namespace {

constexpr std::size_t kCount = 1024, kDataOctets = 120;  // as many octets as a DS RRset has

const PrivateKey& key() {
  static const PrivateKey made = *PrivateKey::generate(DnssecAlgorithm::ECDSAP256SHA256);
  return made;
}

std::vector<Buffer> messages() {
  std::vector<Buffer> out(kCount, Buffer(kDataOctets));
  for (std::size_t i = 0; i < kCount; ++i) set32(out[i].data(), static_cast<std::uint32_t>(i));
  return out;
}

void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
}

void sign_one_by_one(benchmark::State& state) {
  auto data = messages();
  auto signer = key().make_signer(EcdsaNonces::random);
  for (auto _ : state)
    for (const Buffer& message : data) benchmark::DoNotOptimize(signer->sign(message));
  count(state);
}
BENCHMARK(sign_one_by_one);

void sign_all(benchmark::State& state) {
  auto data = messages();
  std::vector<Bytes> views(data.begin(), data.end());
  auto signer = key().make_signer();
  Buffer out(kCount * signer->signature_size());
  for (auto _ : state) {
    if (!signer->sign_all(views, out)) state.SkipWithError("it does not sign");
    benchmark::DoNotOptimize(out.data());
  }
  count(state);
}
BENCHMARK(sign_all);

void verify_one_by_one(benchmark::State& state) {
  auto data = messages();
  std::vector<Buffer> signatures;
  auto signer = key().make_signer();
  for (const Buffer& message : data) signatures.push_back(*signer->sign(message));
  Verifier verifier(key().public_key());
  for (auto _ : state)
    for (std::size_t i = 0; i < kCount; ++i)
      if (!verifier.verify(data[i], signatures[i])) state.SkipWithError("a good one is refused");
  count(state);
}
BENCHMARK(verify_one_by_one);

void verify_all(benchmark::State& state) {
  auto data = messages();
  std::vector<Buffer> signatures;
  auto signer = key().make_signer();
  for (const Buffer& message : data) signatures.push_back(*signer->sign(message));
  std::vector<BatchVerifier::Item> items;
  for (std::size_t i = 0; i < kCount; ++i) items.push_back({data[i], signatures[i]});
  BatchVerifier verifier{BatchKey(key().public_key())};
  for (auto _ : state) {
    verifier.verify(items);
    for (const auto& item : items)
      if (!item.good) state.SkipWithError("a good one is refused");
  }
  count(state);
}
BENCHMARK(verify_all);

void make_a_batch_key(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(BatchKey(key().public_key()));
}
BENCHMARK(make_a_batch_key);

}  // namespace
}  // namespace zw
