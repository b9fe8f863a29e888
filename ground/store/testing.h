// What the tests of this room share: the same story on SQLite and on a PostgreSQL that is started once.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "base/random.h"
#include "os/temporary_folder.h"
#include "store/database.h"
#include "store/testing_postgres.h"

namespace zw {

/// Stands still until it is set.
class HandClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(Seconds(now_.load())); }
  std::chrono::milliseconds steady() const override { return Seconds(now_.load()); }
  void pass(Seconds time) { now_ += time.count(); }

 private:
  std::atomic<std::int64_t> now_{1'800'000'000};
};

/// For several databases at once, as several programs would have.
class SharedRandom final : public Random {
 public:
  std::uint64_t next() override {
    std::lock_guard lock(mutex_);
    return numbers_.next();
  }

 private:
  std::mutex mutex_;
  Splitmix numbers_{1};
};

inline constexpr Migration kSampleMigrations[] = {
    {.name = "owners and things",
     .up = "CREATE TABLE owner (id {int} NOT NULL PRIMARY KEY) {strict};"
           "CREATE TABLE thing (id {id}, name {text} NOT NULL UNIQUE CHECK (length(name) < 100),"
           " owner {int} REFERENCES owner (id), number {int}, octets {bytes}, flag {bool} NOT NULL, at {int})"
           " {strict};"
           "INSERT INTO owner (id) VALUES (1), (2);",
     .down = "DROP TABLE thing; DROP TABLE owner;"},
    {.name = "two of a kind",
     .up = "ALTER TABLE thing ADD COLUMN kind {int}; CREATE UNIQUE INDEX thing_kind ON thing (kind, owner);",
     .down = "DROP INDEX thing_kind; ALTER TABLE thing DROP COLUMN kind;"},
};
inline constexpr Schema kSample{"sample", kSampleMigrations};

struct OnSqlite {
  static bool there() { return true; }
  DatabaseAddress address() const { return {Dialect::sqlite, folder / "sample.db"}; }
  TemporaryFolder folder{quick_place()};
};

struct OnPostgres {
  static PrivatePostgres* server() {
    static const std::unique_ptr<PrivatePostgres> started = PrivatePostgres::start(false);
    return started.get();
  }
  static bool there() { return server() != nullptr; }
  DatabaseAddress address() const { return {Dialect::postgres, uri}; }
  std::string uri = server()->fresh();
};

/// Whether the story cannot be told here, which is then said.
template <typename Backend>
bool is_absent() {
  if (!Backend::there()) MESSAGE("SKIPPED: PostgreSQL's server is not installed");
  return !Backend::there();
}

/// A database with the sample's tables.
template <typename Backend>
struct Store {
  Store() : database(open()) {}
  std::unique_ptr<Database> open() {
    auto opened = try_open({&kSample, 1});
    INFO((opened ? "" : opened.error().what));
    REQUIRE(opened);
    return std::move(*opened);
  }
  Result<std::unique_ptr<Database>> try_open(std::span<const Schema> schemas) {
    return Database::open({.database = backend.address(), .connections = 6, .patience = patience},
                          {.clock = clock, .random = random, .metrics = &metrics}, schemas);
  }
  /// Of one statement without values.
  std::int64_t number(std::string_view sql) {
    auto found = database->read([&](Transaction& tx) {
      return tx.one(Statement{sql, sql}, {}, [](const Row& row) { return row.get<std::int64_t>(0); });
    });
    INFO((found ? "" : found.error().what));
    CHECK(found);
    return found.value_or(-1);
  }
  /// What happens to a statement in a transaction of its own.
  Result<std::int64_t> run(const Statement& statement, Transaction::Values values = {}) {
    return database->write([&](Transaction& tx) { return tx.run(statement, values); });
  }

  Backend backend;
  HandClock clock;
  SharedRandom random;
  Metrics metrics;
  std::chrono::milliseconds patience{5000};
  std::unique_ptr<Database> database;
};

/// The kind of the error, or nothing.
template <typename T>
std::optional<ErrorKind> kind_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().kind);
}

}  // namespace zw

// A story that is told on both.
#define STORE_TEST(sentence) TEST_CASE_TEMPLATE(sentence, Backend, OnSqlite, OnPostgres)
#define NEED(Backend) \
  if (is_absent<Backend>()) return
