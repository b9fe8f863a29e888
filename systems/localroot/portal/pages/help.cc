// Questions and answers, and what researchers can have.
#include "localroot/advice/advice.h"
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
  PageData data;
  data.flag("has_feeds", visit.desk.change_pages).flag("has_api", visit.desk.api_pages);
  PageData::List zones;
  for (const ServiceFacts::Zone& zone : visit.facts()->zones) {
    std::string word = print(lower(zone.name));
    if (zone.name.view().is_root())
      word = "root";
    else
      word.pop_back();
    PageData row;
    row.text("name", print_zone(zone.name.view())).text("word", percent_encode(word));
    zones.push_back(std::move(row));
  }
  data.flag("any", !zones.empty()).list("zones", std::move(zones));
  if (!visit.desk.contact.empty()) data.text("contact", visit.desk.contact);
  data.text("origin", visit.frame.settings().origin);
  return visit.page("researchers", std::move(data), "For researchers");
}

}  // namespace

void add_help_pages(PageRoutes& routes) {
  routes.open(WebMethod::get, "/faq", faq);
  routes.open(WebMethod::get, "/researchers", researchers);
}

}  // namespace zw::localroot::portal
