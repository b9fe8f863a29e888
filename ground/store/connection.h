// One connection to one of the databases. Not for other rooms, which have Database and Transaction.
//
// Errors are those of store/database.h, and begin with the statement's name. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/row.h"
#include "store/statement.h"

namespace zw {

enum class SqlAccess {
  read,   // sees one state of the database, and changes nothing
  write,  // as if it were alone
  queue,  // writes; each of its statements sees what others committed before it
};

/// Appends the values for the statement's run number `index`; they are viewed until it is called again.
using ValueFiller = std::function<void(std::size_t index, std::vector<SqlValue>& values)>;

class SqlConnection {
 public:
  virtual ~SqlConnection() = default;

  virtual Dialect dialect() const = 0;
  /// `alone`: no other writer of events gets in between, so a transaction that lost a race wins the next.
  virtual Result<void> begin(SqlAccess access, bool alone) = 0;
  virtual Result<void> commit() = 0;
  /// Of what is begun, if anything is.
  virtual void rollback() = 0;
  /// Rows changed, deleted or inserted.
  virtual Result<std::int64_t> run(const Statement& statement, std::span<const SqlValue> values) = 0;
  virtual Result<std::int64_t> run_many(const Statement& statement, std::size_t count,
                                        const ValueFiller& fill) = 0;
  virtual Result<void> each(const Statement& statement, std::span<const SqlValue> values,
                            const RowVisitor& visit) = 0;
  /// Several statements without values, as they are.
  virtual Result<void> script(std::string_view name, const std::string& sql) = 0;
  /// Whether it can be used for another transaction.
  virtual bool usable() const = 0;

  /// Whether the transaction failed only since another one came before it.
  bool lost_race() const { return lost_race_; }

 protected:
  bool lost_race_ = false;
};

}  // namespace zw
