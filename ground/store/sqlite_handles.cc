#include "store/sqlite_handles.h"

namespace zw {
namespace {

ErrorKind kind_of(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return ErrorKind::conflict;
    default: break;
  }
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return ErrorKind::refused;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT: return ErrorKind::timeout;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM: return ErrorKind::limit;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorKind::malformed;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_SCHEMA:
    case SQLITE_READONLY: return ErrorKind::unsupported;
    default: return ErrorKind::io;
  }
}

// Messages of SQLite name tables and columns, and never what was bound.
std::string words(sqlite3* database, ErrorKind kind) {
  std::string message = sqlite3_errmsg(database);
  std::size_t columns = message.find(": ");
  if (kind == ErrorKind::conflict && columns != std::string::npos)
    return message.substr(columns + 2) + ": is there already";
  return message;
}

}  // namespace

std::unexpected<Error> fail_sqlite(std::string_view subject, sqlite3* database) {
  ErrorKind kind = kind_of(sqlite3_extended_errcode(database));
  return fail(kind, "{}: {}", subject, words(database, kind));
}

Result<SqliteHandle> open_sqlite(const std::string& path, std::chrono::milliseconds wait) {
  sqlite3* opened = nullptr;
  // A path that begins otherwise could stand for something in memory.
  std::string plain = path.starts_with('/') ? path : "./" + path;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(plain.c_str(), &opened, flags, nullptr);
  SqliteHandle database(opened);
  if (code != SQLITE_OK) return fail_sqlite(path, opened);
  sqlite3_busy_timeout(opened, static_cast<int>(wait.count()));
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  return database;
}

Result<void> execute_sqlite(std::string_view subject, sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return fail_sqlite(subject, database);
  return {};
}

Result<std::string> ask_sqlite(std::string_view subject, sqlite3* database, const char* sql) {
  sqlite3_stmt* prepared = nullptr;
  int code = sqlite3_prepare_v3(database, sql, -1, 0, &prepared, nullptr);
  SqliteStatement statement(prepared);
  if (code == SQLITE_OK) code = sqlite3_step(prepared);
  if (code == SQLITE_DONE) return std::string();
  if (code != SQLITE_ROW) return fail_sqlite(subject, database);
  const unsigned char* text = sqlite3_column_text(prepared, 0);
  return std::string(text ? reinterpret_cast<const char*>(text) : "");
}

}  // namespace zw
