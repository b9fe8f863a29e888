#include "localroot/portal/api/call.h"

#include <fmt/format.h>

#include <limits>

#include "dns/address_text.h"

namespace zw::localroot::portal {
namespace {

constexpr std::int64_t kMostNumber = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::int64_t ApiCall::number(std::size_t place) const {
  return static_cast<std::int64_t>(
      parse_number(request.place(place), static_cast<std::uint64_t>(kMostNumber)).value_or(0));
}

WebTry<std::int64_t> ApiCall::query_number(std::string_view name, std::int64_t least, std::int64_t most,
                                           std::int64_t otherwise) const {
  auto text = request.query.find(name);
  if (!text) return otherwise;
  auto number = parse_number(*text, static_cast<std::uint64_t>(most));
  if (!number || static_cast<std::int64_t>(*number) < least)
    return bad_parameter(name, fmt::format("{}: expected a whole number from {} to {}", name, least, most));
  return static_cast<std::int64_t>(*number);
}

WebTry<bool> ApiCall::query_flag(std::string_view name) const {
  auto text = request.query.find(name);
  if (!text || *text == "false") return false;
  if (*text == "true") return true;
  return bad_parameter(name, fmt::format("{}: expected true or false", name));
}

WebTry<bool> ApiCall::wants_secrets() const {
  ZW_TRY(bool wants, query_flag("secrets"));
  if (wants && !may(kSecretScope)) return missing_scope(kSecretScope);
  return wants;
}

std::unexpected<Problem> missing_scope(std::string_view scope) {
  return std::unexpected(Problem(
      403, fmt::format("this token may not do that: it needs the scope {}; make one that has it", scope)));
}

}  // namespace zw::localroot::portal
