// For administrators: who did what, and how engines keep up with it.
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"
#include "store/event_log.h"

namespace zw::localroot::portal {
namespace {

constexpr std::int64_t kMostRows = 50;

std::optional<std::string> filter(const Visit& visit, std::string_view name) {
  std::string text(visit.request.query.get(name));
  return text.empty() || text.size() > EventNote::kMostOctets ? std::nullopt : std::optional(text);
}

WebResponse events(const Visit& visit) {
  EventPage page{.subject = filter(visit, "subject"), .actor = filter(visit, "actor"), .most = kMostRows + 1};
  if (auto before = Visit::parse_number_or_zero(visit.request.query.get("before")); before > 0)
    page.before = before;
  auto found = visit.desk.store.database().read([&](Transaction& tx) { return read_events(tx, page); });
  if (!found) return visit.problem(found.error());
  PageData data;
  bool more = found->size() > static_cast<std::size_t>(kMostRows);
  if (more) found->resize(kMostRows);
  PageData::List rows;
  for (const Event& event : *found) {
    PageData row;
    row.number("number", event.number).text("at", print_moment(event.at)).text("action", event.action);
    row.text("actor", event.actor).text("actor_encoded", percent_encode(event.actor));
    row.text("subject", event.subject).text("subject_encoded", percent_encode(event.subject));
    row.text("origin", event.origin);
    if (!event.detail.empty()) row.text("detail", event.detail);
    rows.push_back(std::move(row));
  }
  std::string subject = page.subject.value_or(""), actor = page.actor.value_or("");
  data.text("subject", subject).text("actor", actor).flag("is_filtered", page.subject || page.actor);
  data.flag("is_later", page.before != INT64_MAX).flag("any", !rows.empty());
  if (more)
    data.text("next", fmt::format("/admin/events?before={}&subject={}&actor={}", found->back().number,
                                  percent_encode(subject), percent_encode(actor)));
  data.list("events", std::move(rows));
  add_admin_links(data, "/admin/events");
  return visit.page("admin-events", std::move(data), "Event log");
}

WebResponse feed(const Visit& visit) {
  auto last = visit.desk.store.last_change();
  if (!last) return visit.problem(last.error());
  PageData data;
  data.number("last", *last);
  std::optional<FeedStanding> standing;
  if (visit.desk.feed) standing = visit.desk.feed();
  if (standing) {
    PageData engine;
    bool is_behind = standing->change < *last;
    engine.number("change", standing->change).flag("is_behind", is_behind);
    if (is_behind) engine.text("behind", print_count(*last - standing->change, "change", "changes"));
    engine.number("targets", static_cast<std::int64_t>(standing->targets));
    engine.number("told", static_cast<std::int64_t>(standing->told));
    if (standing->read_at) engine.text("read", print_past(*standing->read_at, visit.now()));
    if (!standing->fault.empty()) engine.text("fault", sentence(standing->fault));
    data.part("engine", std::move(engine));
  }
  PageData::List zones;
  for (const ServiceFacts::Zone& zone : visit.facts()->zones) {
    PageData row;
    row.text("name", print_zone(zone.name.view()));
    if (zone.serial) row.number("serial", zone.serial->value());
    if (zone.since) row.text("since", print_past(*zone.since, visit.now()));
    if (zone.octets > 0) row.text("size", print_octets(zone.octets));
    if (zone.records > 0) row.number("records", static_cast<std::int64_t>(zone.records));
    zones.push_back(std::move(row));
  }
  data.flag("any", !zones.empty()).list("zones", std::move(zones));
  add_admin_links(data, "/admin/feed");
  return visit.page("admin-feed", std::move(data), "State of the feed");
}

}  // namespace

void add_admin_log_pages(PageRoutes& routes) {
  routes.admin(WebMethod::get, "/admin/events", events);
  routes.admin(WebMethod::get, "/admin/feed", feed);
}

}  // namespace zw::localroot::portal
