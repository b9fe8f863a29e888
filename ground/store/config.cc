#include "store/config.h"

#include <libpq-fe.h>

#include <memory>

namespace zw {
namespace {

constexpr std::string_view kSqlite = "sqlite:", kPostgres = "postgresql://";
constexpr const char* kExpected =
    "a database, such as \"sqlite:/var/lib/zonewright/portal.db\" or "
    "\"postgresql://user@host/name?sslmode=verify-full\"";
constexpr std::size_t kMostOctets = 4000;

Result<DatabaseAddress> parse_sqlite(std::string_view path) {
  if (path.empty()) return fail(ErrorKind::malformed, "expected a path after sqlite:");
  return DatabaseAddress{Dialect::sqlite, std::string(path)};
}

Result<DatabaseAddress> parse_postgres(std::string_view uri) {
  DatabaseAddress out{Dialect::postgres, std::string(uri)};
  char* complaint = nullptr;  // it may quote a password, so nobody sees it
  std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(out.where.c_str(), &complaint), PQconninfoFree);
  PQfreemem(complaint);
  if (!options) return fail(ErrorKind::malformed, "expected a URI as PostgreSQL's libpq takes it");
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    std::string_view keyword = option->keyword;
    if (option->val && (keyword == "password" || keyword == "sslpassword"))
      return fail(ErrorKind::malformed,
                  "expected no password here; put it into a file of its own and name that by "
                  "passfile=/path (host:port:database:user:password)");
  }
  return out;
}

}  // namespace

Result<DatabaseAddress> DatabaseAddress::parse(std::string_view text) {
  if (text.size() > kMostOctets || text.find('\0') != std::string_view::npos)
    return fail(ErrorKind::malformed, "expected {}", kExpected);
  if (text.starts_with(kSqlite)) return parse_sqlite(text.substr(kSqlite.size()));
  if (text.starts_with(kPostgres)) return parse_postgres(text);
  return fail(ErrorKind::malformed, "expected {}", kExpected);
}

std::string DatabaseAddress::print() const {
  if (where.empty()) return "";
  return dialect == Dialect::sqlite ? std::string(kSqlite) + where : where;
}

DatabaseAddress DatabaseAddress::or_file(std::string path) const {
  return where.empty() ? DatabaseAddress{Dialect::sqlite, std::move(path)} : *this;
}

SettingType<DatabaseAddress> database_type() {
  SettingType<DatabaseAddress> type;
  type.name = kExpected;
  // Not text_like(), which would quote what may hold a password.
  type.parse = [](const Toml& value, Complaints& complaints) -> std::optional<DatabaseAddress> {
    auto text = value.text();
    if (!text) return complain_of_type(value, kExpected, complaints), std::nullopt;
    auto parsed = DatabaseAddress::parse(*text);
    if (parsed) return std::move(*parsed);
    complaints.add(value.at(), parsed.error().what);
    return std::nullopt;
  };
  type.print = [](const DatabaseAddress& value) {
    return value.where.empty() ? "" : print_toml(value.print());
  };
  return type;
}

Settings<StoreConfig> store_settings() {
  using std::chrono::milliseconds;
  Settings<StoreConfig> table;
  table.row("database", &StoreConfig::database, database_type(),
            "Where everything is kept. Left out, a SQLite file in the state folder.");
  table.row("connections", &StoreConfig::connections, number_type<std::size_t>(1, 1000),
            "Connections to the database at once, at most.");
  table.row("patience", &StoreConfig::patience, duration_type(milliseconds(10), std::chrono::minutes(5)),
            "How long to wait for a connection or for another writer before giving up.");
  return table;
}

}  // namespace zw
