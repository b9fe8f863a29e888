// Subscribers of a zone that come and go: what it costs the loop's thread to take a million of them at once,
// with 100,000 keys, and then others for a hundred thousand of them; nothing is sent.
#include <benchmark/benchmark.h>

#include "localroot/announcer.h"
#include "os/clock.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kSubscribers = 1'000'000, kOfEachKey = 10, kChanged = 100'000;

Address address_of(std::size_t i) {
  std::uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8};
  set64(octets + 8, i * 0x9e3779b97f4a7c15u);
  return {IpAddress::v6(octets), kDnsPort};
}

std::vector<NotifyTarget> make_targets() {
  std::vector<NotifyTarget> out(kSubscribers);
  std::shared_ptr<const TsigKey> key;
  Name name = *Name::parse("k.");
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % kOfEachKey == 0) {
      auto made = TsigKey::make(name, TsigAlgorithm::hmac_sha256, as_bytes("0123456789abcdef"));
      ZW_ASSERT(made);
      key = std::make_shared<const TsigKey>(std::move(*made));
    }
    out[i] = {address_of(i), {}, key, static_cast<std::uint8_t>(i % kNotifyPolicies)};
  }
  return out;
}

struct World {
  World()
      : loop(std::move(*Loop::make())),
        announcer(AnnouncerWorld{*loop, clock, random, log, lines, metrics, budget}, Name(), {}) {}

  SystemClock clock;
  SystemRandom random;
  Logger log{clock, {}, [](std::string_view) {}};
  LogRate lines{10, Milliseconds(1)};
  Metrics metrics{1};
  EgressBudget budget;
  std::unique_ptr<Loop> loop;
  Announcer announcer;
};

void take_a_million(benchmark::State& state) {
  const std::vector<NotifyTarget> targets = make_targets();
  for (auto _ : state) {
    state.PauseTiming();
    auto world = std::make_unique<World>();
    state.ResumeTiming();
    world->announcer.change(targets, {});
    state.PauseTiming();
    world.reset();
    state.ResumeTiming();
  }
}

// Those who go are of no order, and others come.
void change_a_hundred_thousand(benchmark::State& state) {
  std::vector<NotifyTarget> targets = make_targets();
  World world;
  world.announcer.change(targets, {});
  Splitmix dice(1);
  std::size_t next = kSubscribers;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<NotifyTarget> told;
    std::vector<Address> gone;
    for (std::size_t i = 0; i < kChanged; ++i) {
      std::size_t which = i * (kSubscribers / kChanged) + dice.below(kSubscribers / kChanged);
      gone.push_back(targets[which].address);
      told.push_back(targets[which]);
      told.back().address = targets[which].address = address_of(next++);
    }
    for (std::size_t i = kChanged; i > 1; --i) {
      std::size_t other = dice.below(i);
      std::swap(gone[i - 1], gone[other]);
    }
    state.ResumeTiming();
    world.announcer.change(told, gone);
  }
}

// One goes and another comes, as from a page of the portal.
void change_one(benchmark::State& state) {
  World world;
  std::vector<NotifyTarget> targets = make_targets();
  world.announcer.change(targets, {});
  std::size_t next = 0;
  for (auto _ : state) {
    NotifyTarget& one = targets[next * 7919 % kSubscribers];
    Address gone = one.address;
    one.address = address_of(kSubscribers + next++);
    world.announcer.change({&one, 1}, {&gone, 1});
  }
}

void forget_all_and_take_them_again(benchmark::State& state) {
  const std::vector<NotifyTarget> targets = make_targets();
  World world;
  world.announcer.change(targets, {});
  for (auto _ : state) {
    world.announcer.forget_dynamic();
    world.announcer.change(targets, {});
  }
}

BENCHMARK(take_a_million)->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(change_a_hundred_thousand)->Unit(benchmark::kMillisecond)->Iterations(20);
BENCHMARK(change_one)->Unit(benchmark::kMicrosecond);
BENCHMARK(forget_all_and_take_them_again)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace zw::localroot
