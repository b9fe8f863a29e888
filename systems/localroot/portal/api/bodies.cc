#include "localroot/portal/api/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "format/unicode.h"
#include "format/utf8.h"

namespace zw::localroot::portal {
namespace {

constexpr std::array kAlgorithms{TsigAlgorithm::hmac_sha256, TsigAlgorithm::hmac_sha384,
                                 TsigAlgorithm::hmac_sha512};
constexpr std::int64_t kLongestOverlap = 90 * 86'400;
constexpr std::size_t kMostNote = 300;  // characters
constexpr std::size_t kMostShown = 60;

WebTry<std::optional<TsigAlgorithm>> read_algorithm(const JsonFields& fields) {
  ZW_TRY(auto text, fields.text("algorithm"));
  if (!text) return std::nullopt;
  auto algorithm = parse_tsig_algorithm(*text);
  if (!algorithm || std::ranges::find(kAlgorithms, *algorithm) == kAlgorithms.end())
    return bad_field(fields.pointer("algorithm"), "expected hmac-sha256, hmac-sha384 or hmac-sha512");
  return algorithm;
}

WebTry<std::vector<Address>> read_addresses(const JsonFields& fields, bool has_key,
                                            const PortalSettings& settings) {
  ZW_TRY(auto items, fields.list("addresses", settings.most_addresses));
  if (items.empty())
    return bad_field(fields.pointer("addresses"), "give at least one address that the server asks us from");
  std::vector<Address> out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::string pointer = fmt::format("{}/{}", fields.pointer("addresses"), i);
    std::string_view text = items[i].text().value_or("");
    auto address = Address::parse(text, kDnsPort);
    if (!address)
      return bad_field(pointer, fmt::format("expected an IP address such as 192.0.2.53, 2001:db8::53 or "
                                            "192.0.2.53@5300, not {}",
                                            quote_foreign(text, kMostShown)));
    if (auto good = check_address(*address, has_key, settings.allow_loopback); !good)
      return bad_field(pointer, good.error().what);
    out.push_back(*address);
  }
  return out;
}

WebTry<ServerBody::Zone> read_server_zone(const Json& item, std::string pointer) {
  ZW_TRY(JsonFields fields, JsonFields::open(item, std::move(pointer), {"zone", "policy"}));
  ZW_TRY(std::string text, fields.need_text("zone"));
  auto name = Name::parse(text);
  if (!name) return bad_field(fields.pointer("zone"), name.error().what);
  ServerBody::Zone out{*name};
  ZW_TRY(auto word, fields.text("policy"));
  if (!word) return out;
  auto policy = parse_notify_policy(*word);
  if (!policy)
    return bad_field(fields.pointer("policy"),
                     "expected always, change, deadline, change-or-deadline or security");
  out.policy = *policy;
  return out;
}

WebTry<std::vector<ServerBody::Zone>> read_server_zones(const JsonFields& fields,
                                                        const PortalSettings& settings) {
  ZW_TRY(auto items, fields.list("zones", settings.most_zones));
  if (items.empty()) return bad_field(fields.pointer("zones"), "name at least one zone");
  std::vector<ServerBody::Zone> out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::string pointer = fmt::format("{}/{}", fields.pointer("zones"), i);
    ZW_TRY(ServerBody::Zone zone, read_server_zone(items[i], pointer));
    if (std::ranges::find(out, zone.name, &ServerBody::Zone::name) != out.end())
      return bad_field(pointer + "/zone", "this zone is named twice");
    out.push_back(std::move(zone));
  }
  return out;
}

}  // namespace

WebTry<std::string> read_label(const JsonFields& fields) {
  ZW_TRY(std::string text, fields.need_text("label"));
  auto label = check_label(text);
  if (!label) return bad_field(fields.pointer("label"), label.error().what);
  return std::move(*label);
}

WebTry<NewKey> read_new_key(const WebRequest& request) {
  ZW_TRY(Json json, json_body(request));
  ZW_TRY(JsonFields fields, JsonFields::open(json, "#", {"label", "algorithm"}));
  NewKey out;
  ZW_TRY(out.label, read_label(fields));
  ZW_TRY(auto algorithm, read_algorithm(fields));
  out.algorithm = algorithm.value_or(out.algorithm);
  return out;
}

WebTry<std::string> read_new_label(const WebRequest& request) {
  ZW_TRY(Json json, json_body(request));
  ZW_TRY(JsonFields fields, JsonFields::open(json, "#", {"label"}));
  return read_label(fields);
}

WebTry<Rotation> read_rotation(const WebRequest& request) {
  ZW_TRY(Json json, json_body(request));
  ZW_TRY(JsonFields fields, JsonFields::open(json, "#", {"algorithm", "overlap_seconds"}));
  Rotation out;
  ZW_TRY(out.algorithm, read_algorithm(fields));
  ZW_TRY(auto overlap, fields.whole("overlap_seconds", 0, kLongestOverlap));
  if (overlap) out.overlap = Seconds(*overlap);
  return out;
}

WebTry<ServerBody> read_server_body(const WebRequest& request, const PortalSettings& settings) {
  ZW_TRY(Json json, json_body(request));
  ZW_TRY(JsonFields fields, JsonFields::open(json, "#", {"label", "addresses", "key", "zones"}));
  ServerBody out;
  ZW_TRY(out.draft.label, read_label(fields));
  ZW_TRY(out.draft.key, fields.whole("key", 1, std::numeric_limits<std::int64_t>::max()));
  ZW_TRY(out.draft.addresses, read_addresses(fields, out.draft.key.has_value(), settings));
  ZW_TRY(out.zones, read_server_zones(fields, settings));
  return out;
}

WebTry<PortalZone> read_zone_offer(const WebRequest& request) {
  ZW_TRY(Json json, json_body(request));
  ZW_TRY(JsonFields fields,
         JsonFields::open(json, "#", {"name", "offered", "invited_only", "note", "versions_in_30_days"}));
  ZW_TRY(std::string text, fields.need_text("name"));
  auto name = Name::parse(text);
  if (!name) return bad_field(fields.pointer("name"), name.error().what);
  PortalZone out;
  out.name = *name;
  ZW_TRY(out.offered, fields.need_boolean("offered"));
  ZW_TRY(out.invited_only, fields.need_boolean("invited_only"));
  ZW_TRY(auto note, fields.text("note"));
  out.note = note.value_or("");
  if (!out.note.empty())
    if (auto good = parse_label(out.note, kMostNote); !good)
      return bad_field(fields.pointer("note"),
                       fmt::format("expected at most {} characters, without controls", kMostNote));
  ZW_TRY(auto versions, fields.whole("versions_in_30_days", 0, 1'000'000));
  out.versions = versions.value_or(0);
  return out;
}

WebTry<bool> read_flag(const WebRequest& request, std::string_view name) {
  ZW_TRY(Json json, json_body(request));
  ZW_TRY(JsonFields fields, JsonFields::open(json, "#", {name}));
  return fields.need_boolean(name);
}

WebTry<std::string> read_text(const WebRequest& request, std::string_view name, JsonLimits limits) {
  ZW_TRY(Json json, json_body(request, limits));
  ZW_TRY(JsonFields fields, JsonFields::open(json, "#", {name}));
  return fields.need_text(name);
}

}  // namespace zw::localroot::portal
