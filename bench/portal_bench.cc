// What the portal costs with 100,000 accounts and 1,000,000 servers: pages, the start of an engine, live
// changes; and generated histories of portal actions, at least 100,000, none of which may send a message to
// an address that was not proven. Pages are asked for at random, each alone, and the slowest of a hundred is
// told.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "localroot/portal/feed.h"
#include "localroot/portal/testing_histories.h"
#include "net/loop.h"
#include "os/clock.h"
#include "os/temporary_folder.h"
#include "store/testing_postgres.h"
#include "transfer/notifier.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kAccounts = 100'000, kServersOfEach = 10;
constexpr std::size_t kServers = kAccounts * kServersOfEach;
constexpr std::size_t kLarge = kAccounts + 1,
                      kServersOfLarge = 1'000;  // one more, with as many as it may have

constexpr Statement kFillKey{"fill_key",
                             "INSERT INTO portal_key (account, label, made_at) VALUES (?1, ?2, ?3)"};
constexpr Statement kFillSecret{"fill_secret",
                                "INSERT INTO portal_secret (key, name, algorithm, value, made_at, change) "
                                "VALUES (?1, ?2, ?3, ?4, ?5, 1)"};
constexpr Statement kFillServer{"fill_server",
                                "INSERT INTO portal_server (account, label, addresses, key, enabled, "
                                "made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
constexpr Statement kFillTarget{
    "fill_target",
    "INSERT INTO portal_target (server, zone, ip, port, key, policy, enabled, since, proof_secret, "
    "proven_at, "
    "seen_at, unanswered, pause, change) VALUES (?1, 1, ?2, 53, ?3, 0, ?4, 0, ?5, ?6, ?6, 0, 0, 1)"};
constexpr Statement kFillFact{"fill_fact",
                              "INSERT INTO portal_fact (target, held, held_at, told_at, told_serial, "
                              "outcome, rcode, fault, round_trip, "
                              "fetched_at, transport) VALUES (?1, ?2, ?3, ?3, ?2, 1, 0, 0, 20, ?3, 1)"};

IpAddress address_of(std::size_t i) {
  std::uint8_t octets[16] = {0x20, 0x01, 0x0d, 0xb8};
  set64(octets + 8, i);
  return IpAddress::v6(octets);
}
// Nine of ten are active; a tenth has no key.
std::optional<std::int64_t> key_of(std::size_t server) {
  return server % 10 == 9 ? std::nullopt : std::optional<std::int64_t>(server / kServersOfEach + 1);
}

struct World {
  SystemClock clock;
  SystemRandom random;
  TemporaryFolder folder;
  std::unique_ptr<PrivatePostgres> server;
  std::unique_ptr<Database> database;

  explicit World(Dialect dialect) {
    DatabaseAddress address{dialect, folder / "bench.db"};
    if (dialect == Dialect::postgres) {
      server = PrivatePostgres::start(true);
      if (!server) return;
      address.where = server->fresh();
    }
    auto opened =
        Database::open({.database = address}, {.clock = clock, .random = random}, {&kPortalSchema, 1});
    ZW_ASSERT(opened);
    database = std::move(*opened);
    PortalZone root;
    ZW_ASSERT(PortalStore(*database, {}).offer_zone("local", root) == 1);
    ZW_ASSERT(fill());
    // As it does by itself where tables grow slowly.
    auto analyze = [](Transaction& tx) { return tx.script("analyze", "ANALYZE"); };
    if (dialect == Dialect::postgres) ZW_ASSERT(database->write_queue(analyze));
  }

  Result<std::int64_t> fill() {
    return database->write([&](Transaction& tx) -> Result<std::int64_t> {
      std::string text;
      Buffer octets(32);
      auto put = [](std::vector<SqlValue>& to, std::initializer_list<SqlValue> values) {
        to.insert(to.end(), values.begin(), values.end());
      };
      ZW_CHECK(tx.run_many(kFillKey, kAccounts, [&](std::size_t i, auto& values) {
        put(values, {i + 1, "the key of all", tx.now()});
      }));
      // Names come by chance, so not in the order of their index.
      ZW_CHECK(tx.run_many(kFillSecret, kAccounts, [&](std::size_t i, auto& values) {
        text = fmt::format("{:016x}.localroot.", i * 0x9e3779b97f4a7c15u);
        put(values, {i + 1, text, "hmac-sha256", octets, tx.now()});
      }));
      ZW_CHECK(tx.run_many(kFillServer, kServers, [&](std::size_t i, auto& values) {
        text = address_of(i).print() + "@53";
        put(values, {i / kServersOfEach + 1, "a resolver", text, key_of(i), true, tx.now()});
      }));
      std::array<std::uint8_t, 16> ip{};
      ZW_CHECK(tx.run_many(kFillTarget, kServers, [&](std::size_t i, auto& values) {
        ip = address_of(i * 7'368'787 % kServers).mapped();
        auto key = key_of(i);
        auto secret = i % 7 == 0 ? std::nullopt : std::optional(key.value_or(0));
        put(values, {i + 1, Bytes(ip), key, true, secret, tx.now()});
      }));
      ZW_CHECK(tx.run_many(kFillServer, kServersOfLarge, [&](std::size_t i, auto& values) {
        text = address_of(kServers + i).print() + "@53";
        put(values, {kLarge, "a resolver", text, std::optional<std::int64_t>(), true, tx.now()});
      }));
      ZW_CHECK(tx.run_many(kFillTarget, kServersOfLarge, [&](std::size_t i, auto& values) {
        ip = address_of(kServers + i).mapped();
        put(values, {kServers + i + 1, Bytes(ip), std::optional<std::int64_t>(), true,
                     i % 7 == 0 ? std::nullopt : std::optional<std::int64_t>(0), tx.now()});
      }));
      return tx.run_many(kFillFact, kServers + kServersOfLarge,
                         [&](std::size_t i, auto& values) { put(values, {i + 1, 2'026'080'500, tx.now()}); });
    });
  }
};

template <typename Body>
void with(benchmark::State& state, Dialect dialect, Body&& body) {
  static std::unique_ptr<World> worlds[2];
  auto& world = worlds[dialect == Dialect::postgres];
  if (!world) world = std::make_unique<World>(dialect);
  if (world->database)
    body(*world);
  else
    state.SkipWithError("PostgreSQL's server is not installed");
}

// Each time alone, so that the slowest can be told.
class Times {
 public:
  explicit Times(benchmark::State& state) : state_(state) {}
  ~Times() {
    std::ranges::sort(times_);
    state_.counters["p99_ms"] = at(99);
    state_.counters["most_ms"] = times_.empty() ? 0 : times_.back();
  }
  template <typename Body>
  void time(Body&& body) {
    auto begun = std::chrono::steady_clock::now();
    body();
    times_.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
  }

 private:
  double at(std::size_t percent) const { return times_.empty() ? 0 : times_[times_.size() * percent / 100]; }
  benchmark::State& state_;
  std::vector<double> times_;
};

void list_page(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](World& world) {
    PortalStore store(*world.database, {});
    Splitmix random(1);
    Times times(state);
    for (auto _ : state)
      times.time([&] {
        auto account = static_cast<AccountId>(1 + random.below(kAccounts));
        ZW_ASSERT(store.servers(account, 0, 50)->size() == kServersOfEach);
        ZW_ASSERT(store.keys(account)->size() == 1);
      });
  });
}

// All that the first page of the account with the most servers asks the store.
void overview_page(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](World& world) {
    PortalStore store(*world.database, {});
    Times times(state);
    for (auto _ : state)
      times.time([&] {
        ZW_ASSERT(store.keys(kLarge)->empty());
        ZW_ASSERT(store.servers(kLarge, 0, kServersOfLarge)->size() == kServersOfLarge);
        ZW_ASSERT(store.targets_to_look_at(kLarge, 50)->size() == 50);
      });
  });
}

void detail_page(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](World& world) {
    PortalStore store(*world.database, {});
    Splitmix random(2);
    Times times(state);
    for (auto _ : state)
      times.time([&] {
        std::size_t i = random.below(kServers);
        auto found =
            store.server(static_cast<AccountId>(i / kServersOfEach + 1), static_cast<ServerId>(i + 1));
        ZW_ASSERT(found && found->targets.size() == 1);
      });
  });
}

