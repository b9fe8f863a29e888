#include "store/statement.h"

#include <algorithm>
#include <iterator>

#include "base/result.h"

namespace zw {
namespace {

struct Word {
  std::string_view name, sqlite, postgres;
};
constexpr Word kWords[] = {
    {"int", "INTEGER", "BIGINT"},
    {"bool", "INTEGER", "BOOLEAN"},
    {"text", "TEXT", "TEXT COLLATE \"C\""},
    {"bytes", "BLOB", "BYTEA"},
    {"id", "INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"},
    {"strict", "STRICT", ""},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view meaning(std::string_view name, Dialect dialect) {
  auto word = std::ranges::find(kWords, name, &Word::name);
  ZW_ASSERT(word != std::end(kWords));
  return dialect == Dialect::sqlite ? word->sqlite : word->postgres;
}

// Octets at the front of `sql`, which is not empty, that are to be copied: a text in quotes, a comment, or
// one.
std::size_t copied(std::string_view sql) {
  std::size_t end = 0;
  if (sql[0] == '\'' || sql[0] == '"')
    end = sql.find(sql[0], 1);
  else if (sql.starts_with("--"))
    end = sql.find('\n');
  return end == std::string_view::npos ? sql.size() : end + 1;
}

}  // namespace

std::string sql_text(std::string_view sql, Dialect dialect) {
  std::string out;
  out.reserve(sql.size() + 32);
  while (!sql.empty()) {
    std::size_t step = copied(sql);
    if (sql[0] == '{') {
      std::size_t end = sql.find('}');
      ZW_ASSERT(end != std::string_view::npos);
      out += meaning(sql.substr(1, end - 1), dialect);
      step = end + 1;
    } else if (sql[0] == '?' && sql.size() > 1 && is_digit(sql[1])) {
      out += dialect == Dialect::sqlite ? '?' : '$';
    } else {
      out += sql.substr(0, step);
    }
    sql.remove_prefix(step);
  }
  return out;
}

}  // namespace zw
