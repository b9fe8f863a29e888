#include "log/line.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "format/json.h"
#include "format/utf8.h"

namespace zw {
namespace {

bool is_plain(char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '='; }

void append_logfmt(std::string& out, std::string_view value) {
  bool plain = !value.empty() && value.size() <= kMaxLoggedOctets && std::ranges::all_of(value, is_plain);
  if (plain) {
    out += value;
    return;
  }
  out += quote_foreign(value, kMaxLoggedOctets);
}

}  // namespace

std::string print_logfmt(std::string_view message, std::span<const LogField> fields) {
  std::string out = "msg=";
  append_logfmt(out, message);
  for (const LogField& field : fields) {
    fmt::format_to(std::back_inserter(out), " {}=", field.key);
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>)
            append_logfmt(out, value);
          else
            fmt::format_to(std::back_inserter(out), "{}", value);
        },
        field.value);
  }
  return out;
}

std::string print_json_members(std::string_view message, std::span<const LogField> fields) {
  std::string out;
  JsonWriter json(out);
  json.member("msg", message);
  for (const LogField& field : fields) {
    json.key(field.key);
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>)
            json.value(value.size() > kMaxLoggedOctets
                           ? std::string(value.substr(0, kMaxLoggedOctets)) + "..."
                           : std::string(value));
          else
            json.value(value);
        },
        field.value);
  }
  return out;
}

}  // namespace zw
