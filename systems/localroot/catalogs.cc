#include "localroot/catalogs.h"

#include <fmt/format.h>

#include <algorithm>

#include "os/files.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostMembersOctets = std::size_t{1} << 30;
constexpr std::size_t kMostShown = 100;  // members that are not kept, in a status

bool operator==(const CatalogNote& a, const CatalogNote& b) {
  return a.catalog == b.catalog && a.zone == b.zone && a.what == b.what;
}

bool has(const std::vector<CatalogNote>& notes, const CatalogNote& note) {
  return std::any_of(notes.begin(), notes.end(), [&](const CatalogNote& one) { return one == note; });
}

const Membership* find(const std::vector<Membership>& members, const Name& zone) {
  auto at = std::lower_bound(members.begin(), members.end(), zone,
                             [](const Membership& one, const Name& wanted) { return one.zone < wanted; });
  return at != members.end() && at->zone == zone ? &*at : nullptr;
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace

Catalogs::Catalogs(const World& world, std::function<void()> regroup)
    : world_(world), regroup_(std::move(regroup)) {
  load();
}

void Catalogs::load() {
  auto text = read_file(world_.store.members_file(), kMostMembersOctets);
  if (!text && text.error().kind == ErrorKind::not_found) return;
  auto stored = text ? parse_memberships(as_text(*text)) : std::unexpected(text.error());
  if (!stored)
    return world_.log.warning("the list of members is of no use; catalogs will tell it again",
                              {{"file", world_.store.members_file()}, {"reason", stored.error().what}});
  members_ = std::move(stored->members);
  forgotten_ = std::move(stored->forgotten);
}

std::set<Name> Catalogs::taken() const {
  std::set<Name> out;
  for (const ZoneConfig& zone : configured_.config.zones) out.insert(zone.name);
  for (const CatalogConfig& catalog : configured_.config.catalogs) out.insert(catalog.zone.name);
  return out;
}

Catalogs::Expanded Catalogs::expand(const Loaded& configured) const {
  Expanded out{configured, {}};
  std::vector<ZoneConfig>& zones = out.loaded.config.zones;
  std::set<Name> names;
  for (const ZoneConfig& zone : zones) names.insert(zone.name);
  for (const CatalogConfig& catalog : configured.config.catalogs) {
    zones.push_back(catalog.zone);
    out.loaded.anchors.emplace_back();
    names.insert(catalog.zone.name);
  }
  for (const CatalogConfig& catalog : configured.config.catalogs)
    for (const Membership& member : members_) {
      if (!catalog.is_followed() || !(member.catalog == catalog.zone.name) || names.contains(member.zone) ||
          forgotten_.contains(member.zone))
        continue;
      auto zone = member_zone(catalog, member.zone, member.groups);
      auto anchors = zone ? find_anchors(configured, *zone) : std::unexpected(zone.error());
      if (!anchors) {
        out.unkept.push_back({member.catalog, member.zone,
                              anchors.error().what + (zone ? "; only signed zones are kept" : "")});
        continue;
      }
      zones.push_back(std::move(*zone));
      out.loaded.anchors.push_back(std::move(*anchors));
    }
  return out;
}

void Catalogs::took(Loaded configured, std::vector<CatalogNote> unkept) {
  configured_ = std::move(configured);
  for (const CatalogNote& note : unkept)
    if (!has(unkept_, note))
      world_.log.warning(
          "a member cannot be kept",
          {{"catalog", print(note.catalog)}, {"zone", print(note.zone)}, {"reason", note.what}});
  unkept_ = std::move(unkept);
  changed_ = true;
  std::erase_if(seen_, [&](const auto& one) { return !taken().contains(one.first); });
  std::erase_if(gauges_, [&](const auto& one) {
    bool gone = !taken().contains(one.first);
    if (gone) world_.metrics.retire({"catalog", print(one.first)});
    return gone;
  });
  forget();
}

void Catalogs::set_frozen(bool frozen) {
  frozen_ = frozen;
  forget();
}

void Catalogs::look(const std::vector<Keeper*>& keepers) {
  if (frozen_) return;
  if (configured_.config.catalogs.empty() && !changed_) return;
  auto each = [&](bool followed, auto&& act) {
    for (const CatalogConfig& config : configured_.config.catalogs)
      for (Keeper* keeper : keepers)
        if (config.is_followed() == followed && keeper->origin() == config.zone.name.view())
          act(config, *keeper);
  };
  each(true, [this](const CatalogConfig& config, const Keeper& keeper) { follow(config, keeper); });
  if (changed_) decide();
  each(false, [&](const CatalogConfig& config, Keeper& keeper) { make(config, keeper, keepers); });
}

// A catalog that expired stays what it was: its members have SOAs of their own that say how long they are
// good.
void Catalogs::follow(const CatalogConfig& config, const Keeper& keeper) {
  ZonePtr zone = keeper.zone();
  if (!zone || seen_[config.zone.name].zone == zone) return;
  Findings findings;
  auto content = read_catalog(*zone, config.most_members, findings);
  if (!content) return;  // it was read before it was published; most-members has become smaller
  seen_[config.zone.name] = {zone, std::move(*content)};
  changed_ = true;
}

void Catalogs::decide() {
  changed_ = false;
  std::vector<FollowedCatalog> followed;
  for (const CatalogConfig& catalog : configured_.config.catalogs) {
    if (!catalog.is_followed()) continue;
    auto seen = seen_.find(catalog.zone.name);
    bool known = seen != seen_.end() && seen->second.zone;
    followed.push_back({catalog.zone.name, known ? &seen->second.content : nullptr, catalog.most_removed});
  }
  MembershipDecision decision = decide_members(members_, followed, taken());
  std::vector<Membership> before = std::exchange(members_, decision.members);
  tell(decision, before);
  bool others = before != members_ || !decision.forgotten.empty();
  forgotten_.insert(decision.forgotten.begin(), decision.forgotten.end());
  decision_ = std::move(decision);
  for (const CatalogConfig& catalog : configured_.config.catalogs) {
    auto of_it = [&](const auto& one) { return one.catalog == catalog.zone.name; };
    auto count = [&](const auto& list) { return static_cast<double>(std::ranges::count_if(list, of_it)); };
    Gauges& shown = gauges(catalog.zone.name);
    shown.held.set(count(decision_.held));
    shown.ignored.set(count(ignored()));
    if (catalog.is_followed()) shown.members.set(count(members_));
  }
  if (!others) return;
  save();
  ask_to_regroup();
}

void Catalogs::tell(const MembershipDecision& decision, const std::vector<Membership>& before) {
  auto line = [&](std::string_view what, const Membership& member) {
    world_.log.info(
        what,
        {{"catalog", print(member.catalog)}, {"zone", print(member.zone)}, {"groups", join(member.groups)}});
  };
  for (const Membership& member : decision.members) {
    if (!find(before, member.zone))
      line("member added", member);
    else if (decision.forgotten.contains(member.zone))
      line("member begins anew", member);
  }
  for (const Membership& member : before)
    if (!find(decision.members, member.zone)) line("member removed", member);
  for (const CatalogNote& note : decision.moved)
    world_.log.info("member moved",
                    {{"catalog", print(note.catalog)}, {"zone", print(note.zone)}, {"from", note.what}});
  for (const CatalogNote& note : decision.ignored)
    if (!has(decision_.ignored, note))
      world_.log.warning(
          "a member is left aside",
          {{"catalog", print(note.catalog)}, {"zone", print(note.zone)}, {"reason", note.what}});
  for (const CatalogNote& note : decision.held)
    if (!has(decision_.held, note))
      world_.log.error("a version of the catalog is held back",
                       {{"catalog", print(note.catalog)}, {"reason", note.what}});
}

void Catalogs::ask_to_regroup() {
  if (std::exchange(regrouping_, true)) return;
  world_.loop.post([this] {
    regrouping_ = false;
    regroup_();
  });
}

// ---- state of what is removed ----

// A keeper that goes has jobs and posts under way, so the removal goes behind them.
void Catalogs::forget() {
  if (frozen_) return;
  for (const Name& zone : taken()) forgotten_.erase(zone);
  for (const Name& zone : forgotten_) {
    if (!going_.insert(zone).second) continue;
    world_.jobs.add([this, zone] {
      world_.loop.post([this, zone] {
        // Configured otherwise meanwhile, or left to another process.
        if (frozen_ || !forgotten_.contains(zone)) return void(going_.erase(zone));
        world_.jobs.add([this, zone] {
          world_.loop.post([this, zone, removed = world_.store.forget(zone)] { forgot(zone, removed); });
        });
      });
    });
  }
}

void Catalogs::forgot(const Name& zone, const Result<void>& removed) {
  if (!removed)
    world_.log.error("the state of a member cannot be removed",
                     {{"zone", print(zone)}, {"reason", removed.error().what}});
  going_.erase(zone);
  forgotten_.erase(zone);
  world_.metrics.retire({"zone", print(zone)});
  begin_anew_ = begin_anew_ || find(members_, zone);
  if (!going_.empty()) return;
  save();
  if (std::exchange(begin_anew_, false)) ask_to_regroup();
}

void Catalogs::save() {
  if (frozen_) return;
  world_.jobs.add([this, text = print_memberships(members_, forgotten_)] {
    if (auto saved = write_file_atomically(world_.store.members_file(), as_bytes(text), 0600); !saved)
      world_.log.error("the list of members cannot be stored", {{"reason", saved.error().what}});
  });
}

// ---- catalogs that we make ----

std::vector<CatalogMember> Catalogs::members_of(const CatalogConfig& config) const {
  std::vector<CatalogMember> out;
  auto add = [&](const Name& zone, std::string_view generation, std::vector<std::string> groups) {
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    out.push_back({zone, catalog_id(zone, generation), std::move(groups), {}});
  };
  for (const ZoneConfig& zone : configured_.config.zones)
    if (config.zones.empty() ||
        std::find(config.zones.begin(), config.zones.end(), zone.name) != config.zones.end())
      add(zone.name, "", zone.catalog_groups);
  if (config.zones.empty())
    for (const Membership& member : members_)
      if (std::none_of(unkept_.begin(), unkept_.end(),
                       [&](const CatalogNote& note) { return note.zone == member.zone; }))
        add(member.zone, member.id, member.groups);
  std::sort(out.begin(), out.end(),
            [](const CatalogMember& a, const CatalogMember& b) { return a.zone < b.zone; });
  return out;
}

void Catalogs::make(const CatalogConfig& config, Keeper& keeper, const std::vector<Keeper*>& keepers) {
  if (!keeper.is_idle()) return;
  const Name& name = config.zone.name;
  ZonePtr zone = keeper.zone();
  Seen& seen = seen_[name];
  if (zone && seen.zone != zone) {
    Findings findings;
    auto content = read_catalog(*zone, config.most_members, findings);
    seen = {zone, content ? std::move(*content) : Catalog{name, zone->serial(), {}}};
  }
  std::vector<CatalogMember> wanted = members_of(config);
  // A new member is told when it can be fetched. But the first version tells of all: after a loss of our
  // state, those that are not here yet must not vanish from the fleet.
  if (zone)
    std::erase_if(wanted, [&](const CatalogMember& member) {
      return !seen.content.find(member.zone) && std::ranges::none_of(keepers, [&](const Keeper* one) {
        return one->origin() == member.zone.view() && one->zone();
      });
    });
  gauges(name).members.set(static_cast<double>(wanted.size()));
  if (zone && seen.content.members == wanted) return;
  // Seconds since 1970 are newer than what may have been lost with the state.
  Serial now(static_cast<std::uint32_t>(world_.clock.wall().time_since_epoch().count()));
  Serial serial = !zone || now > zone->serial() ? now : zone->serial().next();
  auto made = make_catalog_zone(name, serial, wanted);
  std::string fault = made ? "" : made.error().what;
  if (std::exchange(faults_[name], fault) != fault && !made)
    world_.log.error("the catalog cannot be made", {{"catalog", print(name)}, {"reason", fault}});
  if (made) keeper.offer(*made);
}

Catalogs::Gauges& Catalogs::gauges(const Name& catalog) {
  auto at = gauges_.find(catalog);
  if (at != gauges_.end()) return at->second;
  MetricLabels labels = {{"catalog", print(catalog)}};
  Gauges made{
      world_.metrics.gauge("zonewright_catalog_members_count", "Zones that the catalog names.", labels),
      world_.metrics.gauge("zonewright_catalog_ignored_members_count",
                           "Zones that a catalog names and that are not kept; the status says why.", labels),
      world_.metrics.gauge("zonewright_catalog_held_ratio",
                           "1 while a version is held back because it removes too many zones.", labels)};
  return gauges_.emplace(catalog, made).first->second;
}

std::vector<CatalogNote> Catalogs::ignored() const {
  std::vector<CatalogNote> out = decision_.ignored;
  out.insert(out.end(), unkept_.begin(), unkept_.end());
  return out;
}

void Catalogs::show(Status& status) const {
  for (const CatalogConfig& config : configured_.config.catalogs) {
    CatalogStatus& shown = status.catalogs.emplace_back();
    const Name& name = shown.origin = config.zone.name;
    shown.followed = config.is_followed();
    auto seen = seen_.find(name);
    if (seen != seen_.end() && seen->second.zone) shown.serial = seen->second.content.serial;
    shown.members = shown.followed
                        ? static_cast<std::size_t>(std::ranges::count_if(
                              members_, [&](const Membership& one) { return one.catalog == name; }))
                    : shown.serial ? seen->second.content.members.size()
                                   : 0;
    for (const CatalogNote& note : decision_.held)
      if (note.catalog == name) shown.fault = note.what;
    if (auto fault = faults_.find(name); fault != faults_.end() && !fault->second.empty())
      shown.fault = fault->second;
    for (const CatalogNote& note : ignored()) {
      if (!(note.catalog == name) || ++shown.ignored > kMostShown) continue;
      shown.notes.push_back({note.zone, note.what});
    }
  }
}

}  // namespace zw::localroot
