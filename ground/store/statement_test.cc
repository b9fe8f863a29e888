#include "store/statement.h"

#include <doctest/doctest.h>

using namespace zw;

TEST_CASE("parameters and words in braces are what a dialect calls them, but in quotes and comments") {
  std::string_view sql =
      "SELECT ?1, '?2 {x}', \"?3\", 'it''s ?4' -- ?5 don't\n, ?16 FROM t WHERE a ? b AND c IS {bytes}";
  CHECK(sql_text(sql, Dialect::sqlite) ==
        "SELECT ?1, '?2 {x}', \"?3\", 'it''s ?4' -- ?5 don't\n, ?16 FROM t WHERE a ? b AND c IS BLOB");
  CHECK(sql_text(sql, Dialect::postgres) ==
        "SELECT $1, '?2 {x}', \"?3\", 'it''s ?4' -- ?5 don't\n, $16 FROM t WHERE a ? b AND c IS BYTEA");
  CHECK(sql_text("CREATE TABLE t (a {int}) {strict}", Dialect::postgres) == "CREATE TABLE t (a BIGINT) ");
  CHECK(sql_text("'open", Dialect::postgres) == "'open");
  CHECK(sql_text("-- ?1", Dialect::postgres) == "-- ?1");
}

TEST_CASE("a second text is for PostgreSQL alone") {
  constexpr Statement kBoth{"both", "one ?1"}, kTwo{"two", "one ?1", "other ?1"};
  CHECK(sql_text(kBoth, Dialect::postgres) == "one $1");
  CHECK(sql_text(kTwo, Dialect::postgres) == "other $1");
  CHECK(sql_text(kTwo, Dialect::sqlite) == "one ?1");
}
