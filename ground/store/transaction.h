// What happens to a database as one: all of it, or nothing.
//
//   auto tx = database.begin(SqlAccess::write);
//   tx->run(kAddServer, {address, owner});
//   auto count = tx->one(kCountServers, {owner}, [](const Row& row) { return row.get<std::int64_t>(0); });
//   tx->commit();
//
// What is not committed is rolled back with the object. After the first error nothing more can be done with
// it: that is PostgreSQL's rule, and holds here for both. Where a row may be there already, say ON CONFLICT
// DO NOTHING and look at how many rows were changed. Errors are those of store/database.h. One thread at a
// time, and soon over: a writer on SQLite holds up all the others.
#pragma once

#include <initializer_list>
#include <memory>
#include <type_traits>
#include <vector>

#include "store/connection.h"

namespace zw {

class ConnectionPool;

class Transaction {
 public:
  using Values = std::initializer_list<SqlValue>;

  Transaction(std::unique_ptr<SqlConnection> connection, ConnectionPool& pool, Timestamp now);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&& other) = delete;
  ~Transaction();

  /// Rows that were changed.
  Result<std::int64_t> run(const Statement& statement, Values values = {}) {
    return run(statement, std::span(values.begin(), values.size()));
  }
  Result<std::int64_t> run(const Statement& statement, std::span<const SqlValue> values);
  /// The same statement `count` times, for many rows; rows that were changed in all.
  Result<std::int64_t> run_many(const Statement& statement, std::size_t count, const ValueFiller& fill);

  /// Shows each row, as it comes, to `visit`, which returns nothing, or false for no more, or a Result<void>
  /// whose error ends it. While it runs, the transaction can do nothing else. Rows that are not wanted are
  /// better left out by LIMIT: PostgreSQL sends all.
  template <typename Visit>
  Result<void> each(const Statement& statement, Values values, Visit&& visit);
  /// make(row) of the first row, if there is one.
  template <typename Make>
  auto first(const Statement& statement, Values values, Make&& make)
      -> Result<std::optional<std::invoke_result_t<Make, const Row&>>>;
  /// The same, and `not_found` without a row.
  template <typename Make>
  auto one(const Statement& statement, Values values, Make&& make)
      -> Result<std::invoke_result_t<Make, const Row&>>;
  template <typename Make>
  auto all(const Statement& statement, Values values, Make&& make)
      -> Result<std::vector<std::invoke_result_t<Make, const Row&>>>;

  /// Tells every ChangeWatch of the database, once this is committed, that what `topic` stands for has
  /// changed. `topic`: a word of ours.
  Result<void> announce(std::string_view topic);

  /// When this returns, what was done is on disk. An `io` that says so leaves open whether it is.
  Result<void> commit();

  /// When it began.
  Timestamp now() const { return now_; }
  Dialect dialect() const { return connection_->dialect(); }
  /// Whether it failed only since another one came before it: the same again may well succeed.
  bool lost_race() const { return connection_->lost_race(); }

  /// SQL without values, several statements perhaps. For migrations.
  Result<void> script(std::string_view name, const std::string& sql);

 private:
  Result<void> visit_rows(const Statement& statement, std::span<const SqlValue> values,
                          const RowVisitor& visit);
  Result<void> check_open(std::string_view name) const;
  // Notes a failure, if it is one.
  template <typename T>
  Result<T> note(Result<T> outcome) {
    failed_ = failed_ || !outcome;
    return outcome;
  }

  std::unique_ptr<SqlConnection> connection_;  // none: moved from
  ConnectionPool* pool_;
  Timestamp now_;
  bool failed_ = false, done_ = false;
};

template <typename Visit>
Result<void> Transaction::each(const Statement& statement, Values values, Visit&& visit) {
  Result<void> outcome;
  Result<void> read = visit_rows(statement, std::span(values.begin(), values.size()), [&](const Row& row) {
    using Answer = std::invoke_result_t<Visit, const Row&>;
    if constexpr (std::is_void_v<Answer>)
      return visit(row), true;
    else if constexpr (std::is_same_v<Answer, bool>)
      return visit(row);
    else
      return (outcome = visit(row)).has_value();
  });
  ZW_CHECK(read);
  return outcome;
}

template <typename Make>
auto Transaction::first(const Statement& statement, Values values, Make&& make)
    -> Result<std::optional<std::invoke_result_t<Make, const Row&>>> {
  std::optional<std::invoke_result_t<Make, const Row&>> found;
  ZW_CHECK(each(statement, values, [&](const Row& row) {
    found.emplace(make(row));
    return false;
  }));
  return found;
}

template <typename Make>
auto Transaction::one(const Statement& statement, Values values, Make&& make)
    -> Result<std::invoke_result_t<Make, const Row&>> {
  ZW_TRY(auto found, first(statement, values, make));
  if (!found) return fail(ErrorKind::not_found, "{}: there is no such row", statement.name);
  return std::move(*found);
}

template <typename Make>
auto Transaction::all(const Statement& statement, Values values, Make&& make)
    -> Result<std::vector<std::invoke_result_t<Make, const Row&>>> {
  std::vector<std::invoke_result_t<Make, const Row&>> out;
  ZW_CHECK(each(statement, values, [&](const Row& row) { out.push_back(make(row)); }));
  return out;
}

}  // namespace zw
