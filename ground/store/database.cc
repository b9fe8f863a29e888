#include "store/database.h"

#include <algorithm>
#include <thread>

#include "store/postgres_connection.h"
#include "store/room_schema.h"
#include "store/room_statements.h"
#include "store/sqlite_connection.h"

namespace zw {
namespace {

std::function<Result<ConnectionPool::Pointer>()> maker(const StoreConfig& config, bool writer) {
  if (config.database.dialect == Dialect::postgres)
    return [uri = config.database.where] { return connect_postgres(uri); };
  return [path = config.database.where, wait = config.patience, writer] {
    return connect_sqlite(path, writer, wait);
  };
}

}  // namespace

struct Database::Counters {
  explicit Counters(Metrics& metrics)
      : reads(metrics.counter("zonewright_store_transactions_total", kTransactions, {{"access", "read"}})),
        writes(metrics.counter("zonewright_store_transactions_total", kTransactions, {{"access", "write"}})),
        retries(metrics.counter("zonewright_store_retries_total",
                                "Transactions done again since another one came before them.")),
        reconnects(metrics.counter("zonewright_store_reconnects_total",
                                   "Times that a connection to the database was found broken.")) {}
  static constexpr const char* kTransactions = "Transactions begun.";
  Counter reads, writes, retries, reconnects;
};

Database::Database(const StoreConfig& config, StoreWorld world)
    : config_(config),
      world_(world),
      counters_(world.metrics ? std::make_unique<Counters>(*world.metrics) : nullptr),
      pool_(maker(config, false), config.connections, config.patience),
      writer_(maker(config, true), 1, config.patience) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const StoreConfig& config, StoreWorld world,
                                                 std::span<const Schema> schemas) {
  ZW_ASSERT(!config.database.where.empty() && config.connections > 0);
  std::unique_ptr<Database> out(new Database(config, world));
  ZW_CHECK(migrate(*out, kRoomSchema));
  for (const Schema& schema : schemas) ZW_CHECK(migrate(*out, schema));
  return out;
}

Result<Transaction> Database::begin(SqlAccess access, bool alone) {
  bool reads = access == SqlAccess::read;
  ConnectionPool& pool = reads || dialect() == Dialect::postgres ? pool_ : writer_;
  ZW_TRY(auto connection, pool.take());
  if (auto begun = begin_on(connection, pool, access, alone); !begun) {
    if (connection) pool.give(std::move(connection));
    return fail(begun.error());
  }
  if (counters_) (reads ? counters_->reads : counters_->writes).add();
  return Transaction(std::move(connection), pool, now());
}

// A connection that broke while nobody used it is replaced by a fresh one, once.
Result<void> Database::begin_on(ConnectionPool::Pointer& connection, ConnectionPool& pool, SqlAccess access,
                                bool alone) {
  auto begun = connection->begin(access, alone);
  if (begun) return begun;
  connection->rollback();
  if (connection->usable()) return begun;
  if (counters_) counters_->reconnects.add();
  pool.drop_idle();
  ZW_TRY(connection, pool.exchange(std::move(connection)));
  return connection->begin(access, alone);
}

void Database::pause(int attempt) {
  if (counters_) counters_->retries.add();
  std::uint64_t most = std::min(std::uint64_t{200}, std::uint64_t{4} << attempt);
  std::this_thread::sleep_for(std::chrono::milliseconds(random_below(most)));
}

std::uint64_t Database::random_below(std::uint64_t bound) {
  std::lock_guard lock(random_mutex_);
  return world_.random.below(bound);
}

void Database::fill_random(MutableBytes out) {
  std::lock_guard lock(random_mutex_);
  world_.random.fill(out);
}

std::unique_ptr<ChangeWatch> Database::watch() const {
  return dialect() == Dialect::sqlite ? watch_sqlite(config_.database.where)
                                      : watch_postgres(config_.database.where);
}

Result<std::vector<std::string>> Database::check() {
  return read([&](Transaction& tx) -> Result<std::vector<std::string>> {
    auto line = [](const Row& row) { return row.get<std::string>(0); };
    ZW_TRY(auto found, tx.all(kCheckDatabase, {}, line));
    ZW_TRY(auto strays, tx.all(kCheckForeignKeys, {}, line));
    std::erase(found, "ok");
    found.insert(found.end(), strays.begin(), strays.end());
    return found;
  });
}

Result<void> Database::copy_to(const std::string& path) const {
  if (dialect() == Dialect::sqlite) return copy_sqlite(config_.database.where, path);
  return fail(ErrorKind::unsupported, "{}: PostgreSQL is copied by its own tools, pg_dump or pg_basebackup",
              path);
}

}  // namespace zw
