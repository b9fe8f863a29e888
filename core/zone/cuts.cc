#include "zone/cuts.h"

namespace zw {
namespace {

bool is_delegation(ZoneNode node) { return !node.relative().is_root() && node.has(RrType::NS); }

bool is_cut(ZoneNode node) { return is_delegation(node) || node.has(RrType::DNAME); }

}  // namespace

ZoneCuts::ZoneCuts(const Zone& zone, NodeTree::Cursor first) {
  if (first.is_end()) return;
  NameView name = (*first).relative();
  std::size_t labels = name.label_count();
  for (std::size_t i = 0; i < labels; ++i) {
    auto found = zone.names().find(name.suffix(i));
    if (!found.exact || !is_cut(*found.at)) continue;
    cut_ = (*found.at).relative();
    return;
  }
}

NodeKind ZoneCuts::classify(ZoneNode node) {
  NameView name = node.relative();
  if (cut_ && name.size() != cut_->size() && name.is_at_or_below(*cut_)) return NodeKind::occluded;
  cut_.reset();
  if (is_cut(node)) cut_ = name;
  return is_delegation(node) ? NodeKind::delegation : NodeKind::authoritative;
}

NodeTree::Cursor next_visible(NodeTree::Cursor at) {
  ZoneNode node = *at;
  at.next();
  if (!is_cut(node)) return at;
  while (!at.is_end() && (*at).relative().is_at_or_below(node.relative())) at.next();
  return at;
}

}  // namespace zw
