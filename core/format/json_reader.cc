#include <simdjson.h>

#include <algorithm>
#include <limits>

#include "format/json.h"
#include "format/utf8.h"

namespace zw {
namespace {

namespace dom = simdjson::dom;

/// `depth`: brackets that may still open.
Result<Json> copy(const dom::element& element, std::size_t depth);

Result<Json> copy_array(const dom::array& from, std::size_t depth) {
  Json::Array out;
  for (const dom::element& item : from) {
    ZW_TRY(Json value, copy(item, depth));
    out.push_back(std::move(value));
  }
  return Json(std::move(out));
}

/// Sorting the keys keeps a hostile object of many keys at n log n.
std::optional<std::string_view> key_given_twice(const Json::Object& object) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : object) keys.push_back(key);
  std::ranges::sort(keys);
  auto twin = std::ranges::adjacent_find(keys);
  return twin == keys.end() ? std::nullopt : std::optional(*twin);
}

Result<Json> copy_object(const dom::object& from, std::size_t depth) {
  Json::Object out;
  for (const auto& [key, item] : from) {
    ZW_TRY(Json value, copy(item, depth));
    out.push_back({std::string(key), std::move(value)});
  }
  if (auto twin = key_given_twice(out))
    return fail(ErrorKind::malformed, "JSON: key {} stands twice in one object", quote_foreign(*twin));
  return Json(std::move(out));
}

Result<Json> copy(const dom::element& element, std::size_t depth) {
  bool opens = element.is_array() || element.is_object();
  if (opens && depth == 0) return fail(ErrorKind::limit, "JSON: nested deeper than the limit");
  switch (element.type()) {
    case dom::element_type::ARRAY: return copy_array(dom::array(element), depth - 1);
    case dom::element_type::OBJECT: return copy_object(dom::object(element), depth - 1);
    case dom::element_type::INT64: return Json(std::int64_t(element));
    case dom::element_type::UINT64: return Json(std::uint64_t(element));
    case dom::element_type::DOUBLE: return Json(double(element));
    case dom::element_type::STRING: return Json(std::string(std::string_view(element)));
    case dom::element_type::BOOL: return Json(bool(element));
    case dom::element_type::NULL_VALUE: break;
  }
  return Json(nullptr);
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  ZW_ASSERT(limits.depth <= 200);
  if (text.size() > limits.octets)
    return fail(ErrorKind::limit, "JSON: {} octets, more than the limit of {}", text.size(), limits.octets);
  dom::parser parser;
  // simdjson does not count an empty array or object as a level: copy() counts exactly.
  if (auto error = parser.allocate(std::max<std::size_t>(text.size(), 64), limits.depth + 1))
    return fail(ErrorKind::limit, "JSON: {}", simdjson::error_message(error));
  dom::element root;
  // The copy inside parse() adds the padding that simdjson reads beyond the end.
  if (auto error = parser.parse(text.data(), text.size(), true).get(root))
    return fail(error == simdjson::DEPTH_ERROR ? ErrorKind::limit : ErrorKind::malformed, "JSON: {}",
                simdjson::error_message(error));
  return copy(root, limits.depth);
}

Json::Json() : value_(nullptr) {}
Json::Json(Variant value) : value_(std::move(value)) {}

std::optional<bool> Json::boolean() const {
  auto* b = std::get_if<bool>(&value_);
  return b ? std::optional(*b) : std::nullopt;
}

std::optional<std::string_view> Json::text() const {
  auto* t = std::get_if<std::string>(&value_);
  return t ? std::optional<std::string_view>(*t) : std::nullopt;
}

std::optional<double> Json::number() const {
  if (auto* d = std::get_if<double>(&value_)) return *d;
  if (auto* i = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*i);
  if (auto* u = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*u);
  return std::nullopt;
}

std::optional<std::int64_t> Json::whole() const {
  if (auto* i = std::get_if<std::int64_t>(&value_)) return *i;
  return std::nullopt;  // simdjson gives uint64 only for what no int64 can hold
}

std::optional<std::uint64_t> Json::natural() const {
  if (auto* u = std::get_if<std::uint64_t>(&value_)) return *u;
  auto* i = std::get_if<std::int64_t>(&value_);
  return i && *i >= 0 ? std::optional(static_cast<std::uint64_t>(*i)) : std::nullopt;
}

std::span<const Json> Json::items() const {
  if (auto* array = std::get_if<Array>(&value_)) return *array;
  return {};
}

std::span<const JsonMember> Json::members() const {
  if (auto* object = std::get_if<Object>(&value_)) return *object;
  return {};
}

const Json* Json::find(std::string_view name) const {
  for (const JsonMember& member : members())
    if (member.key == name) return &member.value;
  return nullptr;
}

}  // namespace zw
