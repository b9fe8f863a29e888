// What a database costs: SQLite, and PostgreSQL on a server of its own where it is installed, both as they
// are used: every commit waits for the disk. The time is by the wall, since most of it is waiting.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

#include "os/clock.h"
#include "store/event_log.h"
#include "store/job_queue.h"
#include "store/testing_postgres.h"

namespace zw {
namespace {

constexpr std::size_t kServers = 1'000'000;
constexpr std::int64_t kPage = 50;

constexpr Migration kMigrations[] = {
    {.name = "servers",
     .up = "CREATE TABLE server (id {int} NOT NULL PRIMARY KEY, "
           "address {text} NOT NULL UNIQUE, account {int} NOT NULL, "
           "key_name {text} NOT NULL, verified {bool} NOT NULL, at {int} NOT NULL) {strict};"
           "CREATE INDEX server_account ON server (account, id);",
     .down = "DROP TABLE server;"}};
constexpr Schema kSchema{"bench", kMigrations};

constexpr Statement kAdd{"add", "INSERT INTO server VALUES (?1, ?2, ?3, ?4, TRUE, ?5)"};
constexpr Statement kFind{
    "find", "SELECT id, address, account, key_name, verified, at FROM server WHERE address = ?1"};
constexpr Statement kList{
    "list",
    "SELECT id, address, account, key_name, verified, at FROM server WHERE address > ?1 "
    "ORDER BY address LIMIT ?2"};
constexpr Statement kAll{"all", "SELECT id, address, account, key_name, verified, at FROM server"};
constexpr Statement kTouch{"touch", "UPDATE server SET at = ?2 WHERE id = ?1"};
constexpr Statement kForget{"forget", "DELETE FROM server"};

std::string address_of(std::size_t i) { return fmt::format("2001:db8:{:x}:{:x}::53", i >> 16, i & 0xffff); }

// A row as a page needs it.
std::size_t use(const Row& row) {
  return static_cast<std::size_t>(row.get<std::int64_t>(0)) + row.get<std::string_view>(1).size() +
         static_cast<std::size_t>(row.get<std::int64_t>(2)) + row.get<std::string_view>(3).size() +
         row.get<bool>(4) + static_cast<std::size_t>(row.get<Timestamp>(5).time_since_epoch().count());
}

struct World {
  SystemClock clock;
  SystemRandom random;
  TemporaryFolder folder;
  std::unique_ptr<PrivatePostgres> server;

  std::unique_ptr<Database> open(Dialect dialect) {
    DatabaseAddress address{dialect, folder / "bench.db"};
    if (dialect == Dialect::postgres) {
      server = PrivatePostgres::start(true);
      if (!server) return nullptr;
      address.where = server->fresh();
    }
    auto database = Database::open({.database = address}, {.clock = clock, .random = random}, {&kSchema, 1});
    ZW_ASSERT(database);
    return std::move(*database);
  }
};

Result<std::int64_t> fill(Database& database, std::size_t count) {
  return database.write([&](Transaction& tx) {
    return tx.run_many(kAdd, count, [&, address = std::string()](std::size_t i, auto& values) mutable {
      address = address_of(i * 7'368'787 % kServers);  // not in the order of the index
      for (SqlValue value : {SqlValue(i), SqlValue(address), SqlValue(i / 10),
                             SqlValue("key.subscriber.example."), SqlValue(tx.now())})
        values.push_back(value);
    });
  });
}

// Of each database one, with all servers in it, made when it is first asked for.
Database* filled(Dialect dialect) {
  static World world;
  static std::unique_ptr<Database> kept[2];
  auto& database = kept[dialect == Dialect::postgres];
  if (!database && (database = world.open(dialect))) ZW_ASSERT(fill(*database, kServers));
  return database.get();
}

// The databases end with their server, before what is static elsewhere goes.
template <typename Body>
void with(benchmark::State& state, Dialect dialect, Body&& body) {
  if (Database* database = filled(dialect))
    body(*database);
  else
    state.SkipWithError("PostgreSQL's server is not installed");
}

void insert_in_one_transaction(benchmark::State& state, Dialect dialect) {
  World world;
  auto database = world.open(dialect);
  if (!database) return state.SkipWithError("PostgreSQL's server is not installed");
  for (auto _ : state) {
    state.PauseTiming();
    ZW_ASSERT(database->write([](Transaction& tx) { return tx.run(kForget); }));
    state.ResumeTiming();
    ZW_ASSERT(fill(*database, 100'000) == 100'000);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 100'000);
}

void change_alone(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](Database& database) {
    std::int64_t id = 0;
    for (auto _ : state)
      ZW_ASSERT(database.write([&](Transaction& tx) { return tx.run(kTouch, {++id, tx.now()}); }) == 1);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  });
}

void select_in_one_transaction(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](Database& database) {
    Splitmix random(1);
    auto tx = database.begin(SqlAccess::read);
    for (auto _ : state)
      benchmark::DoNotOptimize(tx->one(kFind, {address_of(random.below(kServers))}, use).value());
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  });
}

