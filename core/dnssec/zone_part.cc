#include "dnssec/zone_part.h"

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

PartResult check_names(const ZoneFacts& facts, std::size_t first, std::size_t last) {
  PartChecker checker(facts);
  NodeTree::Cursor at(&facts.zone.names(), first, 0);
  ZoneCuts cuts(facts.zone, at);
  for (; !at.is_end() && at.page() < last; at.next()) checker.check_name(at, cuts.classify(*at));
  return checker.finish();
}

PartResult check_nsec3_records(const ZoneFacts& facts, std::size_t first, std::size_t last) {
  PartChecker checker(facts);
  NodeTree::Cursor at(&facts.zone.nsec3(), first, 0);
  for (; !at.is_end() && at.page() < last; at.next()) checker.check_nsec3(*at);
  return checker.finish();
}

}  // namespace zw
