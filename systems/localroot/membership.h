// Which zones are kept because of catalogs, and of which one each is (RFC 9432 §5). Pure.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "zone/catalog.h"

namespace zw::localroot {

/// A zone that is kept because a catalog names it.
struct Membership {
  Name zone, catalog;
  std::string id;                   // the label that it has there
  std::vector<std::string> groups;  // there
  bool operator==(const Membership&) const = default;
};

/// A catalog that is followed, as it is now.
struct FollowedCatalog {
  Name origin;
  const Catalog* content;      // null: there is none for now, and its members stay as they are
  unsigned most_removed = 50;  // percent
};

struct CatalogNote {
  Name catalog, zone;
  std::string what;  // a sentence
};

struct MembershipDecision {
  std::vector<Membership> members;   // in canonical order of their zones
  std::set<Name> forgotten;          // whose state goes; those that are members too begin anew (§5.4)
  std::vector<CatalogNote> ignored;  // members that are not kept, and why (§5.2)
  std::vector<CatalogNote> held;     // catalogs that would remove too many members; `zone` is unused
  std::vector<CatalogNote> moved;    // from the catalog in `what` to this one (§4.4.1)
};

/// A version that removes no more members than these is never held back.
constexpr std::size_t kAlwaysRemoved = 3;

/// `before`: in canonical order of their zones. `taken`: names that the configuration gives to zones and
/// catalogs. A zone stays with the catalog that it has; to another one it moves only if the one that it has
/// says so, and from a catalog that is configured no more it goes with its state left as it is.
MembershipDecision decide_members(std::span<const Membership> before,
                                  std::span<const FollowedCatalog> catalogs, const std::set<Name>& taken);

/// For a file: one JSON object, with zones whose state still has to go.
std::string print_memberships(std::span<const Membership> members, const std::set<Name>& forgotten);
struct StoredMemberships {
  std::vector<Membership> members;
  std::set<Name> forgotten;
};
/// Fails with `malformed` for anything that print_memberships() did not write.
Result<StoredMemberships> parse_memberships(std::string_view text);

}  // namespace zw::localroot
