// The first page: what this is, for visitors, or how one's servers are, for who is signed in.
#include <algorithm>

#include "localroot/portal/advice.h"
#include "localroot/portal/pages/progress.h"
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

constexpr std::int64_t kMostLooked = 50;  // servers
constexpr std::size_t kMostFaults = 5;

PageData zone_row(const Visit& visit, const ServiceFacts& facts, const PortalZone& zone,
                  std::vector<SiteLink>& feeds) {
  PageData row;
  row.text("name", print_zone(zone.name.view()))
      .text("note", zone.note)
      .flag("invited_only", zone.invited_only);
  const ServiceFacts::Zone* kept = facts.find(zone.name.view());
  std::uint64_t octets = kept && kept->octets > 0 ? kept->octets : static_cast<std::uint64_t>(zone.octets);
  if (octets > 0) row.text("size", print_octets(octets));
  if (zone.versions > 0) row.text("rate", print_count(zone.versions, "version", "versions"));
  if (kept && kept->serial) row.number("serial", kept->serial->value());
  if (kept && kept->since) row.text("since", print_past(*kept->since, visit.now()));
  if (!zone.invited_only) add_feed(row, kept, feeds);
  return row;
}

WebResponse visitors(const Visit& visit) {
  auto zones = visit.desk.store.zones(std::nullopt);
  if (!zones) return visit.problem(zones.error());
  ServiceFactsPtr facts = visit.facts();
  PageData::List rows;
  std::vector<SiteLink> feeds;
  for (const PortalZone& zone : *zones)
    if (zone.offered) rows.push_back(zone_row(visit, *facts, zone, feeds));
  PageData data;
  data.flag("any", !rows.empty()).list("zones", std::move(rows));
  return visit.page("home", std::move(data), "A root zone of your own", {}, false, std::move(feeds));
}

struct Faults {
  PageData::List rows;
  std::size_t more = 0;
};

// Of the servers that are no model of health first.
Result<Faults> faults_of(const Visit& visit, const Progress& progress) {
  ZW_TRY(auto servers, visit.desk.store.targets_to_look_at(visit.account(), kMostLooked));
  Faults out;
  for (const TargetsOfServer& one : servers) {
    auto summary = std::ranges::find(progress.servers, one.server, &ServerSummary::id);
    if (summary == progress.servers.end()) continue;
    auto advice_of = [&](const PortalTarget& target) {
      return advise(target, summary->key.has_value(), visit.now());
    };
    auto fault = std::ranges::find_if(one.targets,
                                      [&](const PortalTarget& target) { return advice_of(target).is_fault; });
    if (fault == one.targets.end()) continue;
    if (out.rows.size() == kMostFaults) {
      ++out.more;
      continue;
    }
    Advice advice = advice_of(*fault);
    PageData row;
    row.number("id", summary->id).text("label", summary->label);
    row.text("what", advice.what).text("mend", advice.mend);
    add_tag(row, tag_of(*summary));
    out.rows.push_back(std::move(row));
  }
  return out;
}

WebResponse overview(const Visit& visit) {
  auto progress = progress_of(visit.desk.store, visit.account());
  if (!progress) return visit.problem(progress.error());
  auto faults = faults_of(visit, *progress);
  if (!faults) return visit.problem(faults.error());
  PageData data;
  auto count = [&](const char* name, std::int64_t value) {
    data.number(name, value).flag(fmt::format("has_{}", name), value > 0);
  };
  count("servers", static_cast<std::int64_t>(progress->servers.size()));
  count("active", progress->active);
  count("waiting", progress->waiting);
  count("paused", progress->paused);
  count("disabled", progress->disabled);
  data.flag("has_key", !progress->keys.empty()).flag("is_done", progress->is_done());
  data.flag("all_well", faults->rows.empty() && progress->is_done());
  data.flag("any_fault", !faults->rows.empty()).list("faults", std::move(faults->rows));
  if (faults->more > 0)
    data.text("more", print_count(static_cast<std::int64_t>(faults->more), "more server", "more servers"));
  return visit.page("overview", std::move(data), "Overview");
}

WebResponse home(const Visit& visit) { return visit.who ? overview(visit) : visitors(visit); }

}  // namespace

void add_home_pages(PageRoutes& routes) { routes.open(WebMethod::get, "/", home); }

}  // namespace zw::localroot::portal
