#include "config/manual.h"

#include <fmt/format.h>

#include <functional>

namespace zw {
namespace {

/// Rows with their full path, the values of a table before the tables in it.
void walk(const std::vector<SettingDoc>& rows, const std::string& path,
          const std::function<void(const SettingDoc& row, const std::string& path)>& visit) {
  for (const SettingDoc& row : rows)
    if (row.kind == SettingDoc::Kind::value) visit(row, join_path(path, row.key));
  for (const SettingDoc& row : rows) {
    if (row.kind == SettingDoc::Kind::value) continue;
    visit(row, join_path(path, row.key));
    walk(row.rows, join_path(path, row.key), visit);
  }
}

std::string header(const SettingDoc& row, const std::string& path) {
  return row.kind == SettingDoc::Kind::tables ? fmt::format("[[{}]]", path) : fmt::format("[{}]", path);
}

std::string facts(const SettingDoc& row) {
  if (row.required) return row.type + "; has to be given";
  return row.preset.empty() ? row.type : fmt::format("{}; default {}", row.type, row.preset);
}

std::string wrap(std::string_view text, std::string_view indent, std::size_t width) {
  std::string out(indent);
  std::size_t column = indent.size();
  while (!text.empty()) {
    std::size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent.size() && column + 1 + word.size() > width) {
      out += '\n';
      out += indent;
      column = indent.size();
    }
    if (column > indent.size()) out += ' ', ++column;
    out += word;
    column += word.size();
  }
  return out + "\n";
}

std::string escape_roff(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

std::string escape_markdown(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string print_settings_help(const std::vector<SettingDoc>& rows) {
  std::string out;
  walk(rows, "", [&](const SettingDoc& row, const std::string& path) {
    bool value = row.kind == SettingDoc::Kind::value;
    out += fmt::format("{}{}\n", value ? "" : "\n", value ? path : header(row, path));
    out += wrap(row.help, "    ", 100);
    if (value || row.kind == SettingDoc::Kind::tables) out += wrap(facts(row), "    ", 100);
  });
  return out;
}

std::string print_settings_markdown(const std::vector<SettingDoc>& rows) {
  std::string out;
  bool in_table = false;
  walk(rows, "", [&](const SettingDoc& row, const std::string& path) {
    if (row.kind != SettingDoc::Kind::value) {
      out += fmt::format("{}`{}`: {}\n", out.empty() ? "" : "\n", header(row, path), row.help);
      in_table = false;
      return;
    }
    if (!in_table)
      out += fmt::format("{}| setting | value | meaning |\n|---|---|---|\n", out.empty() ? "" : "\n");
    in_table = true;
    out +=
        fmt::format("| `{}` | {} | {} |\n", row.key, escape_markdown(facts(row)), escape_markdown(row.help));
  });
  return out;
}

std::string print_settings_man(const std::vector<SettingDoc>& rows) {
  std::string out;
  walk(rows, "", [&](const SettingDoc& row, const std::string& path) {
    bool value = row.kind == SettingDoc::Kind::value;
    out +=
        fmt::format(".TP\n.B {}\n{}\n", escape_roff(value ? path : header(row, path)), escape_roff(row.help));
    if (value) out += fmt::format("({})\n", escape_roff(facts(row)));
  });
  return out;
}

std::string print_settings_example(const std::vector<SettingDoc>& rows) {
  std::string out;
  walk(rows, "", [&](const SettingDoc& row, const std::string& path) {
    if (!out.empty()) out += '\n';
    out += wrap(row.help, "# ", 100);
    if (row.kind != SettingDoc::Kind::value) {
      out += fmt::format("{}{}\n", row.kind == SettingDoc::Kind::tables ? "#" : "", header(row, path));
      return;
    }
    out += wrap(facts(row), "# ", 100);
    out += fmt::format("#{} = {}\n", row.key, row.preset.empty() ? "..." : row.preset);
  });
  return out;
}

}  // namespace zw
