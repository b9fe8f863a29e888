// Which database, as an operator says it: nothing for a file of the system's own, or one line.
//
//   [store]
//   database = "sqlite:/var/lib/zonewright/portal.db"
//   database = "postgresql://portal@db.example/portal?sslmode=verify-full&passfile=/etc/zonewright/pgpass"
//
// The line is shown in errors, status and logs, so it may hold no password: that is for a file of its own
// (`passfile`, or a client certificate by `sslcert` and `sslkey`).
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"
#include "store/statement.h"

namespace zw {

struct DatabaseAddress {
  Dialect dialect = Dialect::sqlite;
  std::string where;  // a path, or a URI of libpq; empty: the file that the system chooses

  /// `malformed`, in words that do not quote the text.
  static Result<DatabaseAddress> parse(std::string_view text);
  std::string print() const;
  /// This, or SQLite at `path` where nothing was said.
  DatabaseAddress or_file(std::string path) const;

  friend bool operator==(const DatabaseAddress&, const DatabaseAddress&) = default;
};

struct StoreConfig {
  DatabaseAddress database;
  std::size_t connections = 8;               // at most, at once; SQLite has one more, which writes
  std::chrono::milliseconds patience{5000};  // how long to wait for a connection, or for another writer
};

SettingType<DatabaseAddress> database_type();
/// For a table `[store]`.
Settings<StoreConfig> store_settings();

}  // namespace zw
