#include "web/site/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "format/utf8.h"

namespace zw {
namespace {

constexpr std::string_view kNeeded = "this has to be there";
constexpr std::size_t kMostNameOctets = 64;  // that is shown of a member that is not known

/// RFC 6901 §3, and as a fragment of a URI §6.
std::string escape_pointer(std::string_view name) {
  std::string out;
  for (char c : name.substr(0, kMostNameOctets)) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return percent_encode(out);
}

}  // namespace

WebTry<Json> json_body(const WebRequest& request, JsonLimits limits) {
  std::string type = request.content_type.substr(0, request.content_type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  if (strcasecmp(type.c_str(), "application/json") != 0)
    return std::unexpected(Problem(415, "the body has to be JSON, with Content-Type: application/json"));
  auto json = parse_json(request.body, limits);
  if (!json) return std::unexpected(Problem(400, json.error().what));
  return std::move(*json);
}

WebTry<JsonFields> JsonFields::open(const Json& value, std::string pointer,
                                    std::initializer_list<std::string_view> known) {
  if (!value.is_object()) return bad_field(std::move(pointer), "expected an object");
  for (const JsonMember& member : value.members())
    if (std::ranges::find(known, member.key) == known.end())
      return bad_field(fmt::format("{}/{}", pointer, escape_pointer(member.key)),
                       fmt::format("there is no member {} here: expected {}",
                                   quote_foreign(member.key, kMostNameOctets), fmt::join(known, ", ")));
  return JsonFields(value, std::move(pointer));
}

const Json* JsonFields::find(std::string_view name) const {
  const Json* found = object_->find(name);
  return found && !found->is_null() ? found : nullptr;
}

WebTry<std::optional<std::string>> JsonFields::text(std::string_view name) const {
  const Json* found = find(name);
  if (!found) return std::nullopt;
  auto text = found->text();
  if (!text) return bad_field(pointer(name), "expected a text");
  return std::string(*text);
}

WebTry<std::optional<std::int64_t>> JsonFields::whole(std::string_view name, std::int64_t least,
                                                      std::int64_t most) const {
  const Json* found = find(name);
  if (!found) return std::nullopt;
  auto number = found->whole();
  if (!number || *number < least || *number > most)
    return bad_field(pointer(name), fmt::format("expected a whole number from {} to {}", least, most));
  return number;
}

WebTry<std::optional<bool>> JsonFields::boolean(std::string_view name) const {
  const Json* found = find(name);
  if (!found) return std::nullopt;
  auto boolean = found->boolean();
  if (!boolean) return bad_field(pointer(name), "expected true or false");
  return boolean;
}

WebTry<std::span<const Json>> JsonFields::list(std::string_view name, std::size_t most) const {
  const Json* found = find(name);
  if (!found) return std::span<const Json>();
  if (!found->is_array() || found->items().size() > most)
    return bad_field(pointer(name), fmt::format("expected a list of at most {}", most));
  return found->items();
}

WebTry<std::string> JsonFields::need_text(std::string_view name) const {
  ZW_TRY(auto found, text(name));
  if (!found) return bad_field(pointer(name), std::string(kNeeded));
  return std::move(*found);
}

WebTry<bool> JsonFields::need_boolean(std::string_view name) const {
  ZW_TRY(auto found, boolean(name));
  if (!found) return bad_field(pointer(name), std::string(kNeeded));
  return *found;
}

}  // namespace zw
