#include "dnssec/denial_types.h"

#include <fmt/format.h>

#include <algorithm>

namespace zw {
namespace {

// What a bit map has too much and what it lacks.
std::string describe_difference(TypeBitmap map, const std::vector<RrType>& expected) {
  std::string lacking, extra;
  auto add = [](std::string& list, RrType type) {
    if (list.size() > 200) return;  // a map can hold 65,536 types
    if (!list.empty()) list.push_back(' ');
    append_print(list, type);
  };
  for (RrType type : expected)
    if (!map.contains(type)) add(lacking, type);
  for (RrType type : map)
    if (!std::binary_search(expected.begin(), expected.end(), type)) add(extra, type);
  return fmt::format("the bit map lacks [{}] and has [{}] too much", lacking, extra);
}

}  // namespace

void insert_type(std::vector<RrType>& types, RrType type) {
  auto place = std::lower_bound(types.begin(), types.end(), type);
  if (place == types.end() || *place != type) types.insert(place, type);
}

void list_types(ZoneNode node, NodeKind kind, std::vector<RrType>& types) {
  types.clear();
  bool is_signed = kind == NodeKind::authoritative;
  for (std::size_t i = 0; i < node.rrset_count(); ++i) {
    RrType type = node.rrset(i).type();
    if (type == RrType::RRSIG || type == RrType::NSEC) continue;
    if (kind == NodeKind::delegation && type != RrType::NS && type != RrType::DS) continue;
    is_signed |= type == RrType::DS;
    types.push_back(type);  // in order and apart, as only RRSIG comes several times
  }
  if (is_signed) insert_type(types, RrType::RRSIG);
}

void check_bitmap(std::string_view rule, ZoneNode node, NameView owner, RrType type, TypeBitmap map,
                  std::vector<RrType>& expected, Findings& findings) {
  if (same_types(map, expected)) return;
  if (node.relative().is_root() && map.contains(RrType::ZONEMD) && !node.has(RrType::ZONEMD)) {
    findings.add({"zonemd-stripped", Severity::error, owner, RrType::ZONEMD,
                  fmt::format("the {} record says that there is a ZONEMD record, and there is none (RFC 8976 "
                              "section 4)",
                              print(type))});
    insert_type(expected, RrType::ZONEMD);
    if (same_types(map, expected)) return;
  }
  findings.add({rule, Severity::error, owner, type, describe_difference(map, expected)});
}

}  // namespace zw
