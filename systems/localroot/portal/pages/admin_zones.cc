// For administrators: which zones are offered, to whom, and with which note.
#include <algorithm>

#include "dns/address_text.h"
#include "format/utf8.h"
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

constexpr std::size_t kMostNote = 300;  // characters that a note may have
constexpr std::uint64_t kMostVersions = 1'000'000;

std::string path_of(ZoneId zone) { return fmt::format("/admin/zones/{}", zone); }

PageData zone_row(const PortalZone& zone, const ServiceFacts& facts) {
  PageData row;
  const ServiceFacts::Zone* kept = facts.find(zone.name.view());
  row.number("id", zone.id).text("name", print_zone(zone.name.view())).text("note", zone.note);
  row.flag("offered", zone.offered).flag("invited_only", zone.invited_only).flag("is_kept", kept != nullptr);
  if (kept && kept->serial) row.number("serial", kept->serial->value());
  return row;
}

Result<PortalZone> find_zone(const Visit& visit) {
  ZW_TRY(auto zones, visit.desk.store.zones(std::nullopt));
  auto at = std::ranges::find(zones, visit.number(), &PortalZone::id);
  if (at == zones.end()) return fail(ErrorKind::not_found, "there is no such zone");
  return std::move(*at);
}

WebResponse list(const Visit& visit, const FormFaults& faults) {
  auto zones = visit.desk.store.zones(std::nullopt);
  if (!zones) return visit.problem(zones.error());
  ServiceFactsPtr facts = visit.facts();
  PageData::List rows, left;
  for (const PortalZone& zone : *zones) rows.push_back(zone_row(zone, *facts));
  for (const ServiceFacts::Zone& kept : facts->zones)
    if (std::ranges::find(*zones, kept.name, &PortalZone::name) == zones->end())
      left.push_back(option(print(kept.name), print_zone(kept.name.view()), false));
  PageData data;
  data.flag("any", !rows.empty()).list("zones", std::move(rows));
  if (!left.empty()) {
    PageData offer = visit.form("/admin/zones");
    offer.list("names", std::move(left));
    data.part("offer", std::move(offer));
  }
  add_admin_links(data, "/admin/zones");
  return visit.page("admin-zones", std::move(data), "Zones on offer", faults);
}
WebResponse list(const Visit& visit) { return list(visit, {}); }

/// Only what the service keeps can be offered anew; to begin with, to those who are invited.
WebResponse offer(const Visit& visit) {
  auto name = Name::parse(visit.field("name"));
  ServiceFactsPtr facts = visit.facts();
  const ServiceFacts::Zone* kept = name ? facts->find(name->view()) : nullptr;
  if (!kept) return list(visit, {{"name", "Choose a zone that this service keeps."}});
  PortalZone zone;
  zone.name = kept->name;
  zone.invited_only = true;
  zone.octets = static_cast<std::int64_t>(kept->octets);
  OwnAct own(visit);
  auto id = visit.desk.store.offer_zone(own.act, zone);
  return id ? visit.done(path_of(*id), "zone-set") : visit.problem(id.error());
}

Result<PageData::List> invited_rows(const Visit& visit, ZoneId zone) {
  ZW_TRY(auto invited, visit.desk.store.invited(zone));
  PageData::List out;
  for (AccountId id : invited) {
    auto account = visit.desk.accounts.find(id);
    PageData row;
    row.text("email", account ? account->email : fmt::format("account {}", id));
    PageData form = visit.form(path_of(zone) + "/uninvite");
    form.number("account", id);
    row.part("uninvite", std::move(form));
    out.push_back(std::move(row));
  }
  return out;
}

WebResponse show(const Visit& visit, const FormFaults& faults) {
  auto zone = find_zone(visit);
  if (!zone) return visit.problem(zone.error());
  auto invited = invited_rows(visit, zone->id);
  if (!invited) return visit.problem(invited.error());
  bool is_typed = visit.request.form.find("note").has_value();
  PageData data = zone_row(*zone, *visit.facts());
  data.text("typed", is_typed ? std::string(visit.field("note")) : zone->note);
  data.text("versions", is_typed             ? std::string(visit.field("versions"))
                        : zone->versions > 0 ? std::to_string(zone->versions)
                                             : "");
  data.text("typed_email", std::string(visit.field("email")));
  data.part("set", visit.form(path_of(zone->id))).part("invite", visit.form(path_of(zone->id) + "/invite"));
  data.flag("any", !invited->empty()).list("invited", std::move(*invited));
  add_admin_links(data, "/admin/zones");
  return visit.page("admin-zone", std::move(data), print_zone(zone->name.view()), faults);
}
WebResponse show(const Visit& visit) { return show(visit, {}); }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; }));
}

WebResponse set(const Visit& visit) {
  auto zone = find_zone(visit);
  if (!zone) return visit.problem(zone.error());
  FormFaults faults;
  zone->note = std::string(visit.field("note"));
  if (characters(zone->note) > kMostNote)
    faults.emplace_back("note", fmt::format("Say it in at most {} characters.", kMostNote));
  std::string_view typed = visit.field("versions");
  auto versions = parse_number(typed.empty() ? "0" : typed, kMostVersions);
  if (!versions) faults.emplace_back("versions", "Give a number, or leave it empty.");
  if (!faults.empty()) return show(visit, faults);
  zone->versions = static_cast<std::int64_t>(*versions);
  zone->offered = visit.field("offered") == "yes";
  zone->invited_only = visit.field("invited_only") == "yes";
  if (const ServiceFacts::Zone* kept = visit.facts()->find(zone->name.view()); kept && kept->octets > 0)
    zone->octets = static_cast<std::int64_t>(kept->octets);
  OwnAct own(visit);
  auto id = visit.desk.store.offer_zone(own.act, *zone);
  return id ? visit.done(path_of(*id), "zone-set") : visit.problem(id.error());
}

WebResponse invite(const Visit& visit) {
  auto zone = find_zone(visit);
  if (!zone) return visit.problem(zone.error());
  auto email = parse_email(visit.field("email"));
  if (!email) return show(visit, {{"email", sentence(email.error().what)}});
  auto account = visit.desk.accounts.find_address(*email);
  if (!account) return visit.problem(account.error());
  if (!*account) return show(visit, {{"email", "Nobody has an account with this address."}});
  OwnAct own(visit);
  auto done = visit.desk.store.invite(own.act, zone->id, (*account)->id);
  return done ? visit.done(path_of(zone->id), "invited") : visit.problem(done.error());
}

WebResponse uninvite(const Visit& visit) {
  auto zone = find_zone(visit);
  if (!zone) return visit.problem(zone.error());
  OwnAct own(visit);
  auto done =
      visit.desk.store.uninvite(own.act, zone->id, Visit::parse_number_or_zero(visit.field("account")));
  return done ? visit.done(path_of(zone->id), "uninvited") : visit.problem(done.error());
}

}  // namespace

void add_admin_zone_pages(PageRoutes& routes) {
  routes.admin(WebMethod::get, "/admin/zones", list);
  routes.admin(WebMethod::post, "/admin/zones", offer);
  routes.admin(WebMethod::get, "/admin/zones/{zone}", show);
  routes.admin(WebMethod::post, "/admin/zones/{zone}", set);
  routes.admin(WebMethod::post, "/admin/zones/{zone}/invite", invite);
  routes.admin(WebMethod::post, "/admin/zones/{zone}/uninvite", uninvite);
}

}  // namespace zw::localroot::portal
