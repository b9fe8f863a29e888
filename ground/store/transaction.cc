#include "store/transaction.h"

#include "store/pool.h"
#include "store/room_statements.h"

namespace zw {

Transaction::Transaction(std::unique_ptr<SqlConnection> connection, ConnectionPool& pool, Timestamp now)
    : connection_(std::move(connection)), pool_(&pool), now_(now) {}

Transaction::Transaction(Transaction&& other) noexcept = default;

Transaction::~Transaction() {
  if (!connection_) return;
  connection_->rollback();
  pool_->give(std::move(connection_));
}

Result<void> Transaction::check_open(std::string_view name) const {
  ZW_ASSERT(connection_ != nullptr && !done_);
  if (failed_) return fail(ErrorKind::conflict, "{}: the transaction has failed before", name);
  return {};
}

Result<std::int64_t> Transaction::run(const Statement& statement, std::span<const SqlValue> values) {
  ZW_CHECK(check_open(statement.name));
  return note(connection_->run(statement, values));
}

Result<std::int64_t> Transaction::run_many(const Statement& statement, std::size_t count,
                                           const ValueFiller& fill) {
  ZW_CHECK(check_open(statement.name));
  return note(connection_->run_many(statement, count, fill));
}

Result<void> Transaction::visit_rows(const Statement& statement, std::span<const SqlValue> values,
                                     const RowVisitor& visit) {
  ZW_CHECK(check_open(statement.name));
  return note(connection_->each(statement, values, visit));
}

Result<void> Transaction::script(std::string_view name, const std::string& sql) {
  ZW_CHECK(check_open(name));
  return note(connection_->script(name, sql));
}

Result<void> Transaction::announce(std::string_view topic) {
  ZW_CHECK(run(kAnnounce, {topic}));
  return {};
}

Result<void> Transaction::commit() {
  ZW_CHECK(check_open("commit"));
  done_ = true;
  return note(connection_->commit());
}

}  // namespace zw
