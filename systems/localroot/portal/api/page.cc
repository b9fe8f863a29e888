// The page `/api`, made of the description.
#include <fmt/format.h>

#include <algorithm>

#include "format/json.h"
#include "localroot/portal/api/api.h"

namespace zw::localroot::portal {
namespace {

std::string text_of(const Json& from, std::string_view name) {
  const Json* found = from.find(name);
  return found ? std::string(found->text().value_or("")) : "";
}

/// A value of the description in the form in which it is sent.
void print_json(JsonWriter& json, const Json& value) {
  if (value.is_object()) {
    json.begin_object();
    for (const auto& [key, member] : value.members()) print_json(json.key(key), member);
    json.end_object();
  } else if (value.is_array()) {
    json.begin_array();
    for (const Json& item : value.items()) print_json(json, item);
    json.end_array();
  } else if (auto text = value.text()) {
    json.value(*text);
  } else if (auto flag = value.boolean()) {
    json.value(*flag);
  } else {
    json.value(value.whole());
  }
}

/// What `{"$ref": "#/a/b"}` refers to, else itself.
const Json* resolve(const Json* document, const Json* value) {
  std::string place = text_of(*value, "$ref");
  if (!place.starts_with("#/")) return value;
  const Json* at = document;
  for (std::string_view rest = std::string_view(place).substr(2); !rest.empty() && at;) {
    auto end = std::min(rest.find('/'), rest.size());
    at = at->find(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  ZW_ASSERT(at);
  return at;
}

const Json* find(const Json& value, std::initializer_list<std::string_view> names) {
  const Json* at = &value;
  for (std::string_view name : names)
    if (at) at = at->find(name);
  return at;
}

std::string example_of(const Json& document, const Json& operation) {
  const Json* body = operation.find("requestBody");
  const Json* example =
      body ? find(*resolve(&document, body), {"content", "application/json", "example"}) : nullptr;
  if (!example) return "";
  std::string out;
  JsonWriter json(out);
  print_json(json, *example);
  return out;
}

PageData::List parameters_of(const Json& document, const Json& path, const Json& operation) {
  PageData::List out;
  for (const Json* of : {&path, &operation}) {
    const Json* list = of->find("parameters");
    if (!list) continue;
    for (const Json& one : list->items()) {
      const Json& parameter = *resolve(&document, &one);
      PageData& row = out.emplace_back();
      std::string name = text_of(parameter, "name");
      row.text("name", text_of(parameter, "in") == "path" ? fmt::format("{{{}}}", name) : name);
      row.text("what", text_of(parameter, "description"));
    }
  }
  return out;
}

std::string scope_of(const Json& operation) {
  const Json* security = operation.find("security");
  if (!security || security->items().empty()) return "";
  const Json* scopes = security->items()[0].find("token");
  return scopes && !scopes->items().empty() ? std::string(scopes->items()[0].text().value_or("")) : "";
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

PageData::List operations_of(const Json& document, std::string_view tag) {
  PageData::List out;
  for (const auto& [path, methods] : document.find("paths")->members())
    for (const auto& [method, operation] : methods.members()) {
      const Json* tags = operation.find("tags");
      if (!tags || tags->items()[0].text() != tag) continue;
      PageData& row = out.emplace_back();
      row.text("id", text_of(operation, "operationId")).text("path", path).text("method", upper(method));
      row.text("summary", text_of(operation, "summary")).text("what", text_of(operation, "description"));
      row.text("scope", scope_of(operation)).text("example", example_of(document, operation));
      row.flag("has_what", operation.find("description")).flag("has_scope", !scope_of(operation).empty());
      row.flag("has_example", !example_of(document, operation).empty());
      PageData::List parameters = parameters_of(document, methods, operation);
      row.flag("has_parameters", !parameters.empty()).list("parameters", std::move(parameters));
    }
  return out;
}

/// Paragraphs of CommonMark, of which the description has nothing else.
PageData::List paragraphs_of(std::string_view text) {
  constexpr std::string_view kEnd = "\n\n";
  PageData::List out;
  while (!text.empty()) {
    auto end = std::min(text.find(kEnd), text.size());
    out.emplace_back().text("text", std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + kEnd.size(), text.size()));
  }
  return out;
}

PageData page_of(const Json& document, const std::string& origin) {
  PageData data;
  PageData::List tags, scopes;
  for (const Json& tag : document.find("tags")->items()) {
    PageData& row = tags.emplace_back();
    row.text("name", text_of(tag, "name")).text("what", text_of(tag, "description"));
    row.number("id", std::ssize(tags)).list("operations", operations_of(document, text_of(tag, "name")));
  }
  for (const TokenScope& scope : portal_scopes())
    scopes.emplace_back().text("name", scope.name).text("words", scope.words);
  data.list("paragraphs", paragraphs_of(text_of(*document.find("info"), "description")))
      .text("origin", origin);
  data.list("tags", std::move(tags)).list("scopes", std::move(scopes));
  return data;
}

}  // namespace

void add_portal_api_page(WebRouter& router, const SiteFrame& frame) {
  auto document = parse_json(portal_api_description());
  ZW_ASSERT(document);
  auto data = std::make_shared<const PageData>(page_of(*document, frame.settings().origin));
  router.add(WebMethod::get, "/api", [&frame, data](const WebRequest& request) {
    auto session = frame.session(request);
    if (!session) return frame.problem(request, {}, session.error());
    return frame.page(request, *session, "api", *data, {.title = "API"});
  });
}

}  // namespace zw::localroot::portal
