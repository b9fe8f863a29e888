#include <algorithm>

#include "dns/rdata.h"
#include "zone/changeset.h"
#include "zone/tree_edit.h"

namespace zw {

bool Changeset::note(RecordList& list, NameView origin, NameView owner, RrType type, std::uint32_t ttl,
                     Bytes rdata) {
  auto relative = relative_to(owner, origin);
  if (relative) list.add(*relative, type, ttl, rdata);
  return relative.has_value();
}

namespace {

bool is_before(const Edit& a, const Edit& b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  if (auto order = a.record.owner <=> b.record.owner; order != 0) return order < 0;
  if (a.record.type != b.record.type) return a.record.type < b.record.type;
  if (a.record.covered != b.record.covered) return a.record.covered < b.record.covered;
  auto order = compare_rdata(a.record.type, a.record.rdata, b.record.rdata);
  return order != 0 ? order < 0 : a.adds < b.adds;
}

struct Edits {
  std::vector<Edit> names, nsec3;

  explicit Edits(const Changeset& changes) {
    take(changes.removed, false);
    take(changes.added, true);
    std::sort(names.begin(), names.end(), is_before);
    std::sort(nsec3.begin(), nsec3.end(), is_before);
  }
  void take(const RecordList& list, bool adds) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      ZoneRecord record = list[i];
      (record.is_nsec3() ? nsec3 : names).push_back({record, list.prefix(i), adds});
    }
  }
};

Result<void> check_start(const Zone& zone, const Changeset& changes) {
  if (zone.origin() != changes.origin.view() || zone.rr_class() != changes.rr_class)
    return fail(ErrorKind::conflict, "zone {} of class {}: the changes are for {} of class {}",
                print(zone.origin()), print(zone.rr_class()), print(changes.origin), print(changes.rr_class));
  if (zone.serial() != changes.from)
    return fail(ErrorKind::conflict, "zone {}: the changes are from serial {}, but it has {}",
                print(zone.origin()), changes.from.value(), zone.serial().value());
  for (const ZoneRecord& record : changes.added)
    if (is_meta_type(record.type))
      return fail(ErrorKind::malformed, "zone {}: {} of {} cannot stand in a zone", print(zone.origin()),
                  print(record.type), print(zone.owner(record.owner)));
  return {};
}

Result<NodeTree> edit(const Zone& zone, const NodeTree& tree, const std::vector<Edit>& edits,
                      Strictness strictness) {
  if (edits.empty()) return tree;
  TreeEditor editor(tree, edits, strictness);
  if (auto edited = editor.edit()) return std::move(*edited);
  const Edit& edit = editor.refused();
  return fail(ErrorKind::conflict, "zone {}: cannot {} {} of {}: the record is {}", print(zone.origin()),
              edit.adds ? "add" : "remove", print(edit.record.type), print(zone.owner(edit.record.owner)),
              edit.adds ? "there already" : "not there");
}

}  // namespace

Result<ZonePtr> apply(const Zone& zone, const Changeset& changes, Strictness strictness) {
  ZW_CHECK(check_start(zone, changes));
  Edits edits(changes);
  ZW_TRY(NodeTree names, edit(zone, zone.names(), edits.names, strictness));
  ZW_TRY(NodeTree nsec3, edit(zone, zone.nsec3(), edits.nsec3, strictness));
  bool apex = !names.is_empty() && (*names.begin()).relative().is_root();
  auto soa = apex ? (*names.begin()).find(RrType::SOA) : std::nullopt;
  if (!soa || soa->size() != 1)
    return fail(ErrorKind::malformed, "zone {}: the changes leave {} SOA records at the apex, expected one",
                print(zone.origin()), soa ? soa->size() : 0);
  auto next =
      std::make_shared<const Zone>(zone.origin(), zone.rr_class(), std::move(names), std::move(nsec3));
  if (next->serial() != changes.to)
    return fail(ErrorKind::malformed, "zone {}: the changes lead to serial {}, expected {}",
                print(zone.origin()), next->serial().value(), changes.to.value());
  return next;
}

}  // namespace zw
