#include "store/postgres_connection.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "store/postgres_values.h"

namespace zw {
namespace {

// Runs that go out before their answers are read. Their answers fit into what the system queues for a socket,
// so that neither side waits for the other to read.
constexpr std::size_t kTogether = 128;
constexpr int kBinary = 1;

const char* begin_text(SqlAccess access) {
  switch (access) {
    case SqlAccess::read: return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    case SqlAccess::write: return "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
    case SqlAccess::queue: break;
  }
  return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
}

bool is_well(const PGresult* result) {
  ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

std::int64_t changed_by(PGresult* result) {
  return PQresultStatus(result) == PGRES_TUPLES_OK &&
                 std::string_view(PQcmdStatus(result)).starts_with("SELECT")
             ? 0
             : std::strtoll(PQcmdTuples(result), nullptr, 10);
}

class PostgresConnection final : public SqlConnection {
 public:
  explicit PostgresConnection(PostgresHandle connection) : connection_(std::move(connection)) {}

  Dialect dialect() const override { return Dialect::postgres; }
  bool usable() const override {
    return !broken_ && PQstatus(get()) == CONNECTION_OK && PQtransactionStatus(get()) == PQTRANS_IDLE;
  }

  Result<void> begin(SqlAccess access, bool alone) override {
    lost_race_ = false;
    std::string sql = begin_text(access);
    // In this lock's mode nobody else takes the head of the event log (store/event_log.cc); taken before the
    // first query it is also older than what this transaction sees.
    if (alone && access == SqlAccess::write) sql += "; LOCK TABLE zw_event_head IN EXCLUSIVE MODE";
    return script("begin", sql);
  }

  Result<void> commit() override {
    PostgresResult result(PQexec(get(), "COMMIT"));
    if (!is_well(result.get())) {
      auto error = failed("commit", result.get());
      if (broken_) error.error().what += "; whether it is done is not known";
      return error;
    }
    // Of a transaction that failed before, it says so by this word only.
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT")
      return fail(ErrorKind::conflict, "commit: the transaction had failed before");
    return {};
  }

  void rollback() override {
    PGTransactionStatusType status = PQtransactionStatus(get());
    if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR) PostgresResult(PQexec(get(), "ROLLBACK"));
  }

  Result<std::int64_t> run(const Statement& statement, std::span<const SqlValue> values) override {
    ZW_CHECK(check_values(statement.name, values));
    PostgresValues bound(values);
    ZW_TRY(const char* name, find(statement, bound));
    PostgresResult result(PQexecPrepared(get(), name, bound.count(), bound.values(), bound.lengths(),
                                         bound.formats(), kBinary));
    if (!is_well(result.get())) return failed(statement.name, result.get());
    return changed_by(result.get());
  }

  Result<std::int64_t> run_many(const Statement& statement, std::size_t count,
                                const ValueFiller& fill) override {
    std::int64_t changed = 0;
    for (std::size_t at = 0; at < count; at += kTogether) {
      ZW_TRY(std::int64_t some, run_together(statement, at, std::min(count, at + kTogether), fill));
      changed += some;
    }
    return changed;
  }

  Result<void> each(const Statement& statement, std::span<const SqlValue> values,
                    const RowVisitor& visit) override {
    ZW_CHECK(check_values(statement.name, values));
    PostgresValues bound(values);
    ZW_TRY(const char* name, find(statement, bound));
    if (!send(name, bound) || PQsetSingleRowMode(get()) == 0) return failed(statement.name, nullptr);
    return read_rows(statement, visit);
  }

  Result<void> script(std::string_view name, const std::string& sql) override {
    PostgresResult result(PQexec(get(), sql.c_str()));
    if (!is_well(result.get())) return failed(name, result.get());
    return {};
  }

 private:
  PGconn* get() const { return connection_.get(); }

  std::unexpected<Error> failed(std::string_view subject, const PGresult* result) {
    lost_race_ = lost_race_ || zw::lost_race(result);
    broken_ = broken_ || is_broken(result);
    return fail_postgres(subject, get(), result);
  }

  bool send(const char* name, const PostgresValues& bound) {
    ZW_ASSERT(PQtransactionStatus(get()) != PQTRANS_ACTIVE || PQpipelineStatus(get()) == PQ_PIPELINE_ON);
    return PQsendQueryPrepared(get(), name, bound.count(), bound.values(), bound.lengths(), bound.formats(),
                               kBinary) == 1;
  }

  // The name of the prepared statement for values of these types.
  Result<const char*> find(const Statement& statement, const PostgresValues& bound) {
    ZW_ASSERT(PQtransactionStatus(get()) != PQTRANS_ACTIVE);  // one statement at a time
    Prepared kept = keep(statement, bound);
    if (!kept.fresh) return kept.name;
    std::string sql = sql_text(statement, Dialect::postgres);
    PostgresResult made(PQprepare(get(), kept.name, sql.c_str(), bound.count(), bound.types()));
    if (is_well(made.get())) return kept.name;
    forget(statement);
    return failed(statement.name, made.get());
  }

  // A statement is prepared for the types of its values. The server looks at 63 octets of a name; one that
  // perhaps exists is not used again.
  struct Prepared {
    const char* name;
    bool fresh;
  };
  Prepared keep(const Statement& statement, const PostgresValues& bound) {
    auto& [text, names] = prepared_[statement.name];
    ZW_ASSERT(text.empty() || text == statement.sql);  // a name is of one statement
    text = statement.sql;
    auto [at, fresh] = names.try_emplace(bound.letters());
    if (fresh) at->second = fmt::format("{}_{}", ++names_, statement.name);
    return {at->second.c_str(), fresh};
  }
  void forget(const Statement& statement) { prepared_.erase(statement.name); }

  Result<void> read_rows(const Statement& statement, const RowVisitor& visit) {
    Result<void> outcome;
    bool more = true;  // all are read, also those that nobody wants
    while (PostgresResult result{PQgetResult(get())}) {
      if (PQresultStatus(result.get()) == PGRES_SINGLE_TUPLE)
        more = more && visit(Row(PostgresRow(result.get(), 0)));
      else if (!is_well(result.get()) && outcome)
        outcome = failed(statement.name, result.get());
    }
    return outcome;
  }

  // Runs number `from` to `to`, sent as one and then answered as one (pipeline mode).
  Result<std::int64_t> run_together(const Statement& statement, std::size_t from, std::size_t to,
                                    const ValueFiller& fill) {
    ZW_ASSERT(PQtransactionStatus(get()) != PQTRANS_ACTIVE);
    if (PQenterPipelineMode(get()) != 1) return failed(statement.name, nullptr);
    Result<void> sent;
    std::size_t answers = 0;
    std::vector<SqlValue> values;
    for (std::size_t i = from; i < to && sent; ++i) {
      values.clear();
      fill(i, values);
      sent = send_run(statement, values, answers);
    }
    if (PQpipelineSync(get()) != 1 && sent) sent = failed(statement.name, nullptr);
    auto changed = read_answers(statement, answers);
    if (PQexitPipelineMode(get()) != 1 && sent) sent = failed(statement.name, nullptr);
    ZW_CHECK(sent);
    return changed;
  }

  Result<void> send_run(const Statement& statement, std::span<const SqlValue> values, std::size_t& answers) {
    ZW_CHECK(check_values(statement.name, values));
    PostgresValues bound(values);
    Prepared kept = keep(statement, bound);
    if (kept.fresh) {
      std::string sql = sql_text(statement, Dialect::postgres);
      if (PQsendPrepare(get(), kept.name, sql.c_str(), bound.count(), bound.types()) != 1)
        return failed(statement.name, nullptr);
      ++answers;
    }
    if (!send(kept.name, bound)) return failed(statement.name, nullptr);
    ++answers;
    return {};
  }

  // Each answer ends with a null; after the last comes the answer to the sync.
  Result<std::int64_t> read_answers(const Statement& statement, std::size_t answers) {
    Result<std::int64_t> changed = 0;
    for (std::size_t i = 0; i < answers; ++i)
      while (PostgresResult result{PQgetResult(get())}) {
        if (is_well(result.get()) && changed)
          *changed += changed_by(result.get());
        else if (changed && PQresultStatus(result.get()) != PGRES_PIPELINE_ABORTED)
          changed = failed(statement.name, result.get());
      }
    PostgresResult sync(PQgetResult(get()));
    if (!changed) forget(statement);
    return changed;
  }

  PostgresHandle connection_;
  struct Known {
    std::string_view text;
    std::map<std::string, std::string> names;  // by the letters of the types
  };
  std::unordered_map<std::string_view, Known> prepared_;  // views of constants
  std::uint64_t names_ = 0;
  bool broken_ = false;
};

}  // namespace

Result<std::unique_ptr<SqlConnection>> connect_postgres(const std::string& uri) {
  ZW_TRY(PostgresHandle connection, open_postgres(uri));
  return std::make_unique<PostgresConnection>(std::move(connection));
}

}  // namespace zw