void change_enabled(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](World& world) {
    PortalStore store(*world.database, {});
    Splitmix random(3);
    Times times(state);
    for (auto _ : state)
      times.time([&] {
        std::size_t i = random.below(kServers);
        Act act{static_cast<AccountId>(i / kServersOfEach + 1)};
        ZW_ASSERT(store.enable_server(act, static_cast<ServerId>(i + 1), false));
        ZW_ASSERT(store.enable_server(act, static_cast<ServerId>(i + 1), true));
      });
  });
}

void record_fetches(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](World& world) {
    PortalStore store(*world.database, {});
    Splitmix random(4);
    std::vector<Report> reports(500);
    for (auto _ : state) {
      for (Report& report : reports) {
        std::size_t i = random.below(kServers), ip = i * 7'368'787 % kServers;
        SecretId key = key_of(i).value_or(0);
        report.asking = {address_of(ip), 1, key != 0, key, key, world.database->now()};
        report.serial = Serial(2'026'080'501);
      }
      ZW_ASSERT(store.record(reports));
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * reports.size()));
  });
}

// All that has to happen before an engine can tell the first subscriber.
void engine_start(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](World& world) {
    std::size_t told = 0;
    for (auto _ : state) {
      FeedReader reader(*world.database);
      auto news = reader.read();
      ZW_ASSERT(news && *news && (*news)->changes.size() == 1);
      std::vector<NotifyTarget> targets;
      for (const FeedTarget& one : (*news)->changes.front().told)
        targets.push_back({one.address,
                           {},
                           {one.key, one.key ? &one.key->tsig : nullptr},
                           static_cast<std::uint8_t>(one.policy)});
      auto loop = Loop::make();
      Metrics metrics(1);
      Notifier notifier(**loop, world.clock, world.random, targets, NotifySettings{},
                        NotifyCounters(metrics, Name()), {});
      told = notifier.size();
    }
    state.counters["told"] = static_cast<double>(told);
  });
}

