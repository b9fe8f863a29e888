// Servers: the list, enable and disable, delete, and the page of one with what the engines know of it.
#include <algorithm>

#include "localroot/portal/advice.h"
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"
#include "localroot/portal/server_offer.h"

namespace zw::localroot::portal {
namespace {

constexpr std::int64_t kMostRows = 50;
constexpr std::size_t kMostTargets = 60;  // on one page

std::string path_of(ServerId server) { return fmt::format("/servers/{}", server); }

PageData::List address_rows(const std::vector<Address>& addresses) {
  PageData::List out;
  for (const Address& address : addresses) {
    PageData row;
    row.text("address", print_address(address));
    out.push_back(std::move(row));
  }
  return out;
}

std::string label_of(const std::vector<PortalKey>& keys, KeyId id) {
  auto at = std::ranges::find(keys, id, &PortalKey::id);
  return at == keys.end() ? "" : at->label;
}

PageData toggle(const Visit& visit, ServerId server, bool enabled) {
  return visit.form(path_of(server) + (enabled ? "/disable" : "/enable"));
}

WebResponse list(const Visit& visit) {
  std::int64_t after = Visit::parse_number_or_zero(visit.request.query.get("after"));
  auto servers = visit.desk.store.servers(visit.account(), after, kMostRows + 1);
  if (!servers) return visit.problem(servers.error());
  auto keys = visit.desk.store.keys(visit.account());
  if (!keys) return visit.problem(keys.error());
  PageData data;
  bool more = servers->size() > static_cast<std::size_t>(kMostRows);
  if (more) servers->resize(kMostRows);
  PageData::List rows;
  for (const ServerSummary& server : *servers) {
    PageData row;
    row.number("id", server.id).text("label", server.label).list("addresses", address_rows(server.addresses));
    if (server.key) row.number("key", *server.key).text("key_label", label_of(*keys, *server.key));
    add_tag(row, tag_of(server));
    row.flag("enabled", server.enabled).part("toggle", toggle(visit, server.id, server.enabled));
    rows.push_back(std::move(row));
  }
  data.flag("any", !rows.empty()).flag("is_later", after > 0).flag("has_key", !keys->empty());
  if (more) data.number("after", servers->back().id);
  data.list("servers", std::move(rows));
  return visit.page("servers", std::move(data), "Servers");
}

// ---- one of them ------------------------------------------------------------------------------------------

void add_serials(const Visit& visit, const PortalTarget& target, const ServiceFacts::Zone* kept,
                 PageData& row) {
  const TargetFacts& facts = target.facts;
  if (facts.held)
    row.text("held", fmt::format("{}, known {}", facts.held->value(),
                                 facts.held_at ? print_past(*facts.held_at, visit.now()) : "not since when"));
  bool is_newest = facts.held && kept && kept->serial && *facts.held == *kept->serial;
  if (is_newest) row.flag("is_newest", true);
  if (!is_newest && facts.held && facts.lacks_since)
    row.text("lag", print_span(std::chrono::floor<Seconds>(visit.now() - *facts.lacks_since)));
}

PageData target_row(const Visit& visit, const PortalTarget& target, bool has_key,
                    const ServiceFacts::Zone* kept) {
  PageData row;
  const TargetFacts& facts = target.facts;
  row.text("address", print_address(target.address)).text("policy", std::string(words_of(target.policy)));
  add_tag(row, tag_of(target, visit.now()));
  Advice advice = advise(target, has_key, visit.now());
  row.flag("is_fault", advice.is_fault).text("what", advice.what);
  if (!advice.mend.empty()) row.text("mend", advice.mend);
  add_serials(visit, target, kept, row);
  if (facts.told_at)
    row.text("told",
             fmt::format("{}{}", facts.told_serial ? fmt::format("{}, ", facts.told_serial->value()) : "",
                         print_past(*facts.told_at, visit.now())));
  if (facts.outcome) row.text("outcome", words_of(*facts.outcome));
  if (facts.fetched_at)
    row.text("fetched",
             fmt::format("{}{}", print_past(*facts.fetched_at, visit.now()),
                         facts.transport ? fmt::format(", over {}", words_of(*facts.transport)) : ""));
  if (target.state.proof)
    row.text("proof", target.state.proof->secret != 0 ? "signed by the key" : "unsigned");
  if (facts.refused_at)
    row.text("refused", print_past(*facts.refused_at, visit.now())).text("refusal", sentence(facts.refusal));
  return row;
}

/// Zones with their targets, from target number `from` on.
PageData::List zone_rows(const Visit& visit, const PortalServer& server, const std::vector<PortalZone>& zones,
                         std::size_t from) {
  ServiceFactsPtr facts = visit.facts();
  PageData::List out, targets;
  std::size_t end = std::min(server.targets.size(), from + kMostTargets);
  for (std::size_t i = from; i < end; ++i) {
    const PortalTarget& target = server.targets[i];
    auto zone = std::ranges::find(zones, target.zone, &PortalZone::id);
    const ServiceFacts::Zone* kept = zone == zones.end() ? nullptr : facts->find(zone->name.view());
    targets.push_back(target_row(visit, target, server.draft.key.has_value(), kept));
    if (i + 1 < end && server.targets[i + 1].zone == target.zone) continue;
    PageData row;
    row.number("id", target.zone).list("targets", std::move(targets));
    if (zone != zones.end()) row.text("name", print_zone(zone->name.view())).flag("is_gone", !zone->offered);
    if (kept && kept->serial) row.number("serial", kept->serial->value());
    out.push_back(std::move(row));
    targets.clear();
  }
  return out;
}

// ---- its URL for downloads

std::string download_path_of(ServerId server) { return path_of(server) + "/download"; }

// Where nothing is downloaded, there is no word of it.
void add_download(const Visit& visit, const PortalServer& server, PageData& data) {
  if (!visit.facts()->downloads) return;
  PageData out;
  out.part("make", visit.form(download_path_of(server.id)));
  if (server.download) {
    out.text("url_made", print_moment(server.download->made_at));
    out.part("end", visit.form(download_path_of(server.id) + "/delete"));
  }
  data.part("download", std::move(out));
}

/// With the secret, which is not shown again.
WebResponse make_download(const Visit& visit) {
  ServiceFactsPtr facts = visit.facts();
  if (!facts->downloads) return visit.not_found();
  OwnAct own(visit);
  auto made = visit.desk.store.make_download(own.act, visit.number());
  if (!made) return visit.problem(made.error());
  auto server = visit.desk.store.server(visit.account(), visit.number());
  if (!server) return visit.problem(server.error());
  auto zones = visit.desk.store.zones(std::nullopt);
  if (!zones) return visit.problem(zones.error());
  SecretBuffer secret = visit.desk.store.secret_of(*made);
  PageData::List urls;
  for (const PortalZone& zone : *zones) {
    if (std::ranges::find(server->draft.zones, zone.id, &ServerDraft::Zone::zone) ==
        server->draft.zones.end())
      continue;
    PageData row;
    row.text("name", print_zone(zone.name.view()));
    row.text("url", download_url(*facts->downloads, zone.name.view(), as_text(secret)));
    urls.push_back(std::move(row));
  }
  PageData data;
  data.number("id", server->id).text("label", server->draft.label);
  data.flag("any", !urls.empty()).list("urls", std::move(urls));
  return visit.page("download-made", std::move(data), "The URL for downloads is made");
}

WebResponse end_download(const Visit& visit) {
  OwnAct own(visit);
  auto gone = visit.desk.store.delete_download(own.act, visit.number());
  return gone ? visit.done(path_of(visit.number()), "download-ended") : visit.problem(gone.error());
}

WebResponse show(const Visit& visit, const FormFaults& faults) {
  auto server = visit.desk.store.server(visit.account(), visit.number());
  if (!server) return visit.problem(server.error());
  auto zones = visit.desk.store.zones(std::nullopt);
  if (!zones) return visit.problem(zones.error());
  auto keys = visit.desk.store.keys(visit.account());
  if (!keys) return visit.problem(keys.error());
  auto from = static_cast<std::size_t>(Visit::parse_number_or_zero(visit.request.query.get("from")));
  from = std::min(from, server->targets.size());
  PageData data;
  data.number("id", server->id).text("label", server->draft.label).flag("enabled", server->enabled);
  data.text("made", print_moment(server->made_at)).list("addresses", address_rows(server->draft.addresses));
  if (server->draft.key)
    data.number("key", *server->draft.key).text("key_label", label_of(*keys, *server->draft.key));
  add_tag(data, tag_of(summary_of(*server, visit.now())));
  data.text("fresh", fresh_word(*server));
  data.part("toggle", toggle(visit, server->id, server->enabled));
  data.flag("any", !server->targets.empty()).flag("is_later", from > 0);
  if (server->targets.size() > from + kMostTargets)
    data.number("next", static_cast<std::int64_t>(from + kMostTargets));
  data.list("zones", zone_rows(visit, *server, *zones, from));
  add_download(visit, *server, data);
  return visit.page("server", std::move(data), server->draft.label, faults);
}
WebResponse show(const Visit& visit) { return show(visit, {}); }

WebResponse enable(const Visit& visit, bool enabled) {
  OwnAct own(visit);
  auto done = visit.desk.store.enable_server(own.act, visit.number(), enabled);
  if (done) return visit.done(path_of(visit.number()), enabled ? "server-enabled" : "server-disabled");
  if (auto words = mendable(done.error())) return show(visit, {{"", *words}});
  return visit.problem(done.error());
}
WebResponse switch_on(const Visit& visit) { return enable(visit, true); }
WebResponse switch_off(const Visit& visit) { return enable(visit, false); }

WebResponse show_delete(const Visit& visit) {
  auto server = visit.desk.store.server(visit.account(), visit.number());
  if (!server) return visit.problem(server.error());
  PageData data;
  data.number("id", server->id).text("label", server->draft.label);
  data.part("delete", visit.form(path_of(server->id) + "/delete"));
  return visit.page("server-delete", std::move(data), "Delete a server", {}, true);
}

WebResponse remove(const Visit& visit) {
  OwnAct own(visit);
  auto gone = visit.desk.store.delete_server(own.act, visit.number());
  return gone ? visit.done("/servers", "server-deleted") : visit.problem(gone.error());
}

}  // namespace

void add_server_pages(PageRoutes& routes) {
  routes.own(WebMethod::get, "/servers", list);
  routes.own(WebMethod::get, "/servers/{server}", show);
  routes.own(WebMethod::post, "/servers/{server}/enable", switch_on);
  routes.own(WebMethod::post, "/servers/{server}/disable", switch_off);
  routes.own(WebMethod::post, "/servers/{server}/download", make_download);
  routes.own(WebMethod::post, "/servers/{server}/download/delete", end_download);
  routes.own(WebMethod::get, "/servers/{server}/delete", show_delete);
  routes.own(WebMethod::post, "/servers/{server}/delete", remove);
}

}  // namespace zw::localroot::portal
