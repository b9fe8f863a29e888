// Configurations for the software that people run, made for one server and one zone.
#include <algorithm>

#include "localroot/advice/advice.h"
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"
#include "localroot/portal/server_offer.h"

namespace zw::localroot::portal {
namespace {

std::string path_of(ServerId server) { return fmt::format("/servers/{}/configuration", server); }

PageData::List unable_rows() {
  PageData::List out;
  for (const UnableInfo& info : unable_targets()) {
    PageData row;
    row.text("word", std::string(info.word)).text("why", sentence(info.why));
    out.push_back(std::move(row));
  }
  return out;
}

/// Which server to configure.
WebResponse choose(const Visit& visit) {
  auto most = static_cast<std::int64_t>(visit.desk.store.settings().most_servers);
  auto servers = visit.desk.store.servers(visit.account(), 0, most);
  if (!servers) return visit.problem(servers.error());
  PageData::List rows;
  for (const ServerSummary& server : *servers) {
    PageData row;
    row.number("id", server.id).text("label", server.label);
    add_tag(row, tag_of(server));
    rows.push_back(std::move(row));
  }
  PageData data;
  data.flag("any", !rows.empty()).list("servers", std::move(rows)).list("unable", unable_rows());
  return visit.page("configurations", std::move(data), "Configuration");
}

/// What was asked for: by the query, or by a form that wants the secret.
struct Wanted {
  PortalServer server;
  std::vector<PortalZone> zones;  // that the server is registered for
  const PortalZone* zone = nullptr;
  const TargetInfo* target = nullptr;  // null: not chosen yet
  std::optional<PortalKey> key{};
  bool with_secret = false;
};

Result<Wanted> wanted_by(const Visit& visit) {
  bool is_reading = visit.request.is_reading();
  const WebFields& said = is_reading ? visit.request.query : visit.request.form;
  Wanted out;
  ZW_TRY(out.server, visit.desk.store.server(visit.account(), visit.number()));
  ZW_TRY(auto zones, visit.desk.store.zones(std::nullopt));
  for (PortalZone& zone : zones)
    if (std::ranges::find(out.server.draft.zones, zone.id, &ServerDraft::Zone::zone) !=
        out.server.draft.zones.end())
      out.zones.push_back(std::move(zone));
  auto zone = std::ranges::find(out.zones, Visit::parse_number_or_zero(said.get("zone")), &PortalZone::id);
  if (zone == out.zones.end()) zone = out.zones.begin();
  if (zone != out.zones.end()) out.zone = &*zone;
  auto target = std::ranges::find(targets(), said.get("for"), &TargetInfo::word);
  if (target != targets().end()) out.target = &*target;
  if (out.server.draft.key) {
    ZW_TRY(auto keys, visit.desk.store.keys(visit.account()));
    auto key = std::ranges::find(keys, *out.server.draft.key, &PortalKey::id);
    if (key != keys.end()) out.key = std::move(*key);
  }
  out.with_secret = !is_reading && said.get("secret") == "yes";
  return out;
}

Result<localroot::Advice> advice_for(const Visit& visit, const Wanted& wanted) {
  if (!wanted.zone || !wanted.target) return fail(ErrorKind::not_found, "choose the software first");
  SecretBuffer download;
  if (wanted.with_secret && wanted.server.download)
    download = visit.desk.store.secret_of(*wanted.server.download);
  ZW_TRY(Offer offer,
         offer_for(*visit.facts(), wanted.zone->name.view(), wanted.server,
                   {wanted.key ? &*wanted.key : nullptr, wanted.with_secret, as_text(download)}));
  return make_advice(wanted.target->target, offer, std::chrono::floor<Seconds>(visit.now()));
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// `for`, `zone`, and the token, for a form to `action`.
PageData form_for(const Visit& visit, const Wanted& wanted, const std::string& action) {
  PageData out = visit.form(action);
  out.text("for", std::string(wanted.target->word)).number("zone", wanted.zone->id);
  out.flag("with_secret", wanted.with_secret);
  return out;
}

/// Where NOTIFY reaches this software, if that is not where the server is registered.
std::string port_words(const Wanted& wanted) {
  std::uint16_t port = wanted.target->notify_port;
  if (port == 0) return "This software hears no NOTIFY: it looks for a new version by itself now and then.";
  const auto& addresses = wanted.server.draft.addresses;
  bool fits = std::ranges::all_of(addresses, [&](const Address& one) { return one.port == port; });
  if (fits) return "";
  return fmt::format(
      "With this configuration NOTIFY is heard on port {}: register the server's addresses "
      "with it, such as {}@{}.",
      port, addresses.front().ip.print(), port);
}

void add_files(const Visit& visit, const Wanted& wanted, PageData& data) {
  auto advice = advice_for(visit, wanted);
  if (!advice) {
    data.text("cannot", sentence(advice.error().what));
    return;
  }
  PageData made;
  PageData::List files;
  for (std::size_t i = 0; i < advice->files.size(); ++i) {
    PageData row;
    row.text("path", advice->files[i].path).text("text", advice->files[i].text);
    row.number("file", static_cast<std::int64_t>(i))
        .text("name", std::string(file_name(advice->files[i].path)));
    PageData form = form_for(visit, wanted, path_of(wanted.server.id) + "/file");
    row.part("download", std::move(form));
    files.push_back(std::move(row));
  }
  made.list("files", std::move(files)).text("activate", advice->activate);
  made.flag("has_secret", advice->has_secret).flag("two", advice->files.size() > 1);
  std::string port = port_words(wanted);
  if (!port.empty()) made.text("port", port);
  if ((wanted.key || wanted.server.download) && !wanted.with_secret)
    made.part("ask_secret", form_for(visit, wanted, path_of(wanted.server.id)));
  made.text("what", std::string(wanted.target->what));
  data.part("made", std::move(made));
}

WebResponse show(const Visit& visit) {
  auto wanted = wanted_by(visit);
  if (!wanted) return visit.problem(wanted.error());
  PageData data;
  data.number("id", wanted->server.id).text("label", wanted->server.draft.label);
  data.text("action", path_of(wanted->server.id)).flag("has_zone", wanted->zone != nullptr);
  if (wanted->key) data.text("key_label", wanted->key->label);
  PageData::List zones, software;
  for (const PortalZone& zone : wanted->zones)
    zones.push_back(option(std::to_string(zone.id), print_zone(zone.name.view()), &zone == wanted->zone));
  for (const TargetInfo& info : targets())
    software.push_back(option(std::string(info.word), std::string(info.what), &info == wanted->target));
  data.list("zones", std::move(zones)).list("software", std::move(software)).list("unable", unable_rows());
  if (wanted->zone && wanted->target) add_files(visit, *wanted, data);
  return visit.page("configuration", std::move(data), "Configuration");
}

WebResponse download(const Visit& visit) {
  auto wanted = wanted_by(visit);
  if (!wanted) return visit.problem(wanted.error());
  auto advice = advice_for(visit, *wanted);
  if (!advice) return visit.problem(advice.error());
  auto which = static_cast<std::size_t>(Visit::parse_number_or_zero(visit.field("file")));
  if (which >= advice->files.size()) return visit.not_found();
  const AdviceFile& file = advice->files[which];
  return Visit::file(file.text, file_name(file.path), "text/plain; charset=utf-8");
}

}  // namespace

void add_configuration_pages(PageRoutes& routes) {
  routes.own(WebMethod::get, "/configuration", choose);
  routes.own(WebMethod::get, "/servers/{server}/configuration", show);
  // With the secret: asked for, and changes nothing.
  routes.own(WebMethod::post, "/servers/{server}/configuration", show);
  routes.own(WebMethod::post, "/servers/{server}/configuration/file", download);
}

}  // namespace zw::localroot::portal