void hear_of_a_change(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](World& world) {
    PortalStore store(*world.database, {});
    FeedReader reader(*world.database);
    ZW_ASSERT(reader.read());
    bool enabled = false;
    for (auto _ : state) {
      state.PauseTiming();
      ZW_ASSERT(store.enable_server({501}, 5002, std::exchange(enabled, !enabled)));
      state.ResumeTiming();
      auto news = reader.read();
      ZW_ASSERT(news && *news && !(*news)->whole);
    }
    ZW_ASSERT(store.enable_server({501}, 5002, true));
  });
}

void histories(benchmark::State& state) {
  std::uint64_t seed = 1;
  History::Counts counts;
  for (auto _ : state) {
    auto some = run_policy_histories(std::exchange(seed, seed + 10'000), 10'000, 100);
    if (some.wrong > 0) return state.SkipWithError(some.first_fault.c_str());
    counts.messages += some.messages;
    counts.actions += some.actions;
  }
  state.counters["histories"] = static_cast<double>(seed - 1);
  state.counters["actions"] = static_cast<double>(counts.actions);
  state.counters["messages"] = static_cast<double>(counts.messages);
  state.counters["wrong"] = 0;
}

#define ON_BOTH(name, setting)                                                                            \
  BENCHMARK_CAPTURE(name, sqlite, Dialect::sqlite)->UseRealTime()->Unit(benchmark::kMillisecond) setting; \
  BENCHMARK_CAPTURE(name, postgres, Dialect::postgres)->UseRealTime()->Unit(benchmark::kMillisecond) setting

BENCHMARK(histories)->Iterations(12)->Unit(benchmark::kMillisecond);
ON_BOTH(list_page, ->Iterations(5000));
ON_BOTH(overview_page, ->Iterations(500));
ON_BOTH(detail_page, ->Iterations(5000));
ON_BOTH(change_enabled, ->Iterations(200));
ON_BOTH(record_fetches, ->Iterations(40));
ON_BOTH(engine_start, ->Iterations(3));
ON_BOTH(hear_of_a_change, ->Iterations(50));

}  // namespace
}  // namespace zw::localroot::portal
