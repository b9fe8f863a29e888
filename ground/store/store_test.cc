#include <thread>

#include "store/testing.h"

using namespace zw;

namespace {

constexpr Statement kAdd{
    "add", "INSERT INTO thing (name, owner, number, octets, flag, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
constexpr Statement kAddName{"add_name", "INSERT INTO thing (name, flag) VALUES (?1, TRUE)"};
constexpr Statement kAddQuietly{
    "add_quietly", "INSERT INTO thing (name, flag) VALUES (?1, TRUE) ON CONFLICT (name) DO NOTHING"};
constexpr Statement kAddOwned{"add_owned", "INSERT INTO thing (name, owner, flag) VALUES (?1, ?2, TRUE)"};
constexpr Statement kAddKind{"add_kind",
                             "INSERT INTO thing (name, kind, owner, flag) VALUES (?1, 5, 1, TRUE)"};
constexpr Statement kList{"list", "SELECT name FROM thing ORDER BY name"};
constexpr Statement kFind{"find", "SELECT name, owner, number, octets, flag, at FROM thing WHERE name = ?1"};
constexpr std::string_view kCount = "SELECT count(*) FROM thing";

std::string name_of(const Row& row) { return row.get<std::string>(0); }

constexpr Timestamp kMoment(std::chrono::microseconds(1'700'000'000'123'456));

}  // namespace

STORE_TEST("what was committed is there, of every type, when the database is opened again") {
  NEED(Backend);
  Store<Backend> store;
  const Buffer octets{0, 1, 255, 0};
  CHECK(store.run(kAdd, {"O'Neill \"ü\" \\ ?1 {x} $1", 2, INT64_MIN, octets, true, kMoment}) == 1);
  CHECK(store.run(kAdd,
                  {"", std::nullopt, std::optional<int>(), Bytes(), false, std::optional<Timestamp>()}) == 1);
  store.database = store.open();
  auto both = store.database->read([&](Transaction& tx) -> Result<bool> {
    ZW_TRY(bool full, tx.one(kFind, {"O'Neill \"ü\" \\ ?1 {x} $1"}, [&](const Row& row) {
      return row.get<int>(1) == 2 && row.get<std::int64_t>(2) == INT64_MIN && row.get<Buffer>(3) == octets &&
             row.get<bool>(4) && row.get<Timestamp>(5) == kMoment;
    }));
    ZW_TRY(bool bare, tx.one(kFind, {""}, [&](const Row& row) {
      return row.get<std::string_view>(0).empty() && !row.get<std::optional<int>>(1) &&
             !row.get<std::optional<std::int64_t>>(2) && row.get<std::optional<Bytes>>(3)->empty() &&
             !row.get<bool>(4) && !row.get<std::optional<Timestamp>>(5);
    }));
    return full && bare;
  });
  CHECK(both == true);
}

STORE_TEST("what was not committed is gone, and so is all of it when one statement fails") {
  NEED(Backend);
  Store<Backend> store;
  {
    auto tx = store.database->begin(SqlAccess::write);
    REQUIRE(tx);
    CHECK(tx->run(kAddName, {"a"}) == 1);
  }
  CHECK(store.number(kCount) == 0);
  auto outcome = store.database->write([&](Transaction& tx) -> Result<std::int64_t> {
    ZW_CHECK(tx.run(kAddName, {"a"}));
    return tx.run(kAddName, {"a"});
  });
  CHECK(kind_of(outcome) == ErrorKind::conflict);
  CHECK(store.number(kCount) == 0);
}

STORE_TEST("after an error a transaction does nothing more, and is not committed") {
  NEED(Backend);
  Store<Backend> store;
  auto tx = store.database->begin(SqlAccess::write);
  REQUIRE(tx);
  CHECK(tx->run(kAddName, {"a"}));
  CHECK_FALSE(tx->run(kAddName, {"a"}));
  CHECK(kind_of(tx->run(kAddName, {"b"})) == ErrorKind::conflict);
  CHECK(kind_of(tx->commit()) == ErrorKind::conflict);
  CHECK(store.number(kCount) == 0);
}

STORE_TEST("errors are of one small set, and name columns but no values") {
  NEED(Backend);
  Store<Backend> store;
  REQUIRE(store.run(kAddName, {"secret"}));
  REQUIRE(store.run(kAddKind, {"first"}));
  auto same = store.run(kAddName, {"secret"});
  REQUIRE(kind_of(same) == ErrorKind::conflict);
  CHECK(same.error().what == "add_name: thing.name: is there already");
  auto pair = store.run(kAddKind, {"second"});
  REQUIRE(kind_of(pair) == ErrorKind::conflict);
  CHECK(pair.error().what == "add_kind: thing.kind, thing.owner: is there already");
  CHECK(kind_of(store.run(kAddOwned, {"orphan", 77})) == ErrorKind::refused);
  auto long_name = store.run(kAddName, {std::string(100, 'x')});
  CHECK(kind_of(long_name) == ErrorKind::refused);
  CHECK(long_name.error().what.find("xxx") == std::string::npos);
  CHECK(kind_of(store.run(kAddName, {std::optional<std::string>()})) == ErrorKind::refused);
  CHECK(kind_of(store.run(kAddName, {std::string_view("a\0b", 3)})) == ErrorKind::refused);
  CHECK(kind_of(store.run(kAddName, {"\xff"})) == ErrorKind::refused);
  CHECK(kind_of(store.run({"absent", "INSERT INTO nowhere VALUES (?1)"}, {1})) == ErrorKind::unsupported);
  CHECK(kind_of(store.run({"broken", "INSERT INSERT"})) == ErrorKind::unsupported);
  auto found = store.database->read([&](Transaction& tx) { return tx.one(kFind, {"nobody"}, name_of); });
  CHECK(kind_of(found) == ErrorKind::not_found);
}

STORE_TEST("a transaction that reads changes nothing") {
  NEED(Backend);
  Store<Backend> store;
  auto outcome = store.database->read([&](Transaction& tx) { return tx.run(kAddName, {"a"}); });
  CHECK(kind_of(outcome) == ErrorKind::unsupported);
  CHECK(store.number(kCount) == 0);
}

STORE_TEST("a row that may be there already is told by the count, and the transaction goes on") {
  NEED(Backend);
  Store<Backend> store;
  auto counts = store.database->write([&](Transaction& tx) -> Result<std::array<std::int64_t, 3>> {
    ZW_TRY(auto first, tx.run(kAddQuietly, {"a"}));
    ZW_TRY(auto second, tx.run(kAddQuietly, {"a"}));
    ZW_TRY(auto third, tx.run(kAddQuietly, {"b"}));
    return std::array{first, second, third};
  });
  CHECK(counts == std::array<std::int64_t, 3>{1, 0, 1});
  CHECK(store.number(kCount) == 2);
}

STORE_TEST("who reads sees one state, whatever others commit meanwhile") {
  NEED(Backend);
  Store<Backend> store;
  REQUIRE(store.run(kAddName, {"before"}));
  auto reader = store.database->begin(SqlAccess::read);
  REQUIRE(reader);
  CHECK(reader->all(kList, {}, name_of) == std::vector<std::string>{"before"});
  REQUIRE(store.run(kAddName, {"after"}));
  CHECK(reader->all(kList, {}, name_of) == std::vector<std::string>{"before"});
  CHECK(store.number(kCount) == 2);
}

STORE_TEST("text is ordered by octets") {
  NEED(Backend);
  Store<Backend> store;
  for (const char* name : {"é", "z", "Z", "_", "a", "", "a b", "\U0001F600"})
    REQUIRE(store.run(kAddName, {name}));
  auto names = store.database->read([&](Transaction& tx) { return tx.all(kList, {}, name_of); });
  CHECK(names == std::vector<std::string>{"", "Z", "_", "a", "a b", "z", "é", "\U0001F600"});
}

STORE_TEST("many rows go in as one, or none of them") {
  NEED(Backend);
  Store<Backend> store;
  auto add = [&](std::size_t count, std::size_t twin) {
    return store.database->write([&](Transaction& tx) {
      return tx.run_many(kAdd, count, [&, text = std::string()](std::size_t i, auto& values) mutable {
        text = "n" + std::to_string(i == twin ? 0 : i);
        values.emplace_back(text);
        values.emplace_back(std::nullopt);
        if (i % 3 == 0)
          values.emplace_back(std::nullopt);  // NULL of no type beside numbers
        else
          values.emplace_back(i);
        values.emplace_back(std::nullopt);
        values.emplace_back(i % 2 == 0);
        values.emplace_back(kMoment);
      });
    });
  };
  auto twice = add(1000, 700);
  CHECK(kind_of(twice) == ErrorKind::conflict);
  CHECK(store.number(kCount) == 0);
  CHECK(add(1000, 5000) == 1000);
  CHECK(store.number("SELECT count(*) FROM thing WHERE flag") == 500);
  CHECK(store.number("SELECT CAST(sum(number) AS BIGINT) FROM thing") == 332'667);
  CHECK(add(0, 0) == 0);
  auto bad = store.database->write([&](Transaction& tx) {
    return tx.run_many(kAddName, 10,
                       [](std::size_t i, auto& values) { values.emplace_back(i == 5 ? "\xff" : "x"); });
  });
  CHECK_FALSE(bad);
  CHECK(store.number(kCount) == 1000);
}

STORE_TEST("rows come one by one, until they are not wanted") {
  NEED(Backend);
  Store<Backend> store;
  for (const char* name : {"a", "b", "c", "d"}) REQUIRE(store.run(kAddName, {name}));
  auto outcome = store.database->read([&](Transaction& tx) -> Result<std::string> {
    std::string seen;
    ZW_CHECK(tx.each(kList, {}, [&](const Row& row) {
      seen += name_of(row);
      return seen.size() < 2;
    }));
    auto refused = tx.each(kList, {}, [&](const Row& row) -> Result<void> {
      seen += name_of(row);
      if (seen.size() == 5) return fail(ErrorKind::limit, "enough");
      return {};
    });
    CHECK(kind_of(refused) == ErrorKind::limit);
    ZW_CHECK(tx.each(kList, {}, [&](const Row& row) { seen += name_of(row); }));
    return seen;
  });
  CHECK(outcome == "ababcabcd");
}

STORE_TEST("changes that are made of what was read are not lost to one another") {
  NEED(Backend);
  Store<Backend> store;
  REQUIRE(store.run(kAdd, {"counter", 1, 0, Bytes(), true, kMoment}));
  constexpr int kThreads = 4, kTimes = 25;
  std::atomic<int> failures = 0;
  auto work = [&] {
    for (int i = 0; i < kTimes; ++i) {
      auto outcome = store.database->write([&](Transaction& tx) -> Result<std::int64_t> {
        ZW_TRY(auto number,
               tx.one(kFind, {"counter"}, [](const Row& row) { return row.get<std::int64_t>(2); }));
        return tx.run({"set", "UPDATE thing SET number = ?1 WHERE name = 'counter'"}, {number + 1});
      });
      if (!outcome) ++failures;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(work);
  }
  CHECK(store.number("SELECT number FROM thing") == kThreads * kTimes - failures);
  CHECK(failures == 0);
}

STORE_TEST("who finds all connections in use is told after a while") {
  NEED(Backend);
  Store<Backend> store;
  store.patience = std::chrono::milliseconds(30);
  store.database = store.open();
  std::vector<Transaction> taken;
  for (int i = 0; i < 6; ++i) {
    auto tx = store.database->begin(SqlAccess::read);
    REQUIRE(tx);
    taken.push_back(std::move(*tx));
  }
  CHECK(kind_of(store.database->begin(SqlAccess::read)) == ErrorKind::timeout);
  taken.pop_back();
  CHECK(store.database->begin(SqlAccess::read));
}

STORE_TEST("a healthy database has no faults") {
  NEED(Backend);
  Store<Backend> store;
  REQUIRE(store.run(kAddOwned, {"a", 1}));
  CHECK(store.database->check() == std::vector<std::string>{});
}

STORE_TEST("transactions that wait for one another in a ring are done again, and all of them succeed") {
  NEED(Backend);
  Store<Backend> store;
  REQUIRE(store.run(kAdd, {"a", 1, 0, Bytes(), true, kMoment}));
  REQUIRE(store.run(kAdd, {"b", 1, 0, Bytes(), true, kMoment}));
  constexpr Statement kCountUp{"count_up", "UPDATE thing SET number = number + 1 WHERE name = ?1"};
  std::atomic<int> failures = 0;
  auto work = [&](const char* first, const char* second) {
    for (int i = 0; i < 10; ++i) {
      auto outcome = store.database->write([&](Transaction& tx) -> Result<std::int64_t> {
        ZW_CHECK(tx.run(kCountUp, {first}));
        std::this_thread::yield();
        return tx.run(kCountUp, {second});
      });
      if (!outcome) ++failures;
    }
  };
  {
    std::jthread one(work, "a", "b"), other(work, "b", "a");
  }
  CHECK(failures == 0);
  CHECK(store.number("SELECT min(number) FROM thing") == 20);
}

TEST_CASE("transactions find PostgreSQL again after it was restarted, as many as before") {
  NEED(OnPostgres);
  Store<OnPostgres> store;
  REQUIRE(store.run(kAddName, {"before"}));
  {
    auto broken = store.database->begin(SqlAccess::write), unsure = store.database->begin(SqlAccess::write);
    REQUIRE(broken);
    REQUIRE(unsure->run(kAddName, {"perhaps"}));
    OnPostgres::server()->stop();
    CHECK(kind_of(broken->run(kAddName, {"lost"})) == ErrorKind::io);
    auto commit = unsure->commit();
    REQUIRE(kind_of(commit) == ErrorKind::io);
    CHECK(commit.error().what.ends_with("whether it is done is not known"));
  }
  for (int i = 0; i < 10; ++i) CHECK(kind_of(store.run(kAddName, {"nobody there"})) == ErrorKind::io);
  OnPostgres::server()->run();
  CHECK(store.run(kAddName, {"after"}) == 1);
  CHECK(store.number("SELECT count(*) FROM thing WHERE name IN ('before', 'after')") == 2);
  std::vector<Transaction> all;
  for (int i = 0; i < 6; ++i) {
    auto tx = store.database->begin(SqlAccess::read);
    REQUIRE(tx);
    all.push_back(std::move(*tx));
  }
}

TEST_CASE("a connection that broke while it was idle is not noticed, but counted") {
  NEED(OnPostgres);
  Store<OnPostgres> store;
  REQUIRE(store.number(kCount) == 0);
  OnPostgres::server()->stop();
  OnPostgres::server()->run();
  CHECK(store.number(kCount) == 0);
  std::string told = store.metrics.exposition();
  CHECK(told.find("zonewright_store_reconnects_total 1\n") != std::string::npos);
  CHECK(told.find("zonewright_store_transactions_total{access=\"read\"} 2\n") != std::string::npos);
}
