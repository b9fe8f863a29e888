// Add a server, and edit one.
#include <algorithm>

#include "localroot/portal/pages/server_form.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

/// What the form offers to choose from.
struct Choices {
  std::vector<PortalKey> keys;
  std::vector<PortalZone> zones;
};

/// Zones that the server has already stay in the form, though they may not be offered to others.
Result<Choices> choices_of(const Visit& visit, const ServerDraft& had) {
  Choices out;
  ZW_TRY(out.keys, visit.desk.store.keys(visit.account()));
  ZW_TRY(out.zones, visit.desk.store.zones(visit.account()));
  if (had.zones.empty()) return out;
  ZW_TRY(auto all, visit.desk.store.zones(std::nullopt));
  for (PortalZone& zone : all) {
    bool has = std::ranges::find(had.zones, zone.id, &ServerDraft::Zone::zone) != had.zones.end();
    if (has && std::ranges::find(out.zones, zone.id, &PortalZone::id) == out.zones.end())
      out.zones.push_back(std::move(zone));
  }
  return out;
}

std::string text_of(const std::vector<Address>& addresses) {
  std::string out;
  for (const Address& address : addresses) out += print_address(address) + "\n";
  return out;
}

/// `label`, `addresses`, `key`, `zone-7` as the form says them.
WebFields form_of(const ServerDraft& draft) {
  WebFields out;
  out.add("label", draft.label);
  out.add("addresses", text_of(draft.addresses));
  out.add("key", draft.key ? std::to_string(*draft.key) : "none");
  for (const ServerDraft::Zone& zone : draft.zones)
    out.add(fmt::format("zone-{}", zone.zone), std::to_string(static_cast<int>(zone.policy)));
  return out;
}

/// Of a server that is new: the newest key, and the first zone.
WebFields first_form(const Choices& choices) {
  ServerDraft draft;
  if (!choices.keys.empty()) draft.key = choices.keys.back().id;
  if (!choices.zones.empty()) draft.zones.push_back({choices.zones.front().id});
  return form_of(draft);
}

PageData zone_field(const WebFields& form, const PortalZone& zone) {
  std::string name = fmt::format("zone-{}", zone.id);
  std::string_view chosen = form.get(name);
  PageData out;
  out.text("field", name).text("name", print_zone(zone.name.view())).text("note", zone.note);
  PageData::List policies;
  policies.push_back(option("no", "not of this zone", chosen.empty() || chosen == "no"));
  for (std::size_t i = 0; i < kNotifyPolicies; ++i) {
    std::string value = std::to_string(i);
    policies.push_back(option(value, std::string(words_of(static_cast<NotifyPolicy>(i))), value == chosen));
  }
  return std::move(out.list("policies", std::move(policies)));
}

WebResponse show(const Visit& visit, const Choices& choices, const WebFields& form,
                 const FormFaults& faults) {
  bool is_new = visit.number() == 0;
  std::string path = is_new ? "/servers/new" : fmt::format("/servers/{}/edit", visit.number());
  PageData data;
  data.part("send", visit.form(path)).flag("is_new", is_new).number("id", visit.number());
  data.text("label", std::string(form.get("label"))).text("addresses", std::string(form.get("addresses")));
  data.number("most", static_cast<std::int64_t>(visit.desk.store.settings().most_addresses));
  PageData::List keys, zones;
  std::string_view chosen = form.get("key");
  keys.push_back(option("none", "none: known by its address alone", chosen.empty() || chosen == "none"));
  for (const PortalKey& key : choices.keys) {
    std::string value = std::to_string(key.id);
    keys.push_back(option(value, key.label, value == chosen));
  }
  for (const PortalZone& zone : choices.zones) zones.push_back(zone_field(form, zone));
  data.flag("has_key", !choices.keys.empty()).flag("has_zone", !choices.zones.empty());
  data.list("keys", std::move(keys)).list("zones", std::move(zones));
  return visit.page("server-edit", std::move(data), is_new ? "Add a server" : "Edit a server", faults, true);
}

/// What the store found, beside the field that it is of.
FormFaults faults_of(const Error& error, std::string words) {
  std::string_view what = error.what;
  std::string field = what.starts_with("address") ? "addresses" : what.starts_with("label") ? "label" : "";
  return {{std::move(field), std::move(words)}};
}

WebResponse show_new(const Visit& visit) {
  auto choices = choices_of(visit, {});
  if (!choices) return visit.problem(choices.error());
  return show(visit, *choices, first_form(*choices), {});
}

WebResponse add(const Visit& visit) {
  auto choices = choices_of(visit, {});
  if (!choices) return visit.problem(choices.error());
  const PortalStore& store = visit.desk.store;
  ReadDraft read = read_draft(visit.request.form, choices->keys, choices->zones, store.settings());
  if (!read.faults.empty()) return show(visit, *choices, visit.request.form, read.faults);
  OwnAct own(visit);
  auto id = visit.desk.store.add_server(own.act, read.draft);
  if (id) return visit.done(fmt::format("/servers/{}", *id), "server-added");
  if (auto words = mendable(id.error()))
    return show(visit, *choices, visit.request.form, faults_of(id.error(), *words));
  return visit.problem(id.error());
}

WebResponse show_edit(const Visit& visit) {
  auto server = visit.desk.store.server(visit.account(), visit.number());
  if (!server) return visit.problem(server.error());
  auto choices = choices_of(visit, server->draft);
  if (!choices) return visit.problem(choices.error());
  return show(visit, *choices, form_of(server->draft), {});
}

WebResponse edit(const Visit& visit) {
  auto server = visit.desk.store.server(visit.account(), visit.number());
  if (!server) return visit.problem(server.error());
  auto choices = choices_of(visit, server->draft);
  if (!choices) return visit.problem(choices.error());
  const PortalStore& store = visit.desk.store;
  ReadDraft read = read_draft(visit.request.form, choices->keys, choices->zones, store.settings());
  if (!read.faults.empty()) return show(visit, *choices, visit.request.form, read.faults);
  OwnAct own(visit);
  auto done = visit.desk.store.edit_server(own.act, server->id, read.draft);
  if (done) return visit.done(fmt::format("/servers/{}", server->id), "server-edited");
  if (auto words = mendable(done.error()))
    return show(visit, *choices, visit.request.form, faults_of(done.error(), *words));
  return visit.problem(done.error());
}

}  // namespace

void add_server_forms(PageRoutes& routes) {
  routes.own(WebMethod::get, "/servers/new", show_new);
  routes.own(WebMethod::post, "/servers/new", add);
  routes.own(WebMethod::get, "/servers/{server}/edit", show_edit);
  routes.own(WebMethod::post, "/servers/{server}/edit", edit);
}

}  // namespace zw::localroot::portal
