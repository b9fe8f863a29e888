// Proof that each step of a schema can be undone. For the tests of every system that has one.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "store/database.h"

namespace zw {

/// Every table, column, constraint, index, trigger and function, a line each.
inline std::vector<std::string> describe_schema(Database& database) {
  static constexpr Statement kDescribe{
      "describe_schema",
      "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE "
      "'sqlite_%' "
      "ORDER BY type, name",
      "SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' "
      "' || "
      "a.attnotnull || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || "
      "a.attcollation::regcollation "
      "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
      "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
      "WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped "
      "UNION ALL SELECT 'class ' || c.relkind::text || ' ' || c.relname FROM pg_class c "
      "WHERE c.relnamespace = current_schema()::regnamespace "
      "UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = current_schema() "
      "UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || "
      "pg_get_constraintdef(oid) "
      "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace "
      "UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c "
      "ON c.oid = t.tgrelid WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal "
      "UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc "
      "WHERE pronamespace = current_schema()::regnamespace AND prokind = 'f' ORDER BY 1"};
  auto found = database.read([&](Transaction& tx) {
    return tx.all(kDescribe, {}, [](const Row& row) {
      std::string line = row.get<std::string>(0);
      // SQLite keeps the text of statements, with what ALTER TABLE leaves of blanks.
      auto twin = std::ranges::unique(line, [](char a, char b) { return a == ' ' && b == ' '; });
      line.erase(twin.begin(), twin.end());
      return line;
    });
  });
  INFO((found ? "" : found.error().what));
  REQUIRE(found);
  return std::move(*found);
}

/// Goes down all steps of a database that has them, one by one, and up again: each way down ends where the
/// way up began. What the tables hold is lost.
inline void check_steps(Database& database, const Schema& schema) {
  std::vector<std::vector<std::string>> seen;
  for (std::size_t at = schema.migrations.size();; --at) {
    REQUIRE(step_back(database, schema, at));
    seen.push_back(describe_schema(database));
    if (at == 0) break;
  }
  for (std::size_t at = 0; at <= schema.migrations.size(); ++at) {
    REQUIRE(migrate(database, {schema.name, schema.migrations.first(at)}));
    INFO(schema.name, ", migration ", at + 1);
    CHECK(describe_schema(database) == seen[schema.migrations.size() - at]);
    if (at > 0) CHECK(seen[schema.migrations.size() - at] != seen[schema.migrations.size() - at + 1]);
  }
}

}  // namespace zw
