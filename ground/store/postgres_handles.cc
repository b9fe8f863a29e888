#include "store/postgres_handles.h"

#include <algorithm>

namespace zw {
namespace {

constexpr std::string_view kSerialization = "40001", kDeadlock = "40P01";

struct StateKind {
  std::string_view prefix;  // of SQLSTATE (PostgreSQL 15, appendix A)
  ErrorKind kind;
};
// The first that fits.
constexpr StateKind kStates[] = {
    {"23505", ErrorKind::conflict},
    {"23", ErrorKind::refused},
    {"22", ErrorKind::refused},
    {"P0001", ErrorKind::refused},
    {kSerialization, ErrorKind::timeout},
    {kDeadlock, ErrorKind::timeout},
    {"55P03", ErrorKind::timeout},
    {"57014", ErrorKind::timeout},
    {"533", ErrorKind::io},
    {"53", ErrorKind::limit},
    {"54", ErrorKind::limit},
    {"XX001", ErrorKind::malformed},
    {"XX002", ErrorKind::malformed},
    {"42501", ErrorKind::refused},
    {"28", ErrorKind::refused},
    {"42", ErrorKind::unsupported},
    {"0A", ErrorKind::unsupported},
    {"26", ErrorKind::unsupported},
    {"25006", ErrorKind::unsupported},
    {"08P01", ErrorKind::unsupported},
};

ErrorKind kind_of(std::string_view state) {
  auto fits = [&](const StateKind& each) { return state.starts_with(each.prefix); };
  const auto* found = std::ranges::find_if(kStates, fits);
  return found == std::end(kStates) ? ErrorKind::io : found->kind;
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

// "Key (a, b)=(...) already exists.": the values after it are nobody's business.
std::string taken_columns(const PGresult* result) {
  std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  std::size_t open = detail.find('('), close = detail.find(")=(");
  if (open == std::string::npos || close == std::string::npos || detail.find('(', open + 1) < close)
    return "index '" + field(result, PG_DIAG_CONSTRAINT_NAME) + "'";
  std::string table = field(result, PG_DIAG_TABLE_NAME) + ".", out = table;
  for (char c : detail.substr(open + 1, close - open - 1)) {
    out += c;
    if (out.ends_with(", ")) out += table;
  }
  return out;
}

// Messages of class 22 quote what was bound, so of these only the number is told.
std::string words(const PGresult* result, std::string_view state) {
  if (state == "23505") return taken_columns(result) + ": is there already";
  if (state.starts_with("22")) return fmt::format("a value does not fit (SQLSTATE {})", state);
  return field(result, PG_DIAG_MESSAGE_PRIMARY);
}

std::string one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void say_nothing(void* /*context*/, const PGresult* /*notice*/) {}

Result<void> set_up(PGconn* connection) {
  PQsetNoticeReceiver(connection, say_nothing, nullptr);
  std::string_view encoding = PQparameterStatus(connection, "server_encoding");
  if (encoding != "UTF8")
    return fail(ErrorKind::unsupported, "PostgreSQL: expected a database in UTF8, got {}", encoding);
  // A commit is acknowledged when it is on disk, whatever the server's default is.
  auto kept = execute_postgres("PostgreSQL", connection,
                               "SELECT set_config('synchronous_commit', 'on', false) "
                               "WHERE current_setting('synchronous_commit') = 'off'");
  if (!kept) return fail(kept.error());
  return {};
}

}  // namespace

Result<PostgresHandle> open_postgres(const std::string& uri) {
  // What comes after the URI would overrule it.
  const char* keys[] = {"connect_timeout", "tcp_user_timeout", "fallback_application_name",
                        "dbname",          "client_encoding",  nullptr};
  const char* values[] = {"10", "30000", "zonewright", uri.c_str(), "UTF8", nullptr};
  PostgresHandle connection(PQconnectdbParams(keys, values, 1));
  if (!connection) return fail(ErrorKind::limit, "PostgreSQL: out of memory");
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return fail(ErrorKind::io, "PostgreSQL: {}", one_line(PQerrorMessage(connection.get())));
  ZW_CHECK(set_up(connection.get()));
  return connection;
}

Result<PostgresResult> execute_postgres(std::string_view subject, PGconn* connection, const char* sql) {
  PostgresResult result(PQexec(connection, sql));
  ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    return fail_postgres(subject, connection, result.get());
  return result;
}

std::unexpected<Error> fail_postgres(std::string_view subject, PGconn* connection, const PGresult* result) {
  std::string state = field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) return fail(ErrorKind::io, "{}: {}", subject, one_line(PQerrorMessage(connection)));
  return fail(kind_of(state), "{}: {}", subject, one_line(words(result, state)));
}

bool lost_race(const PGresult* result) {
  std::string state = field(result, PG_DIAG_SQLSTATE);
  return state == kSerialization || state == kDeadlock;
}

// No answer of the server's at all, or that it goes down (57P), or that it became one that only reads.
bool is_broken(const PGresult* result) {
  std::string state = field(result, PG_DIAG_SQLSTATE);
  return state.empty() || state.starts_with("57P") || state.starts_with("08") || state == "25006";
}

}  // namespace zw