void select_alone(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](Database& database) {
    Splitmix random(1);
    for (auto _ : state)
      ZW_ASSERT(database.read(
          [&](Transaction& tx) { return tx.one(kFind, {address_of(random.below(kServers))}, use); }));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  });
}

double microseconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count();
}

// As a portal shows it: 50 servers after one. `p99`: microseconds that 99 of 100 pages do not take.
void list_page(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](Database& database) {
    Splitmix random(1);
    std::vector<double> times;
    for (auto _ : state) {
      auto began = std::chrono::steady_clock::now();
      auto page = database.read([&](Transaction& tx) {
        return tx.all(kList, {address_of(random.below(kServers)), kPage},
                      [](const Row& row) { return row.get<std::string>(1); });
      });
      ZW_ASSERT(page);
      times.push_back(microseconds_since(began));
    }
    std::ranges::sort(times);
    state.counters["p99"] = times[times.size() * 99 / 100];
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  });
}

void stream_all(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](Database& database) {
    for (auto _ : state) {
      std::size_t rows = 0, sum = 0;
      ZW_ASSERT(database.read([&](Transaction& tx) {
        return tx.each(kAll, {}, [&](const Row& row) { ++rows, sum += use(row); });
      }));
      ZW_ASSERT(rows == kServers);
      benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kServers));
  });
}

// In three transactions, as a worker does it.
void job(benchmark::State& state, Dialect dialect) {
  with(state, dialect, [&](Database& database) {
    JobQueue queue(database, "bench", "bench");
    for (auto _ : state) {
      ZW_ASSERT(database.write([&](Transaction& tx) { return queue.add(tx, {.payload = "a payload"}); }));
      auto jobs = queue.take(1, Seconds(60));
      ZW_ASSERT(jobs && jobs->size() == 1 && queue.done(jobs->front()) == Held::yes);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  });
}

void note(benchmark::State& state, Dialect dialect, std::int64_t together) {
  with(state, dialect, [&](Database& database) {
    for (auto _ : state) {
      auto noted = database.write([&](Transaction& tx) -> Result<void> {
        for (std::int64_t i = 0; i < together; ++i)
          ZW_CHECK(note_event(tx, {.actor = "account/17",
                                   .origin = "192.0.2.1",
                                   .action = "server.verify",
                                   .subject = "server/4711",
                                   .detail = R"({"address":"2001:db8::53"})"}));
        return {};
      });
      ZW_ASSERT(noted);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * together);
  });
}
void event_alone(benchmark::State& state, Dialect dialect) { note(state, dialect, 1); }
void events_in_one_transaction(benchmark::State& state, Dialect dialect) { note(state, dialect, 1000); }

#define ON_BOTH(what)                                                                             \
  BENCHMARK_CAPTURE(what, sqlite, Dialect::sqlite)->UseRealTime()->Unit(benchmark::kMicrosecond); \
  BENCHMARK_CAPTURE(what, postgresql, Dialect::postgres)->UseRealTime()->Unit(benchmark::kMicrosecond)
ON_BOTH(insert_in_one_transaction);
ON_BOTH(change_alone);
ON_BOTH(select_in_one_transaction);
ON_BOTH(select_alone);
ON_BOTH(list_page);
ON_BOTH(stream_all);
ON_BOTH(job);
ON_BOTH(event_alone);
ON_BOTH(events_in_one_transaction);

}  // namespace
}  // namespace zw
