#include "localroot/catalog_config.h"

#include <fmt/format.h>

#include <algorithm>

namespace zw::localroot {
namespace {

Settings<MemberConfig> member_settings() {
  Settings<MemberConfig> table;
  table.row(
      "group", &MemberConfig::group, maybe(text_type("a text", 255)),
      "Only for members of this group; the first table that fits a member says how it is kept, those for a "
      "group before those for all.");
  table.part(&MemberConfig::zone, member_zone_settings());
  return table;
}

void check_catalog(const CatalogConfig& catalog, const Toml& from, Complaints& complaints) {
  if (!catalog.is_followed() && !catalog.members.empty())
    complaints.add(place_of(from, "member"), "only a catalog with a primary has members to say how to keep");
  if (!catalog.is_followed()) return;
  if (!catalog.zones.empty())
    complaints.add(place_of(from, "zones"), "a catalog with a primary has its zones from there");
  if (catalog.members.empty())
    complaints.add(from.at(), "say in [[catalog.member]] how its zones are kept: it has a primary");
  for (const MemberConfig& member : catalog.members) {
    if (!member.zone.primaries.empty()) continue;  // they were looked at with the member
    ZoneConfig zone = member.zone;
    zone.primaries = catalog.zone.primaries;
    zone.require_zonemd = true;  // complained of there too
    check_agreement(zone, from, complaints);
  }
  for (const PrimaryConfig& primary : catalog.zone.primaries)
    if (!primary.key && !primary.uses_tls() && !catalog.accept_clear_text)
      complaints.add(
          place_of(from, "primary"),
          fmt::format("primary {}: a catalog carries no signatures, so whoever can forge an answer would "
                      "decide which zones are kept: give a key, tls-name or tls-pin, or say "
                      "accept-clear-text = true",
                      primary.address.print()));
}

}  // namespace

Settings<CatalogConfig> catalog_settings() {
  Settings<CatalogConfig> table;
  table.part(&CatalogConfig::zone, catalog_zone_settings());
  table.row("zones", &CatalogConfig::zones, list_of(name_type(), 10000),
            "Of a catalog that we make: the zones that are its members; if left out, all that we keep.");
  table.row("most-members", &CatalogConfig::most_members, number_type<std::size_t>(1, 1'000'000),
            "A version with more members is refused.");
  table.row("most-removed", &CatalogConfig::most_removed, number_type<unsigned>(0, 100),
            "How many percent of its members a version of a catalog that we follow may remove or reset at "
            "once; one "
            "that removes more, and more than three, is held back until this is raised or another comes.");
  table.row("accept-clear-text", &CatalogConfig::accept_clear_text, flag_type(),
            "Whether a catalog is followed that comes neither signed by a key nor over TLS.");
  table.tables(
      "member", &CatalogConfig::members, member_settings(), 1000,
      "How members of a catalog that we follow are kept: as zones are; without a primary of their own, from "
      "the catalog's.");
  table.check(check_catalog);
  return table;
}

void check_catalogs(const Config& config, const Toml& from, Complaints& complaints) {
  auto complain = [&](const std::string& what) { complaints.add(place_of(from, "catalog"), what); };
  for (std::size_t i = 0; i < config.catalogs.size(); ++i) {
    const CatalogConfig& catalog = config.catalogs[i];
    auto same = [&](const Name& name) { return name == catalog.zone.name; };
    for (const ZoneConfig& zone : config.zones)
      if (same(zone.name))
        complain(fmt::format("catalog {} is a [[zone]] too: give it a name of its own", print(zone.name)));
    for (std::size_t j = 0; j < i; ++j)
      if (same(config.catalogs[j].zone.name))
        complain(fmt::format("catalog {} stands twice", print(catalog.zone.name)));
    for (const Name& zone : catalog.zones)
      if (std::none_of(config.zones.begin(), config.zones.end(),
                       [&](const ZoneConfig& one) { return one.name == zone; }))
        complain(fmt::format("catalog {}: there is no [[zone]] {}", print(catalog.zone.name), print(zone)));
  }
}

Result<ZoneConfig> member_zone(const CatalogConfig& catalog, NameView name,
                               const std::vector<std::string>& groups) {
  auto fits = [&](const MemberConfig& member) {
    return member.group && std::find(groups.begin(), groups.end(), *member.group) != groups.end();
  };
  auto at = std::find_if(catalog.members.begin(), catalog.members.end(), fits);
  if (at == catalog.members.end())
    at = std::find_if(catalog.members.begin(), catalog.members.end(),
                      [](const MemberConfig& member) { return !member.group; });
  if (at == catalog.members.end())
    return fail(ErrorKind::not_found,
                "no [[catalog.member]] is for {}: add one without group, or for one of its groups",
                print(name));
  ZoneConfig out = at->zone;
  out.name = name;
  out.catalog_groups = groups;
  if (out.primaries.empty()) out.primaries = catalog.zone.primaries;
  return out;
}

}  // namespace zw::localroot
