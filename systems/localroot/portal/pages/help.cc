// Questions and answers, and what researchers can have.
#include "localroot/advice/advice.h"
#include "localroot/changes/change_pages.h"
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

WebResponse faq(const Visit& visit) {
  const PortalStore& store = visit.desk.store;
  PageData data;
  if (!visit.desk.contact.empty()) data.text("contact", visit.desk.contact);
  data.number("unanswered", store.rules().most_unanswered);
  data.text("silence", print_span(store.rules().longest_silence));
  data.text("overlap", print_span(store.settings().overlap));
  data.number("most_keys", static_cast<std::int64_t>(store.settings().most_keys));
  data.number("most_servers", static_cast<std::int64_t>(store.settings().most_servers));
  data.flag("has_api", visit.desk.api_pages);
  PageData::List from;
  ServiceFactsPtr facts = visit.facts();
  for (const IpAddress& ip : facts->tells_from) {
    PageData row;
    row.text("address", ip.print());
    from.push_back(std::move(row));
  }
  data.flag("has_from", !from.empty()).list("from", std::move(from));
  PageData::List unable;
  for (const UnableInfo& info : unable_targets()) {
    PageData row;
    row.text("word", std::string(info.word)).text("why", sentence(info.why));
    unable.push_back(std::move(row));
  }
  data.list("unable", std::move(unable));
  return visit.page("faq", std::move(data), "Questions and answers");
}

WebResponse researchers(const Visit& visit) {
  auto zones = visit.desk.store.zones(visit.account());
  if (!zones) return visit.problem(zones.error());
  ServiceFactsPtr facts = visit.facts();
  PageData::List rows;
  std::vector<SiteLink> feeds;
  std::string first_lines;
  for (const PortalZone& zone : *zones) {
    const ServiceFacts::Zone* kept = facts->find(zone.name.view());
    if (!kept || !kept->changes) continue;
    PageData row;
    row.text("name", print_zone(zone.name.view())).flag("invited_only", zone.invited_only);
    add_feed(row, kept, feeds);
    if (first_lines.empty()) first_lines = change_path(kept->name, "jsonl");
    rows.push_back(std::move(row));
  }
  PageData data;
  if (!first_lines.empty()) data.text("example", visit.frame.settings().origin + first_lines);
  data.flag("has_feeds", !rows.empty()).list("zones", std::move(rows));
  data.flag("has_api", visit.desk.api_pages);
  data.text("silence", print_span(visit.desk.store.rules().longest_silence));
  if (!visit.desk.contact.empty()) data.text("contact", visit.desk.contact);
  data.text("origin", visit.frame.settings().origin);
  return visit.page("researchers", std::move(data), "For researchers", {}, false, std::move(feeds));
}

}  // namespace

void add_feed(PageData& row, const ServiceFacts::Zone* kept, std::vector<SiteLink>& feeds) {
  if (!kept || !kept->changes) return;
  std::string atom = change_path(kept->name, "atom");
  row.text("atom", atom).text("lines", change_path(kept->name, "jsonl"));
  feeds.push_back({atom, "Changes of " + print_zone(kept->name.view())});
}

void add_help_pages(PageRoutes& routes) {
  routes.open(WebMethod::get, "/faq", faq);
  routes.open(WebMethod::get, "/researchers", researchers);
}

}  // namespace zw::localroot::portal
