// The door to SQLite: handles that close themselves, and its errors as ours. Not for other rooms.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zw {

struct CloseSqlite {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeSqlite {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteHandle = std::unique_ptr<sqlite3, CloseSqlite>;
using SqliteStatement = std::unique_ptr<sqlite3_stmt, FinalizeSqlite>;

/// What the last call on `database` failed with. `subject`: a path or the name of a statement.
std::unexpected<Error> fail_sqlite(std::string_view subject, sqlite3* database);

/// Opens the file, which has to be there.
Result<SqliteHandle> open_sqlite(const std::string& path, std::chrono::milliseconds wait);
/// Statements without values, one after another.
Result<void> execute_sqlite(std::string_view subject, sqlite3* database, const char* sql);
/// The first column of the first row, as text; empty if there is none.
Result<std::string> ask_sqlite(std::string_view subject, sqlite3* database, const char* sql);

}  // namespace zw
