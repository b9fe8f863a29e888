// What administrators do.
#include <fmt/format.h>

#include <algorithm>

#include "localroot/portal/api/bodies.h"
#include "localroot/portal/api/call.h"
#include "localroot/portal/api/values.h"

namespace zw::localroot::portal {
namespace {

WebResult show_user(const ApiCall& call, AccountId id) {
  ZW_TRY(Account account, call.desk.accounts.find(id));
  ZW_TRY(auto paused, call.desk.store.paused_since(id));
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("account");
  write_account(json, account);
  json.member("paused_since", api_time(paused)).end_object();
  return WebResponse::json(std::move(text));
}

Result<PortalZone> find_zone(const ApiCall& call, ZoneId id) {
  ZW_TRY(auto zones, call.desk.store.zones(std::nullopt));
  auto found = std::ranges::find(zones, id, &PortalZone::id);
  if (found == zones.end()) return fail(ErrorKind::not_found, "zone {}: there is none", id);
  return std::move(*found);
}

}  // namespace

WebResult list_users(const ApiCall& call) {
  ZW_TRY(auto after, call.query_number("after", 0, INT64_MAX, 0));
  ZW_TRY(auto limit, call.query_number("limit", 1, kMostRows, kUsualRows));
  ZW_TRY(auto accounts, call.desk.accounts.list(after, limit + 1, call.request.query.get("part")));
  bool more = std::ssize(accounts) > limit;
  if (more) accounts.pop_back();
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("accounts").begin_array();
  for (const Account& account : accounts) write_account(json, account);
  json.end_array().member("next", more ? std::optional(accounts.back().id) : std::nullopt).end_object();
  return WebResponse::json(std::move(text));
}

WebResult get_user(const ApiCall& call) { return show_user(call, call.number()); }

WebResult set_role(const ApiCall& call) {
  ZW_TRY(std::string role, read_text(call.request, "role"));
  if (role != "admin" && role != "user") return bad_field("#/role", "expected admin or user");
  ZW_TRY(Account account, call.desk.accounts.find(call.number()));
  // So there is always one who has it.
  if (account.id == call.who.account)
    return std::unexpected(Problem(409, "nobody changes his own role: ask another administrator"));
  ZW_CHECK(call.desk.accounts.set_role(account.email, parse_role(role),
                                       fmt::format("account/{}", call.who.account), call.origin));
  return show_user(call, account.id);
}

WebResult pause_user(const ApiCall& call) {
  ZW_TRY(bool paused, read_flag(call.request, "paused"));
  ZW_TRY(Account account, call.desk.accounts.find(call.number()));
  Act act = call.act_on(account.id);
  ZW_CHECK(paused ? call.desk.store.pause_account(act) : call.desk.store.resume_account(act));
  return show_user(call, account.id);
}

WebResult list_all_zones(const ApiCall& call) {
  ZW_TRY(auto zones, call.desk.store.zones(std::nullopt));
  ServiceFactsPtr facts = call.desk.service();
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("zones").begin_array();
  for (const PortalZone& zone : zones) write_zone(json, zone, facts->find(zone.name.view()), true);
  json.end_array().end_object();
  return WebResponse::json(std::move(text));
}

WebResult offer_zone(const ApiCall& call) {
  ZW_TRY(PortalZone zone, read_zone_offer(call.request));
  ServiceFactsPtr facts = call.desk.service();
  const ServiceFacts::Zone* kept = facts->find(zone.name.view());
  ZW_TRY(auto zones, call.desk.store.zones(std::nullopt));
  auto before = std::ranges::find(zones, zone.name, &PortalZone::name);
  if (before == zones.end() && !kept)
    return bad_field("#/name", "this service does not keep that zone: name one that it keeps");
  if (before != zones.end()) zone.octets = before->octets;
  if (kept && kept->octets > 0) zone.octets = static_cast<std::int64_t>(kept->octets);
  ZW_TRY(zone.id, call.desk.store.offer_zone(call.act_on(0), zone));
  std::string text;
  JsonWriter json(text);
  write_zone(json, zone, kept, true);
  return WebResponse::json(std::move(text));
}

WebResult list_invitations(const ApiCall& call) {
  ZW_TRY(PortalZone zone, find_zone(call, call.number()));
  ZW_TRY(auto invited, call.desk.store.invited(zone.id));
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("accounts").begin_array();
  for (AccountId account : invited) json.value(account);
  json.end_array().end_object();
  return WebResponse::json(std::move(text));
}

WebResult invite(const ApiCall& call) {
  ZW_TRY(PortalZone zone, find_zone(call, call.number(0)));
  ZW_TRY(Account account, call.desk.accounts.find(call.number(1)));
  ZW_CHECK(call.desk.store.invite(call.act_on(0), zone.id, account.id));
  return WebResponse(204, "");
}

WebResult uninvite(const ApiCall& call) {
  ZW_TRY(PortalZone zone, find_zone(call, call.number(0)));
  ZW_CHECK(call.desk.store.uninvite(call.act_on(0), zone.id, call.number(1)));
  return WebResponse(204, "");
}

WebResult list_events(const ApiCall& call) {
  EventPage page;
  ZW_TRY(page.before, call.query_number("before", 1, INT64_MAX, INT64_MAX));
  ZW_TRY(auto limit, call.query_number("limit", 1, kMostRows, kUsualRows));
  page.most = limit + 1;
  if (auto subject = call.request.query.find("subject")) page.subject = std::string(*subject);
  if (auto actor = call.request.query.find("actor")) page.actor = std::string(*actor);
  ZW_TRY(auto events,
         call.desk.store.database().read([&](Transaction& tx) { return read_events(tx, page); }));
  bool more = std::ssize(events) > limit;
  if (more) events.pop_back();
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("events").begin_array();
  for (const Event& event : events) write_event(json, event);
  json.end_array().member("next", more ? std::optional(events.back().number) : std::nullopt).end_object();
  return WebResponse::json(std::move(text));
}

WebResult get_service(const ApiCall& call) {
  ZW_TRY(auto last_change, call.desk.store.last_change());
  ServiceFactsPtr facts = call.desk.service();
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("zones").begin_array();
  for (const ServiceFacts::Zone& zone : facts->zones) {
    json.begin_object().member("name", print(zone.name));
    json.member("serial", zone.serial ? std::optional(zone.serial->value()) : std::nullopt);
    json.member("published_at", api_time(zone.since)).member("octets", zone.octets);
    json.member("records", zone.records).end_object();
  }
  json.end_array().key("tells_from").begin_array();
  for (const IpAddress& address : facts->tells_from) json.value(address.print());
  json.end_array().member("last_change", last_change).end_object();
  return WebResponse::json(std::move(text));
}

}  // namespace zw::localroot::portal
