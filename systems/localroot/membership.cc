#include "localroot/membership.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "format/json.h"

namespace zw::localroot {
namespace {

class Decider {
 public:
  Decider(std::span<const Membership> before, std::span<const FollowedCatalog> catalogs,
          const std::set<Name>& taken)
      : catalogs_(catalogs.begin(), catalogs.end()), taken_(taken) {
    for (const Membership& one : before) before_.emplace(one.zone, &one);
  }

  MembershipDecision decide() {
    hold_back();
    for (const auto& [zone, membership] : before_) stay_or_go(*membership);
    for (const FollowedCatalog& catalog : catalogs_)
      if (catalog.content)
        for (const CatalogMember& member : catalog.content->members) come(catalog, member);
    for (auto& [zone, membership] : members_) out_.members.push_back(std::move(membership));
    return std::move(out_);
  }

 private:
  const FollowedCatalog* find(const Name& catalog) const {
    auto at = std::find_if(catalogs_.begin(), catalogs_.end(),
                           [&](const FollowedCatalog& one) { return one.origin == catalog; });
    return at != catalogs_.end() ? &*at : nullptr;
  }

  // A slip of who writes a catalog must not cost a fleet all its zones.
  void hold_back() {
    for (FollowedCatalog& catalog : catalogs_) {
      if (!catalog.content) continue;
      std::size_t had = 0, lost = 0;
      for (const auto& [zone, membership] : before_) {
        if (!(membership->catalog == catalog.origin)) continue;
        ++had;
        const CatalogMember* now = catalog.content->find(zone);
        lost += !now || now->id != membership->id;
      }
      if (lost <= kAlwaysRemoved || lost * 100 <= had * catalog.most_removed) continue;
      out_.held.push_back(
          {catalog.origin,
           {},
           fmt::format(
               "serial {} removes or resets {} of {} members, and most-removed is {} percent: raise it if "
               "that is wanted",
               catalog.content->serial.value(), lost, had, catalog.most_removed)});
      catalog.content = nullptr;
    }
  }

  void stay_or_go(const Membership& member) {
    const FollowedCatalog* catalog = find(member.catalog);
    if (!catalog || taken_.contains(member.zone)) return;  // what is configured otherwise keeps its state
    const CatalogMember* now = catalog->content ? catalog->content->find(member.zone) : nullptr;
    if (catalog->content && !now) {
      out_.forgotten.insert(member.zone);
    } else if (now && now->id != member.id) {
      out_.forgotten.insert(member.zone);
      keep(*catalog, *now);
    } else {
      members_.emplace(member.zone, member);
      if (now) members_[member.zone].groups = now->groups;
    }
  }

  void come(const FollowedCatalog& catalog, const CatalogMember& member) {
    if (taken_.contains(member.zone))
      return ignore(catalog, member, "it stands in the configuration, which comes first");
    auto kept = members_.find(member.zone);
    if (kept == members_.end()) return keep(catalog, member);
    Name owner = kept->second.catalog;
    if (owner == catalog.origin) return;
    const FollowedCatalog* old = find(owner);
    const CatalogMember* there = old && old->content ? old->content->find(member.zone) : nullptr;
    if (!there || there->moves_to != catalog.origin)
      return ignore(catalog, member,
                    fmt::format("it is a member of {} already, which does not say that it moves here (coo)",
                                print(owner)));
    if (member.moves_to == owner)
      return ignore(
          catalog, member,
          fmt::format("this catalog and {} say that it moves from each to the other (coo)", print(owner)));
    if (!moved_.insert(member.zone).second) return;  // one step at a time
    // With the same id it takes its state along (RFC 9432 §4.4.1).
    if (before_.contains(member.zone) && kept->second.id != member.id) out_.forgotten.insert(member.zone);
    out_.moved.push_back({catalog.origin, member.zone, print(owner)});
    keep(catalog, member);
  }

  void keep(const FollowedCatalog& catalog, const CatalogMember& member) {
    members_[member.zone] = {member.zone, catalog.origin, member.id, member.groups};
  }
  void ignore(const FollowedCatalog& catalog, const CatalogMember& member, std::string why) {
    out_.ignored.push_back({catalog.origin, member.zone, std::move(why)});
  }

  std::vector<FollowedCatalog> catalogs_;
  const std::set<Name>& taken_;
  std::map<Name, const Membership*> before_;
  std::map<Name, Membership> members_;
  std::set<Name> moved_;
  MembershipDecision out_;
};

Result<Name> name_of(const Json* json) {
  auto text = json ? json->text() : std::nullopt;
  if (!text) return fail(ErrorKind::malformed, "expected the name of a zone");
  return Name::parse(*text);
}

// Ids and groups are octets of any kind.
Result<std::string> octets_of(const Json* json) {
  auto text = json ? json->text() : std::nullopt;
  Buffer octets;
  if (!text || !decode_base16(*text, octets)) return fail(ErrorKind::malformed, "expected base 16");
  return std::string(as_text(octets));
}

Result<Membership> parse_membership(const Json& json) {
  Membership out;
  ZW_TRY(out.zone, name_of(json.find("zone")));
  ZW_TRY(out.catalog, name_of(json.find("catalog")));
  ZW_TRY(out.id, octets_of(json.find("id")));
  const Json* groups = json.find("groups");
  if (!groups || !groups->is_array()) return fail(ErrorKind::malformed, "expected groups");
  for (const Json& group : groups->items()) {
    ZW_TRY(std::string text, octets_of(&group));
    out.groups.push_back(std::move(text));
  }
  return out;
}

}  // namespace

MembershipDecision decide_members(std::span<const Membership> before,
                                  std::span<const FollowedCatalog> catalogs, const std::set<Name>& taken) {
  return Decider(before, catalogs, taken).decide();
}

std::string print_memberships(std::span<const Membership> members, const std::set<Name>& forgotten) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("members").begin_array();
  for (const Membership& one : members) {
    json.begin_object()
        .member("zone", print(one.zone))
        .member("catalog", print(one.catalog))
        .member("id", base16(as_bytes(one.id)));
    json.key("groups").begin_array();
    for (const std::string& group : one.groups) json.value(base16(as_bytes(group)));
    json.end_array().end_object();
  }
  json.end_array().key("forgotten").begin_array();
  for (const Name& zone : forgotten) json.value(print(zone));
  json.end_array().end_object();
  out += '\n';
  return out;
}

Result<StoredMemberships> parse_memberships(std::string_view text) {
  ZW_TRY(Json json, parse_json(text, {std::size_t{1} << 30, 8}));
  const Json *members = json.find("members"), *forgotten = json.find("forgotten");
  if (!members || !members->is_array() || !forgotten || !forgotten->is_array())
    return fail(ErrorKind::malformed, "expected members and forgotten zones");
  StoredMemberships out;
  for (const Json& one : members->items()) {
    ZW_TRY(Membership member, parse_membership(one));
    if (!out.members.empty() && !(out.members.back().zone < member.zone))
      return fail(ErrorKind::malformed, "{} is not in its place", print(member.zone));
    out.members.push_back(std::move(member));
  }
  for (const Json& one : forgotten->items()) {
    ZW_TRY(Name zone, name_of(&one));
    out.forgotten.insert(zone);
  }
  return out;
}

}  // namespace zw::localroot
