// The database of a program: SQLite unless an operator says PostgreSQL, and the same to whoever uses it.
//
// What was committed stays, whatever is killed and whenever: commits wait for the disk. Safe for many
// threads.
//
// Errors of everything in this room, by kind:
//   conflict     a row with that key is there already (a unique constraint)
//   refused      another constraint, or a value that does not fit its column; no right to do it
//   not_found    a row that has to be there is not
//   timeout      others were in the way: worth another try
//   io           the database cannot be reached, or its disk fails
//   limit        disk full, or something larger than the database takes
//   malformed    the database is damaged
//   unsupported  the database is of a newer program, or the SQL does not fit it
// They name the statement, and columns, but never what was bound.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "base/random.h"
#include "base/time.h"
#include "metrics/metrics.h"
#include "store/changes.h"
#include "store/config.h"
#include "store/migration.h"
#include "store/pool.h"
#include "store/transaction.h"

namespace zw {

/// What a database needs from the world, as long as it lives.
struct StoreWorld {
  const Clock& clock;
  Random& random;              // for nobody else: it is used by many threads, one at a time
  Metrics* metrics = nullptr;  // may be absent
};

class Database {
 public:
  /// Opens it, makes it if it is a file that is not there, and brings its tables up to date
  /// (store/migration.h): first this room's own, then those of `schemas`.
  static Result<std::unique_ptr<Database>> open(const StoreConfig& config, StoreWorld world,
                                                std::span<const Schema> schemas);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<Transaction> begin(SqlAccess access) { return begin(access, false); }

  /// body(transaction) with one state of the database to look at, for a Result.
  template <typename Body>
  auto read(Body&& body) -> std::invoke_result_t<Body, Transaction&>;
  /// The same to change it: committed if `body` gives a value, else nothing has happened. `body` runs once
  /// more, up to ten times, where another transaction came before it, so what it does elsewhere it may do
  /// again.
  template <typename Body>
  auto write(Body&& body) -> std::invoke_result_t<Body, Transaction&> {
    return change(SqlAccess::write, std::forward<Body>(body));
  }
  /// The same by statements that each see what was committed before them: for rows that are locked or skipped
  /// (FOR UPDATE SKIP LOCKED), and changes of one statement.
  template <typename Body>
  auto write_queue(Body&& body) -> std::invoke_result_t<Body, Transaction&> {
    return change(SqlAccess::queue, std::forward<Body>(body));
  }

  /// Hears of changes, those of other processes too.
  std::unique_ptr<ChangeWatch> watch() const;

  /// What is wrong with the database, a line each; reads all of a SQLite file, and looks for indexes that
  /// PostgreSQL calls invalid. Fails if that cannot be found out.
  Result<std::vector<std::string>> check();
  /// A copy of a SQLite database to `path`, whole or not at all, while it is in use. `unsupported` for
  /// PostgreSQL, which has tools of its own.
  Result<void> copy_to(const std::string& path) const;

  Dialect dialect() const { return config_.database.dialect; }
  Timestamp now() const { return world_.clock.wall(); }
  /// A number below `bound`, by chance.
  std::uint64_t random_below(std::uint64_t bound);
  void fill_random(MutableBytes out);

 private:
  static constexpr int kMostAttempts = 10;
  struct Counters;
  Database(const StoreConfig& config, StoreWorld world);
  Result<Transaction> begin(SqlAccess access, bool alone);
  Result<void> begin_on(ConnectionPool::Pointer& connection, ConnectionPool& pool, SqlAccess access,
                        bool alone);
  void pause(int attempt);
  template <typename Body>
  auto change(SqlAccess access, Body&& body) -> std::invoke_result_t<Body, Transaction&>;
  template <typename Body>
  auto change_once(SqlAccess access, bool alone, Body& body, bool& lost_race)
      -> std::invoke_result_t<Body&, Transaction&>;

  StoreConfig config_;
  StoreWorld world_;
  std::unique_ptr<Counters> counters_;  // where there are metrics
  std::mutex random_mutex_;
  ConnectionPool pool_;    // of readers; on PostgreSQL, of all
  ConnectionPool writer_;  // the one of SQLite
};

template <typename Body>
auto Database::read(Body&& body) -> std::invoke_result_t<Body, Transaction&> {
  ZW_TRY(Transaction transaction, begin(SqlAccess::read));
  return body(transaction);
}

template <typename Body>
auto Database::change(SqlAccess access, Body&& body) -> std::invoke_result_t<Body, Transaction&> {
  for (int attempt = 1;; ++attempt) {
    bool lost_race = false;
    auto outcome = change_once(access, attempt > 1, body, lost_race);
    if (outcome || !lost_race || attempt == kMostAttempts) return outcome;
    pause(attempt);
  }
}

template <typename Body>
auto Database::change_once(SqlAccess access, bool alone, Body& body, bool& lost_race)
    -> std::invoke_result_t<Body&, Transaction&> {
  ZW_TRY(Transaction transaction, begin(access, alone));
  auto outcome = body(transaction);
  if (outcome)
    if (auto committed = transaction.commit(); !committed) outcome = fail(std::move(committed).error());
  lost_race = transaction.lost_race();
  return outcome;
}

}  // namespace zw
