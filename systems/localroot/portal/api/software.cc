// Zones on offer, and configurations for the software that people run.
#include <fmt/format.h>

#include <algorithm>

#include "localroot/advice/check.h"
#include "localroot/portal/api/bodies.h"
#include "localroot/portal/api/call.h"
#include "localroot/portal/api/values.h"
#include "localroot/portal/server_offer.h"

namespace zw::localroot::portal {
namespace {

/// The zone of the query, or the only one that the server is registered for.
WebTry<Name> wanted_zone(const ApiCall& call, const PortalServer& server) {
  ZW_TRY(auto zones, call.desk.store.zones(std::nullopt));
  auto text = call.request.query.find("zone");
  if (!text && server.draft.zones.size() != 1)
    return bad_parameter("zone", "zone: name one of those that the server is registered for");
  for (const PortalZone& zone : zones) {
    bool has =
        std::ranges::find(server.draft.zones, zone.id, &ServerDraft::Zone::zone) != server.draft.zones.end();
    if (!has) continue;
    if (!text) return zone.name;
    if (auto name = Name::parse(*text); name && *name == zone.name) return zone.name;
  }
  return bad_parameter("zone", "zone: the server is not registered for it");
}

Result<std::optional<PortalKey>> key_of(const ApiCall& call, const PortalServer& server) {
  if (!server.draft.key) return std::nullopt;
  ZW_TRY(auto keys, call.desk.store.keys(call.who.account));
  auto key = std::ranges::find(keys, *server.draft.key, &PortalKey::id);
  if (key == keys.end()) return std::nullopt;
  return std::move(*key);
}

void write_advice(JsonWriter& json, const TargetInfo& info, NameView zone, const localroot::Advice& advice) {
  json.begin_object().member("software", info.word).member("zone", print(zone)).key("files").begin_array();
  for (const AdviceFile& file : advice.files)
    json.begin_object().member("path", file.path).member("text", file.text).end_object();
  json.end_array().member("activate", advice.activate).member("has_secret", advice.has_secret);
  json.member("notify_port", info.notify_port > 0 ? std::optional(info.notify_port) : std::nullopt)
      .end_object();
}

}  // namespace

WebResult list_zones(const ApiCall& call) {
  ZW_TRY(auto zones, call.desk.store.zones(call.who.account));
  ServiceFactsPtr facts = call.desk.service();
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("zones").begin_array();
  for (const PortalZone& zone : zones) write_zone(json, zone, facts->find(zone.name.view()), false);
  json.end_array().end_object();
  return WebResponse::json(std::move(text));
}

WebResult list_software(const ApiCall&) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("software").begin_array();
  for (const TargetInfo& info : targets()) {
    json.begin_object().member("word", info.word).member("what", info.what);
    json.member("notify_port", info.notify_port > 0 ? std::optional(info.notify_port) : std::nullopt);
    json.end_object();
  }
  json.end_array().key("unable").begin_array();
  for (const UnableInfo& info : unable_targets())
    json.begin_object().member("word", info.word).member("why", info.why).end_object();
  json.end_array().end_object();
  return WebResponse::json(std::move(text));
}

WebResult make_configuration(const ApiCall& call) {
  ZW_TRY(PortalServer server, call.desk.store.server(call.who.account, call.number()));
  auto target = find_target(call.request.query.get("software"));
  if (!target) return bad_parameter("software", target.error().what);
  ZW_TRY(bool with_secrets, call.wants_secrets());
  ZW_TRY(Name zone, wanted_zone(call, server));
  ZW_TRY(auto key, key_of(call, server));
  SecretBuffer download;
  if (with_secrets && server.download) download = call.desk.store.secret_of(*server.download);
  auto offer = offer_for(*call.desk.service(), zone.view(), server,
                         {key ? &*key : nullptr, with_secrets, as_text(download)});
  if (!offer) return std::unexpected(Problem(503, offer.error().what));
  auto advice = make_advice(*target, *offer, std::chrono::floor<Seconds>(call.now()));
  if (!advice) return bad_parameter("software", advice.error().what);
  std::string text;
  JsonWriter json(text);
  write_advice(json, *std::ranges::find(targets(), *target, &TargetInfo::target), zone.view(), *advice);
  return WebResponse::json(std::move(text));
}

WebResult check_configuration(const ApiCall& call) {
  ZW_TRY(std::string given, read_text(call.request, "text"));
  ZW_TRY(AdviceFindings found, check_advice(given, std::chrono::floor<Seconds>(call.now())));
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("software", print(found.dialect)).key("findings").begin_array();
  for (const AdviceFinding& finding : found.all) {
    json.begin_object().member("line", finding.line).member("rule", finding.rule);
    json.member("what", finding.what).end_object();
  }
  json.end_array().end_object();
  return WebResponse::json(std::move(text));
}

}  // namespace zw::localroot::portal
