// Servers.
#include <fmt/format.h>

#include <algorithm>

#include "localroot/portal/api/bodies.h"
#include "localroot/portal/api/call.h"
#include "localroot/portal/api/values.h"

namespace zw::localroot::portal {
namespace {

WebResult answer(const ApiCall& call, ServerId id, unsigned status = 200) {
  ZW_TRY(PortalServer server, call.desk.store.server(call.who.account, id));
  ZW_TRY(auto zones, call.desk.store.zones(std::nullopt));
  std::string text;
  JsonWriter json(text);
  write_server(json, server, names_of(zones), call.now());
  return WebResponse::json(std::move(text), status);
}

/// Zones by number, of those that this account may have, and those that the server has already. What is
/// offered to others only is told as what is not there.
WebTry<std::vector<ServerDraft::Zone>> find_zones(const ApiCall& call, const ServerBody& body,
                                                  std::span<const ServerDraft::Zone> had) {
  ZW_TRY(auto open, call.desk.store.zones(call.who.account));
  ZW_TRY(auto all, call.desk.store.zones(std::nullopt));
  auto may = [&](const PortalZone& zone) {
    return std::ranges::find(open, zone.id, &PortalZone::id) != open.end() ||
           std::ranges::find(had, zone.id, &ServerDraft::Zone::zone) != had.end();
  };
  std::vector<ServerDraft::Zone> out;
  for (const ServerBody::Zone& wanted : body.zones) {
    auto zone = std::ranges::find(all, wanted.name, &PortalZone::name);
    if (zone == all.end() || !may(*zone))
      return bad_field(fmt::format("#/zones/{}/zone", out.size()),
                       fmt::format("the zone {} is not offered", print(wanted.name)));
    out.push_back({zone->id, wanted.policy});
  }
  return out;
}

WebTry<ServerDraft> read_draft(const ApiCall& call, std::span<const ServerDraft::Zone> had) {
  ZW_TRY(ServerBody body, read_server_body(call.request, call.desk.store.settings()));
  ZW_TRY(body.draft.zones, find_zones(call, body, had));
  if (!body.draft.key) return std::move(body.draft);
  ZW_TRY(auto keys, call.desk.store.keys(call.who.account));
  if (std::ranges::find(keys, *body.draft.key, &PortalKey::id) == keys.end())
    return bad_field("#/key", fmt::format("key {}: there is none", *body.draft.key));
  return std::move(body.draft);
}

}  // namespace

WebResult list_servers(const ApiCall& call) {
  ZW_TRY(auto after, call.query_number("after", 0, INT64_MAX, 0));
  ZW_TRY(auto limit, call.query_number("limit", 1, kMostRows, kUsualRows));
  ZW_TRY(auto servers, call.desk.store.servers(call.who.account, after, limit + 1));
  bool more = std::ssize(servers) > limit;
  if (more) servers.pop_back();
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("servers").begin_array();
  for (const ServerSummary& server : servers) write_summary(json, server);
  json.end_array().member("next", more ? std::optional(servers.back().id) : std::nullopt).end_object();
  return WebResponse::json(std::move(text));
}

WebResult add_server(const ApiCall& call) {
  ZW_TRY(ServerDraft draft, read_draft(call, {}));
  ZW_TRY(ServerId id, call.desk.store.add_server(call.act(), draft));
  ZW_TRY(WebResponse out, answer(call, id, 201));
  out.field("Location", fmt::format("{}/servers/{}", kApiPrefix, id));
  return out;
}

WebResult get_server(const ApiCall& call) { return answer(call, call.number()); }

WebResult replace_server(const ApiCall& call) {
  ZW_TRY(PortalServer before, call.desk.store.server(call.who.account, call.number()));
  ZW_TRY(ServerDraft draft, read_draft(call, before.draft.zones));
  ZW_CHECK(call.desk.store.edit_server(call.act(), before.id, draft));
  return answer(call, before.id);
}

WebResult enable_server(const ApiCall& call) {
  ZW_TRY(bool enabled, read_flag(call.request, "enabled"));
  ZW_CHECK(call.desk.store.enable_server(call.act(), call.number(), enabled));
  return answer(call, call.number());
}

WebResult delete_server(const ApiCall& call) {
  ZW_CHECK(call.desk.store.delete_server(call.act(), call.number()));
  return WebResponse(204, "");
}

}  // namespace zw::localroot::portal
