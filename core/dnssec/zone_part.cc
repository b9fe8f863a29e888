#include "dnssec/zone_part.h"

#include <algorithm>

namespace zw {
namespace {

class PartChecker {
 public:
  explicit PartChecker(const ZoneFacts& facts)
      : facts_(facts),
        zone_(facts.zone),
        signatures_(facts.zone, facts.keys, facts.options),
        nsec_(facts.zone, facts.has_nsec),
        nsec3_(facts.nsec3_chains) {}

  // Before the check of any: what their signatures need is computed together.
  void expect_name(ZoneNode node, NodeKind kind);
  void expect_nsec3(ZoneNode node);
  void compute_expected() { signatures_.compute_expected(); }

  void check_name(NodeTree::Cursor at, NodeKind kind);
  void check_nsec3(ZoneNode node);
  PartResult finish() {
    result_.nsec_records = nsec_.records();
    result_.tally.merge(signatures_.tally());
    return std::move(result_);
  }

 private:
  bool must_be_signed(ZoneNode node, NodeKind kind, RrType type) const;
  void check_placement(ZoneNode node, NodeKind kind, NameView owner, RrType covered);
  void check_signature(ZoneNode node, NameView owner, RrSetView set);
  void count(ZoneNode node, NodeKind kind);
  void tell(std::string_view rule, NameView owner, RrType covered, std::string_view what) {
    result_.findings.add({rule, Severity::error, owner, covered, std::string(what)});
  }

  const ZoneFacts& facts_;
  const Zone& zone_;
  SignatureChecker signatures_;
  NsecChecker nsec_;
  Nsec3Checker nsec3_;
  PartResult result_;
};

// RFC 4035 §2.2: authoritative RRsets. At a delegation these are DS and NSEC.
bool PartChecker::must_be_signed(ZoneNode node, NodeKind kind, RrType type) const {
  if (kind == NodeKind::occluded) return false;
  if (kind == NodeKind::delegation) return type == RrType::DS || type == RrType::NSEC;
  // The keys were checked before all else.
  return !(type == RrType::DNSKEY && node.relative().is_root());
}

void PartChecker::check_placement(ZoneNode node, NodeKind kind, NameView owner, RrType covered) {
  if (covered == RrType::RRSIG)
    tell("signature-over-signature", owner, covered, "signatures are not signed (RFC 4035 section 2.2)");
  else if (kind == NodeKind::occluded || (kind == NodeKind::delegation && covered != RrType::NS &&
                                          covered != RrType::DS && covered != RrType::NSEC))
    tell("signature-over-glue", owner, covered,
         "a signature over data that the zone does not speak for (RFC 4035 section 2.2)");
  else if (kind == NodeKind::delegation && covered == RrType::NS)
    tell("signature-over-delegation", owner, covered,
         "a signature over the NS RRset of a delegation (RFC 4035 section 2.2)");
  else if (!node.has(covered))
    tell("rrsig-without-rrset", owner, covered, "a signature over an RRset that is not there");
}

void PartChecker::check_signature(ZoneNode node, NameView owner, RrSetView set) {
  if (facts_.check_signatures)
    signatures_.check(owner, set, node.find_signatures(set.type()), result_.findings);
}

void PartChecker::count(ZoneNode node, NodeKind kind) {
  if (kind != NodeKind::delegation) return;
  ++(node.has(RrType::DS) ? result_.secure_delegations : result_.insecure_delegations);
}

void PartChecker::expect_name(ZoneNode node, NodeKind kind) {
  if (kind == NodeKind::occluded) return;
  Name owner = lower(zone_.owner(node));
  for (std::size_t i = 0; i < node.rrset_count(); ++i) {
    RrSetView set = node.rrset(i);
    if (set.type() != RrType::RRSIG && must_be_signed(node, kind, set.type()))
      signatures_.expect(owner, set, node.find_signatures(set.type()));
  }
}

void PartChecker::expect_nsec3(ZoneNode node) {
  if (auto set = node.find(RrType::NSEC3))
    signatures_.expect(lower(zone_.owner(node)), *set, node.find_signatures(RrType::NSEC3));
}

void PartChecker::check_name(NodeTree::Cursor at, NodeKind kind) {
  ZoneNode node = *at;
  Name owner = lower(zone_.owner(node));
  count(node, kind);
  for (std::size_t i = 0; i < node.rrset_count(); ++i) {
    RrSetView set = node.rrset(i);
    if (set.type() == RrType::RRSIG)
      check_placement(node, kind, owner, set.covered());
    else if (must_be_signed(node, kind, set.type()))
      check_signature(node, owner, set);
  }
  nsec_.check(at, kind, owner, result_.findings, result_.tally.repeated);
  if (kind != NodeKind::occluded) nsec3_.check(at, kind, owner, result_.findings);
}

void PartChecker::check_nsec3(ZoneNode node) {
  Name owner = lower(zone_.owner(node));
  auto set = node.find(RrType::NSEC3);
  if (!set) {
    tell("rrsig-without-rrset", owner, RrType::NSEC3, "a signature over an RRset that is not there");
    return;
  }
  ++result_.nsec3_records;
  check_denial_ttl(denial_ttl(zone_), owner, *set, result_.tally.repeated);
  check_signature(node, owner, *set);
}

}  // namespace

namespace {

/// Calls `visit(at, kind)` for each name of the pages from `first` up to but not with `last`.
template <typename Visit>
void visit_names(const Zone& zone, std::size_t first, std::size_t last, Visit&& visit) {
  NodeTree::Cursor at(&zone.names(), first, 0);
  ZoneCuts cuts(zone, at);
  for (; !at.is_end() && at.page() < last; at.next()) visit(at, cuts.classify(*at));
}

template <typename Visit>
void visit_nsec3(const Zone& zone, std::size_t first, std::size_t last, Visit&& visit) {
  for (NodeTree::Cursor at(&zone.nsec3(), first, 0); !at.is_end() && at.page() < last; at.next()) visit(*at);
}

bool has_batches(const ZoneFacts& facts) {
  return facts.check_signatures &&
         std::ranges::any_of(facts.keys, [](const ZoneKey& key) { return key.batch.has_value(); });
}

}  // namespace

PartResult check_names(const ZoneFacts& facts, std::size_t first, std::size_t last) {
  PartChecker checker(facts);
  if (has_batches(facts)) {
    visit_names(facts.zone, first, last, [&](auto at, NodeKind kind) { checker.expect_name(*at, kind); });
    checker.compute_expected();
  }
  visit_names(facts.zone, first, last, [&](auto at, NodeKind kind) { checker.check_name(at, kind); });
  return checker.finish();
}

PartResult check_nsec3_records(const ZoneFacts& facts, std::size_t first, std::size_t last) {
  PartChecker checker(facts);
  if (has_batches(facts)) {
    visit_nsec3(facts.zone, first, last, [&](ZoneNode node) { checker.expect_nsec3(node); });
    checker.compute_expected();
  }
  visit_nsec3(facts.zone, first, last, [&](ZoneNode node) { checker.check_nsec3(node); });
  return checker.finish();
}

}  // namespace zw
