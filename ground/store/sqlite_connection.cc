#include "store/sqlite_connection.h"

#include <fmt/format.h>

#include <unordered_map>

#include "os/files.h"
#include "store/sqlite_handles.h"

namespace zw {
namespace {

constexpr std::int64_t kApplicationId = 0x7a6f6e77;  // "zonw", for file(1) and for us

class SqliteRows final : public RowSource {
 public:
  explicit SqliteRows(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override { return type(column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override {
    ZW_ASSERT(type(column) == SQLITE_INTEGER);
    return sqlite3_column_int64(statement_, column);
  }
  std::string_view text(int column) const override {
    ZW_ASSERT(type(column) == SQLITE_TEXT);
    const auto* at = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {at, size(column)};
  }
  Bytes bytes(int column) const override {
    ZW_ASSERT(type(column) == SQLITE_BLOB);
    const auto* at = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return {at, size(column)};
  }

 private:
  int type(int column) const {
    ZW_ASSERT(column >= 0 && column < sqlite3_column_count(statement_));
    return sqlite3_column_type(statement_, column);
  }
  std::size_t size(int column) const {
    return static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  }
  sqlite3_stmt* statement_;
};

// A prepared statement at work. Its values are viewed, so they are let go with it.
class Use {
 public:
  Use(sqlite3_stmt* statement, bool& busy) : statement_(statement), busy_(busy) {
    ZW_ASSERT(!busy_);  // one statement at a time, as on PostgreSQL
    busy_ = true;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    busy_ = false;
  }

 private:
  sqlite3_stmt* statement_;
  bool& busy_;
};

int bind_octets(sqlite3_stmt* statement, int index, const SqlValue& value) {
  Bytes octets = value.octets();
  const char* at = octets.empty() ? "" : reinterpret_cast<const char*>(octets.data());
  return value.kind() == SqlValue::Kind::text
             ? sqlite3_bind_text64(statement, index, at, octets.size(), SQLITE_STATIC, SQLITE_UTF8)
             : sqlite3_bind_blob64(statement, index, at, octets.size(), SQLITE_STATIC);
}

int bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (value.is_null()) return sqlite3_bind_null(statement, index);
  if (value.kind() == SqlValue::Kind::text || value.kind() == SqlValue::Kind::bytes)
    return bind_octets(statement, index, value);
  return sqlite3_bind_int64(statement, index, value.integer());
}

class SqliteConnection final : public SqlConnection {
 public:
  SqliteConnection(SqliteHandle database, std::string path)
      : database_(std::move(database)), path_(std::move(path)) {}

  Dialect dialect() const override { return Dialect::sqlite; }
  bool usable() const override { return true; }

  Result<void> begin(SqlAccess access, bool /*alone*/) override {
    return execute(access == SqlAccess::read ? "BEGIN" : "BEGIN IMMEDIATE");
  }
  Result<void> commit() override { return execute("COMMIT"); }
  void rollback() override {
    if (sqlite3_get_autocommit(database_.get()) != 0) return;
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  Result<std::int64_t> run(const Statement& statement, std::span<const SqlValue> values) override {
    ZW_TRY(sqlite3_stmt * prepared, find(statement));
    return run(statement, prepared, values);
  }

  Result<std::int64_t> run_many(const Statement& statement, std::size_t count,
                                const ValueFiller& fill) override {
    ZW_TRY(sqlite3_stmt * prepared, find(statement));
    std::int64_t changed = 0;
    std::vector<SqlValue> values;
    for (std::size_t i = 0; i < count; ++i) {
      values.clear();
      fill(i, values);
      ZW_TRY(std::int64_t each, run(statement, prepared, values));
      changed += each;
    }
    return changed;
  }

  Result<void> each(const Statement& statement, std::span<const SqlValue> values,
                    const RowVisitor& visit) override {
    ZW_TRY(sqlite3_stmt * prepared, find(statement));
    Use use(prepared, busy_);
    ZW_CHECK(bind_all(statement, prepared, values));
    SqliteRows rows(prepared);
    int code = SQLITE_DONE;
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW)
      if (!visit(Row(rows))) return {};
    if (code != SQLITE_DONE) return fail_sqlite(statement.name, database_.get());
    return {};
  }

  Result<void> script(std::string_view name, const std::string& sql) override {
    return execute_sqlite(name, database_.get(), sql.c_str());
  }

 private:
  Result<void> execute(const char* sql) { return execute_sqlite(path_, database_.get(), sql); }

  Result<std::int64_t> run(const Statement& statement, sqlite3_stmt* prepared,
                           std::span<const SqlValue> values) {
    Use use(prepared, busy_);
    ZW_CHECK(bind_all(statement, prepared, values));
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) code = sqlite3_step(prepared);
    if (code != SQLITE_DONE) return fail_sqlite(statement.name, database_.get());
    return sqlite3_stmt_readonly(prepared) != 0 ? 0 : sqlite3_changes64(database_.get());
  }

  Result<sqlite3_stmt*> find(const Statement& statement) {
    auto& [kept, text] = prepared_[statement.name];
    ZW_ASSERT(!kept || text == statement.sql);  // a name is of one statement
    if (kept) return kept.get();
    text = statement.sql;
    sqlite3_stmt* made = nullptr;
    std::string sql = sql_text(statement, Dialect::sqlite);
    int code = sqlite3_prepare_v3(database_.get(), sql.c_str(), static_cast<int>(sql.size() + 1),
                                  SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    kept.reset(made);
    if (code != SQLITE_OK) return fail_sqlite(statement.name, database_.get());
    return made;
  }

  Result<void> bind_all(const Statement& statement, sqlite3_stmt* prepared,
                        std::span<const SqlValue> values) {
    ZW_ASSERT(sqlite3_bind_parameter_count(prepared) == static_cast<int>(values.size()));
    ZW_CHECK(check_values(statement.name, values));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (bind(prepared, static_cast<int>(i + 1), values[i]) != SQLITE_OK)
        return fail_sqlite(statement.name, database_.get());
    return {};
  }

  SqliteHandle database_;
  std::string path_;
  struct Prepared {
    SqliteStatement statement;
    std::string_view text;
  };
  std::unordered_map<std::string_view, Prepared> prepared_;  // views of constants; gone before database_
  bool busy_ = false;
};

Result<bool> has_tables(const std::string& path, sqlite3* database) {
  auto count = ask_sqlite(path, database, "SELECT count(*) FROM sqlite_schema");
  if (!count) return fail(count.error());
  return *count != "0";
}

Result<void> claim(const std::string& path, sqlite3* database) {
  ZW_TRY(std::string id, ask_sqlite(path, database, "PRAGMA application_id"));
  if (id == std::to_string(kApplicationId)) return {};
  ZW_TRY(bool used, has_tables(path, database));
  if (id != "0" || used) return fail(ErrorKind::refused, "{}: a database of another program", path);
  std::string sql = fmt::format("PRAGMA application_id = {}", kApplicationId);
  return execute_sqlite(path, database, sql.c_str());
}

Result<void> set_up_writer(const std::string& path, sqlite3* database) {
  if (sqlite3_db_readonly(database, "main") != 0)
    return fail(ErrorKind::refused, "{}: expected a file that we may write", path);
  ZW_CHECK(claim(path, database));
  ZW_TRY(std::string mode, ask_sqlite(path, database, "PRAGMA journal_mode = WAL"));
  if (mode != "wal")
    return fail(ErrorKind::unsupported, "{}: expected a file system that can share memory for WAL, got '{}'",
                path, mode);
  return execute_sqlite(path, database,
                        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                        "PRAGMA journal_size_limit = 67108864");
}

}  // namespace

Result<std::unique_ptr<SqlConnection>> connect_sqlite(const std::string& path, bool writer,
                                                      std::chrono::milliseconds wait) {
  if (writer) ZW_CHECK(make_file(path, 0600));
  ZW_TRY(SqliteHandle database, open_sqlite(path, wait));
  ZW_CHECK(execute_sqlite(path, database.get(), "PRAGMA cell_size_check = ON; PRAGMA cache_size = -16384"));
  ZW_CHECK(writer ? set_up_writer(path, database.get())
                  : execute_sqlite(path, database.get(), "PRAGMA query_only = ON"));
  return std::make_unique<SqliteConnection>(std::move(database), path);
}

Result<void> copy_sqlite(const std::string& path, const std::string& copy) {
  std::string aside = copy + ".new";
  if (auto old = remove_file(aside); !old && old.error().kind != ErrorKind::not_found) return old;
  ZW_CHECK(make_file(aside, 0600));
  {
    ZW_TRY(SqliteHandle database, open_sqlite(path, std::chrono::seconds(5)));
    std::unique_ptr<char, void (*)(void*)> sql(sqlite3_mprintf("VACUUM INTO %Q", aside.c_str()),
                                               sqlite3_free);
    ZW_CHECK(execute_sqlite(aside, database.get(), sql.get()));
  }
  {
    ZW_TRY(SqliteHandle database, open_sqlite(aside, std::chrono::seconds(5)));
    ZW_TRY(std::string found, ask_sqlite(aside, database.get(), "PRAGMA quick_check(1)"));
    if (found != "ok") return fail(ErrorKind::malformed, "{}: the copy is damaged: {}", aside, found);
  }
  return move_into_place(aside, copy);
}

}  // namespace zw
