#include "store/migration.h"

#include <fmt/format.h>

#include <vector>

#include "crypto/digest.h"
#include "store/database.h"
#include "store/room_statements.h"

namespace zw {
namespace {

struct Done {
  std::size_t number;
  std::string name;
  Buffer hash;
};

struct Step {
  const Schema& schema;
  std::size_t number;

  const Migration& what() const { return schema.migrations[number - 1]; }
  std::string title() const { return fmt::format("migration {} {} '{}'", schema.name, number, what().name); }
  std::string up(Dialect dialect) const {
    return sql_text({title(), what().up, what().postgres_up}, dialect);
  }
  std::string down(Dialect dialect) const {
    return sql_text({title(), what().down, what().postgres_down}, dialect);
  }
  Digest hash(Dialect dialect) const { return digest(DigestAlgorithm::sha256, as_bytes(up(dialect))); }
};

Result<void> check_known(const Schema& schema, const std::vector<Done>& done, Dialect dialect) {
  for (std::size_t i = 0; i < done.size(); ++i) {
    const Done& each = done[i];
    if (each.number > schema.migrations.size())
      return fail(ErrorKind::unsupported,
                  "the database is newer than this program: it has migration {} {} '{}', and we know {}",
                  schema.name, each.number, each.name, schema.migrations.size());
    Step step{schema, each.number};
    if (each.number != i + 1 || !same_bytes(step.hash(dialect).bytes(), each.hash))
      return fail(ErrorKind::unsupported,
                  "the database is of another program: it has migration {} {} '{}', which is not our {}",
                  schema.name, each.number, each.name, step.title());
  }
  return {};
}

Result<std::vector<Done>> list_done(Transaction& tx, const Schema& schema) {
  // Nobody else migrates until this transaction has ended.
  ZW_CHECK(tx.run(kLockMigrations));
  ZW_CHECK(tx.script("zw_make_migrations", sql_text(kMakeMigrations, tx.dialect())));
  ZW_TRY(auto done, tx.all(kListMigrations, {schema.name}, [](const Row& row) {
    return Done{row.get<std::size_t>(0), row.get<std::string>(1), row.get<Buffer>(2)};
  }));
  ZW_CHECK(check_known(schema, done, tx.dialect()));
  return done;
}

Result<void> go_up(Transaction& tx, const Step& step) {
  ZW_CHECK(tx.script(step.title(), step.up(tx.dialect())));
  ZW_CHECK(tx.run(kAddMigration, {step.schema.name, step.number, step.what().name,
                                  step.hash(tx.dialect()).bytes(), tx.now()}));
  return {};
}

Result<void> go_down(Transaction& tx, const Step& step) {
  ZW_CHECK(tx.script(step.title() + " back", step.down(tx.dialect())));
  ZW_CHECK(tx.run(kRemoveMigration, {step.schema.name, step.number}));
  return {};
}

}  // namespace

Result<void> migrate(Database& database, const Schema& schema) {
  for (bool more = true; more;) {
    ZW_TRY(more, database.write_queue([&](Transaction& tx) -> Result<bool> {
      ZW_TRY(auto done, list_done(tx, schema));
      if (done.size() == schema.migrations.size()) return false;
      ZW_CHECK(go_up(tx, {schema, done.size() + 1}));
      return true;
    }));
  }
  return {};
}

Result<void> step_back(Database& database, const Schema& schema, std::size_t to) {
  for (bool more = true; more;) {
    ZW_TRY(more, database.write_queue([&](Transaction& tx) -> Result<bool> {
      ZW_TRY(auto done, list_done(tx, schema));
      if (done.size() <= to) return false;
      ZW_CHECK(go_down(tx, {schema, done.size()}));
      return true;
    }));
  }
  return {};
}

}  // namespace zw
