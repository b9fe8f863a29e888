// Catalog zones (RFC 9432): a zone whose records are a list of zones, so that a fleet of name servers learns
// by transfer which zones to keep. Here are the values: reading a catalog from a Zone, writing one, and what
// changed between two. Who keeps which zone is for others to decide.
//
// A catalog that breaks a rule is refused as a whole, and whoever has an older one keeps that (§5.1).
// Properties that are not known here are left aside (§4.3), as are DNSSEC's records and all TTLs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "zone/finding.h"
#include "zone/zone.h"

namespace zw {

struct CatalogMember {
  Name zone;
  std::string id;                   // label of its node: 1 to 63 octets in lower case (§4.2)
  std::vector<std::string> groups;  // in octet order, each once, at most 255 octets (§4.4.2)
  std::optional<Name> moves_to;     // catalog that may take it over: the coo property (§4.4.1)
  bool operator==(const CatalogMember&) const = default;
};

struct Catalog {
  Name origin;
  Serial serial;
  std::vector<CatalogMember> members;  // in canonical order of their zones, each zone and each id once

  /// Null if the zone is no member.
  const CatalogMember* find(NameView zone) const;
};

/// Most groups of one member.
constexpr std::size_t kMostCatalogGroups = 100;

/// The catalog in `zone`; absent if it is broken, and then `findings` has errors that name the records and
/// say what to do. Rules: catalog-class (§4.2), catalog-version-missing, -several and -unknown (§4.3.1),
/// catalog-member-several, catalog-member-twice and catalog-member-malformed (§4.2), catalog-coo-several and
/// catalog-coo-malformed (§4.4.1), and by bounds of ours catalog-too-many-members (`most_members`) and
/// catalog-too-many-groups.
std::optional<Catalog> read_catalog(const Zone& zone, std::size_t most_members, Findings& findings);

/// The catalog zone with these members, NS and SOA being those of RFC 9432 §4.1. `members`: zones and ids
/// differ from one another, no group is empty. Fails with `limit` if a name or group gets too long.
Result<ZonePtr> make_catalog_zone(NameView origin, Serial serial, std::span<const CatalogMember> members);

/// The id that a zone always gets here: 26 letters and digits, a hash. So an id outlives the state of whoever
/// writes the catalog. With another `generation` it is another, and the zone's state is reset.
std::string catalog_id(NameView zone, std::string_view generation = "");

/// From `before` to `after`, members of which are pointed to.
struct CatalogDifference {
  std::vector<const CatalogMember*> added, removed;
  std::vector<const CatalogMember*> reset;    // by another id: to be removed and added (§5.4); of `after`
  std::vector<const CatalogMember*> changed;  // groups or coo alone; of `after`
  bool is_empty() const { return added.empty() && removed.empty() && reset.empty() && changed.empty(); }
};
CatalogDifference compare_catalogs(const Catalog& before, const Catalog& after);

}  // namespace zw
