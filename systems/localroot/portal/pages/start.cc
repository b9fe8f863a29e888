// Getting started: four steps, how far this account has come, and commands to paste.
#include <algorithm>

#include "base/encoding.h"
#include "localroot/portal/advice.h"
#include "localroot/portal/pages/progress.h"
#include "localroot/portal/pages/visit.h"
#include "localroot/portal/pages/words.h"

namespace zw::localroot::portal {
namespace {

const PortalKey* find_key(const std::vector<PortalKey>& keys, std::optional<KeyId> id) {
  auto at = std::ranges::find_if(keys, [&](const PortalKey& key) { return id && key.id == *id; });
  return at == keys.end() ? nullptr : &*at;
}

/// One of ours that speaks the family of this address.
const Address* find_ours(const ServiceFacts::Zone& zone, const IpAddress& subscriber) {
  auto at = std::ranges::find_if(zone.offer.servers,
                                 [&](const Address& one) { return one.ip.is_v4() == subscriber.is_v4(); });
  return at == zone.offer.servers.end() ? nullptr : &*at;
}

/// The transfer by hand that proves an address; empty if none of our addresses can be reached from there.
std::string transfer_command(const ServiceFacts& facts, const Name& zone, const IpAddress& subscriber,
                             const PortalKey* key, bool with_secret) {
  const ServiceFacts::Zone* kept = facts.find(zone.view());
  const Address* ours = kept ? find_ours(*kept, subscriber) : nullptr;
  if (!ours) return "";
  std::string out = fmt::format("dig -b {} @{}", subscriber.print(), ours->ip.print());
  if (ours->port != kDnsPort) out += fmt::format(" -p {}", ours->port);
  out += fmt::format(" {} AXFR +tcp", print(zone));
  if (key && !key->secrets.empty()) {
    const PortalSecret& secret = key->secrets.front();
    out += fmt::format(" -y {}:{}:{}", print(secret.algorithm), secret.name,
                       with_secret ? base64(secret.value) : "SECRET");
  }
  return out + " | tail -n 4";
}

/// The first target that is not told, else the first.
const PortalTarget* find_target(const PortalServer& server) {
  auto at = std::ranges::find_if(
      server.targets, [](const PortalTarget& target) { return target.state.phase() != Phase::active; });
  if (at != server.targets.end()) return &*at;
  return server.targets.empty() ? nullptr : &server.targets.front();
}

struct Situation {
  Progress progress;
  std::optional<PortalServer> server;
  std::vector<PortalZone> zones;
};

Result<Situation> situation_of(const Visit& visit) {
  Situation out;
  ZW_TRY(out.progress, progress_of(visit.desk.store, visit.account()));
  ZW_TRY(out.zones, visit.desk.store.zones(std::nullopt));
  std::int64_t wanted = Visit::parse_number_or_zero(visit.field("server"));
  if (const ServerSummary* next = out.progress.next(); wanted == 0 && next) wanted = next->id;
  if (wanted == 0) return out;
  ZW_TRY(out.server, visit.desk.store.server(visit.account(), wanted));
  return out;
}

void add_transfer(const Visit& visit, const Situation& now, bool with_secret, PageData& data) {
  const PortalServer& server = *now.server;
  const PortalTarget* target = find_target(server);
  data.flag("has_zone", target != nullptr);
  if (!target) return;
  bool has_key = server.draft.key.has_value();
  Advice advice = advise(*target, has_key, visit.now());
  data.text("what", advice.what).text("mend", advice.mend);
  auto zone = std::ranges::find(now.zones, target->zone, &PortalZone::id);
  if (zone == now.zones.end()) return;
  const PortalKey* key = find_key(now.progress.keys, server.draft.key);
  std::string command = transfer_command(*visit.facts(), zone->name, target->address.ip, key, with_secret);
  data.flag("no_command", command.empty()).text("address", target->address.ip.print());
  data.text("zone", print_zone(zone->name.view()));
  if (!command.empty()) data.text("command", command);
  if (!command.empty() && key) {
    PageData form = visit.form("/start");
    form.number("server", server.id).flag("is_shown", with_secret);
    data.part("secret", std::move(form));
  }
}

WebResponse start(const Visit& visit) {
  auto now = situation_of(visit);
  if (!now) return visit.problem(now.error());
  const Progress& progress = now->progress;
  PageData data;
  bool is_told = now->server && std::ranges::any_of(now->server->targets, [&](const PortalTarget& target) {
                   return target.state.proof.has_value() || is_downloading(target, visit.now());
                 });
  data.flag("has_key", !progress.keys.empty()).flag("has_server", now->server.has_value());
  data.flag("is_told", is_told);
  data.text("fresh", fmt::format("{}-{}-{}", progress.keys.size(), progress.servers.size(),
                                 now->server ? fresh_word(*now->server) : ""));
  if (!progress.keys.empty())
    data.text("keys", print_count(static_cast<std::int64_t>(progress.keys.size()), "key", "keys"));
  if (now->server) {
    ServerSummary summary = summary_of(*now->server, visit.now());
    data.number("id", now->server->id).text("label", now->server->draft.label);
    add_tag(data, tag_of(summary));
    data.flag("is_active", summary.targets > 0 && summary.active == summary.targets && summary.enabled);
    data.flag("is_downloading", summary.downloading > 0 && summary.enabled);
    add_transfer(visit, *now, !visit.request.is_reading(), data);
  }
  return visit.page("start", std::move(data), "Getting started");
}

}  // namespace

void add_start_pages(PageRoutes& routes) {
  routes.own(WebMethod::get, "/start", start);
  // With the secret in the command: asked for, and changes nothing.
  routes.own(WebMethod::post, "/start", start);
}

}  // namespace zw::localroot::portal
