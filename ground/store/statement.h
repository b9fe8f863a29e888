// SQL as systems write it: named statements in tables of constants, one text for both dialects.
//
//   inline constexpr Statement kAddServer{"add_server", "INSERT INTO server (address, owner) VALUES (?1,
//   ?2)"};
//
// Parameters are `?1`, `?2`, ... Names are unique in a program: they stand in errors, and a connection
// prepares each once. `postgres` is a second text where the dialects really differ. In both, words in braces
// stand for what a dialect calls it:
//
//   {int}     INTEGER                             BIGINT
//   {bool}    INTEGER                             BOOLEAN
//   {text}    TEXT                                TEXT COLLATE "C"      ordered by octets, as in SQLite
//   {bytes}   BLOB                                BYTEA
//   {id}      INTEGER PRIMARY KEY AUTOINCREMENT   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY
//   {strict}  STRICT                              (nothing)             ends each CREATE TABLE
#pragma once

#include <string>
#include <string_view>

namespace zw {

enum class Dialect { sqlite, postgres };

struct Statement {
  std::string_view name;  // a word in snake_case, at most 40 octets
  std::string_view sql;
  std::string_view postgres = {};  // empty: as `sql`
};

/// The text for a dialect. What stands in quotes or comments is left as it is; a word in braces that is not
/// listed above is a mistake of ours.
std::string sql_text(std::string_view sql, Dialect dialect);

inline std::string sql_text(const Statement& statement, Dialect dialect) {
  bool own = dialect == Dialect::postgres && !statement.postgres.empty();
  return sql_text(own ? statement.postgres : statement.sql, dialect);
}

}  // namespace zw
