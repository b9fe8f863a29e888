// How the tables of a database come to be what the program knows: numbered steps, each done once, for good,
// and in a transaction of its own.
//
// A step that was released never changes: its text is remembered by hash. A database in which a step was done
// that the program does not know, or that it knows otherwise, is not opened: the program is older than the
// database, and would damage it. To change tables, add a step. Each step has a way back, for tests to prove
// (store/testing_migrations.h) and for an operator's emergency.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "store/statement.h"

namespace zw {

class Database;

struct Migration {
  std::string_view name;  // a few words
  std::string_view up, down;
  std::string_view postgres_up = {}, postgres_down = {};  // empty: the same
};

/// The steps of one system, the first is number 1. SQLite tables are {strict}; of names that begin with `zw_`
/// this room makes its own.
struct Schema {
  std::string_view name;  // a word
  std::span<const Migration> migrations;
};

/// Does what is not done yet. `unsupported` if the database is of another program than this one.
Result<void> migrate(Database& database, const Schema& schema);
/// Undoes the steps above number `to`, the last first.
Result<void> step_back(Database& database, const Schema& schema, std::size_t to);

}  // namespace zw
