// What an operator says of catalogs. A part of config.h.
#pragma once

#include "localroot/config.h"

namespace zw::localroot {

/// A row that names a zone.
SettingType<Name> name_type();
/// What catalogs and their members share with zones.
Settings<ZoneConfig> catalog_zone_settings();
Settings<ZoneConfig> member_zone_settings();

/// Complains if not so many of its primaries can agree.
void check_agreement(const ZoneConfig& zone, const Toml& from, Complaints& complaints);

Settings<CatalogConfig> catalog_settings();
/// What of catalogs does not go together.
void check_catalogs(const Config& config, const Toml& from, Complaints& complaints);

/// How this member is kept: by the first table for one of its groups, else by the first for any group, from
/// the catalog's primaries if it has none of its own. Fails with `not_found` if no table fits.
Result<ZoneConfig> member_zone(const CatalogConfig& catalog, NameView name,
                               const std::vector<std::string>& groups);

}  // namespace zw::localroot
