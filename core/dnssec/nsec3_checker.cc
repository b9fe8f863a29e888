#include "dnssec/nsec3_checker.h"

#include <fmt/format.h>

#include "dnssec/denial_types.h"

namespace zw {
namespace {

bool is_insecure_delegation(ZoneNode node) {
  return !node.relative().is_root() && node.has(RrType::NS) && !node.has(RrType::DS);
}

// Whether nothing but delegations without DS stands below `name`. `at`: the first node below it.
bool leads_to_insecure_only(NameView name, NodeTree::Cursor at) {
  for (; !at.is_end() && (*at).relative().is_at_or_below(name); at = next_visible(at))
    if (!is_insecure_delegation(*at)) return false;
  return true;
}

}  // namespace

template <typename MayLack>
std::optional<Nsec3View> Nsec3Checker::match(const Nsec3Chain& chain, NameView name, MayLack&& may_lack,
                                             Findings& findings) {
  Nsec3Hash hash = nsec3_hash(name, chain.parameters());
  if (const Nsec3Chain::Entry* entry = chain.find(hash)) {
    chain.mark_matched(entry);
    return entry->record();
  }
  auto covering = chain.find_covering(hash)->record();
  bool allowed = may_lack();
  if (allowed && covering.is_opt_out()) return std::nullopt;
  findings.add({"nsec3-missing", Severity::error, name, RrType::NSEC3,
                fmt::format("no NSEC3 record has the hash of this name, {}{} (RFC 5155 section 7.1)",
                            print(nsec3_label(hash)),
                            allowed ? ", and the one that covers it has no opt-out flag" : "")});
  return std::nullopt;
}

void Nsec3Checker::check(NodeTree::Cursor at, NodeKind kind, NameView owner, Findings& findings) {
  if (chains_.empty()) return;
  ZoneNode node = *at;
  check_empty_non_terminals(at, owner, findings);
  list_types(node, kind, types_);
  for (const Nsec3Chain& chain : chains_) {
    if (!chain.is_followed() || chain.entries().empty()) continue;
    auto record = match(chain, owner, [&] { return is_insecure_delegation(node); }, findings);
    if (!record) continue;
    if (node.has(RrType::NSEC)) {
      // Signers differ on whether the other chain is among the types while a zone has both.
      with_nsec_ = types_;
      insert_type(with_nsec_, RrType::RRSIG);
      if (same_types(record->types(), with_nsec_)) continue;
      insert_type(with_nsec_, RrType::NSEC);
      if (same_types(record->types(), with_nsec_)) continue;
    }
    check_bitmap("nsec3-bitmap", node, owner, RrType::NSEC3, record->types(), types_, findings);
  }
}

void Nsec3Checker::check_empty_non_terminals(NodeTree::Cursor at, NameView owner, Findings& findings) {
  if (at.is_first()) return;
  NodeTree::Cursor before = at;
  before.back();
  NameView relative = (*at).relative();
  std::size_t labels = relative.label_count();
  std::size_t origin_labels = owner.label_count() - labels;
  for (std::size_t i = common_labels(relative, (*before).relative()) + 1; i < labels; ++i) {
    NameView name = owner.suffix(origin_labels + i);
    for (const Nsec3Chain& chain : chains_) {
      if (!chain.is_followed() || chain.entries().empty()) continue;
      auto may_lack = [&] { return leads_to_insecure_only(relative.suffix(i), at); };
      auto record = match(chain, name, may_lack, findings);
      if (!record || record->types().is_empty()) continue;
      findings.add(
          {"nsec3-bitmap", Severity::error, name, RrType::NSEC3,
           fmt::format("the name is an empty non-terminal, and the bit map has [{}] (RFC 5155 section 7.1)",
                       print(record->types()))});
    }
  }
}

}  // namespace zw
