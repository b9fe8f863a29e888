#include "dnssec/sign.h"

#include <algorithm>
#include <map>
#include <set>

#include "dnssec/denial_types.h"
#include "dnssec/nsec3_maker.h"
#include "dnssec/nsec_checker.h"
#include "dnssec/set_signer.h"
#include "zone/builder.h"
#include "zone/changeset.h"
#include "zone/cuts.h"

namespace zw {
namespace {

constexpr std::size_t kPagesOfTask = 16;

// Each algorithm among the keys signs all, or validators that know only this one fail (RFC 4035 section 2.2).
Result<void> check_keys(const SigningPlan& plan) {
  struct Signs {
    bool keys = false, data = false;
  };
  std::map<DnssecAlgorithm, Signs> algorithms;
  for (const ZoneSigningKey& key : plan.keys) {
    auto record = DnskeyView::parse(key.dnskey);
    if (!record || !record->is_zone_key())
      return fail(ErrorKind::malformed, "a key to sign with is no DNSKEY of a zone (RFC 4034 section 2.1)");
    Signs& signs = algorithms[record->algorithm()];
    signs.keys |= key.use == KeyUse::keys || key.use == KeyUse::both;
    signs.data |= key.use == KeyUse::data || key.use == KeyUse::both;
  }
  if (algorithms.empty()) return fail(ErrorKind::malformed, "there is no key to sign with");
  for (const auto& [algorithm, signs] : algorithms) {
    if (!signs.keys)
      return fail(ErrorKind::malformed, "no key of {} signs the keys; give a KSK or a CSK", print(algorithm));
    if (!signs.data)
      return fail(ErrorKind::malformed, "no key of {} signs the data; give a ZSK or a CSK", print(algorithm));
  }
  return {};
}

Result<void> check_plan(const SigningPlan& plan) {
  ZW_CHECK(check_keys(plan));
  if (WallTime first = plan.expiration - plan.jitter; first <= plan.inception)
    return fail(ErrorKind::malformed, "the first signatures would end at {}, and they begin at {}",
                print_time(first), print_time(plan.inception));
  if (std::set(plan.zonemd.begin(), plan.zonemd.end()).size() != plan.zonemd.size())
    return fail(ErrorKind::malformed, "the same ZONEMD hash is asked for twice (RFC 8976 section 2)");
  if (plan.nsec3 && plan.nsec3->salt.size() > 255)
    return fail(ErrorKind::malformed, "the salt has {} octets, expected at most 255 (RFC 5155 section 3.1.4)",
                plan.nsec3->salt.size());
  return {};
}

Buffer nsec3param_of(const Nsec3Plan& plan) {
  Buffer out = {kNsec3Sha1, 0};
  append16(out, plan.iterations);
  append8(out, static_cast<std::uint8_t>(plan.salt.size()));
  append(out, plan.salt);
  return out;
}

// What signing makes, and what only an earlier one can have made.
bool is_made(NameView relative, RrSetView set) {
  switch (set.type()) {
    case RrType::RRSIG:
    case RrType::NSEC:
    case RrType::NSEC3: return true;
    case RrType::DNSKEY:
    case RrType::NSEC3PARAM:
    case RrType::ZONEMD: return relative.is_root();
    default: return false;
  }
}

/// The zone with the apex that it will have, but without signatures and chain, and with an empty digest.
Result<ZonePtr> prepare(const Zone& zone, const SigningPlan& plan, Serial serial) {
  Changeset changes(zone.origin(), zone.rr_class());
  changes.from = zone.serial();
  changes.to = serial;
  zone.visit_rrsets([&](NameView relative, RrSetView set) {
    if (!is_made(relative, set)) return;
    for (Bytes rdata : set.rdatas()) changes.removed.add(relative, set.type(), set.ttl(), rdata);
  });
  const Name apex;
  Bytes old_soa = zone.soa().rdatas().front();
  changes.removed.add(apex, RrType::SOA, zone.soa().ttl(), old_soa);
  Buffer soa(old_soa.begin(), old_soa.end());
  set32(soa.data() + soa.size() - 20, serial.value());
  changes.added.add(apex, RrType::SOA, zone.soa().ttl(), soa);
  for (const ZoneSigningKey& key : plan.keys)
    changes.added.add(apex, RrType::DNSKEY, plan.dnskey_ttl, key.dnskey);
  // Nobody needs to keep it, and who switches wants it gone (it speaks to other servers of the zone alone).
  if (plan.nsec3) changes.added.add(apex, RrType::NSEC3PARAM, 0, nsec3param_of(*plan.nsec3));
  for (ZonemdHash hash : plan.zonemd) {
    auto algorithm = digest_algorithm(hash);
    if (!algorithm) return fail(ErrorKind::unsupported, "ZONEMD hash {} cannot be computed", print(hash));
    changes.added.add(apex, RrType::ZONEMD, plan.zonemd_ttl,
                      make_zonemd(serial, hash, Buffer(digest_size(*algorithm))));
  }
  changes.sort();
  return apply(zone, changes, Strictness::lenient);
}

/// Signs the names of some pages, with their NSEC records if there are to be any.
class NamesSigner {
 public:
  NamesSigner(const Zone& zone, const SigningPlan& plan)
      : zone_(zone), plan_(plan), signer_(zone, plan), ttl_(denial_ttl(zone)) {}

  Result<std::vector<PagePtr>> sign(std::size_t first, std::size_t last) {
    NodeTree::Cursor at(&zone_.names(), first, 0);
    ZoneCuts cuts(zone_, at);
    for (std::size_t page = first; page < last; ++page) {
      signer_.clear();
      names_.clear();
      for (; !at.is_end() && at.page() == page; at.next()) plan_name(at, cuts.classify(*at));
      ZW_CHECK(signer_.sign());
      for (const Planned& name : names_) write(name);
    }
    close_page(writer_, pages_, true);
    return std::move(pages_);
  }

 private:
  struct Planned {
    ZoneNode node;
    std::optional<MadeSet> nsec;
    std::vector<std::pair<RrType, std::size_t>> signatures;  // by the type covered
  };

  // ZONEMD is signed at the end, when it is known.
  bool is_signed(ZoneNode node, NodeKind kind, RrType type) const {
    if (kind == NodeKind::delegation) return type == RrType::DS;
    return !(type == RrType::ZONEMD && node.relative().is_root() && !plan_.zonemd.empty());
  }
  Buffer nsec_of(NodeTree::Cursor at, NodeKind kind) {
    NodeTree::Cursor next = next_visible(at);
    Name owner = zone_.owner(next.is_end() ? zone_.apex() : *next);
    list_types(*at, kind, types_);
    insert_type(types_, RrType::RRSIG);
    insert_type(types_, RrType::NSEC);
    Buffer out(owner.wire().begin(), owner.wire().end());
    append_type_bitmap(out, types_);
    return out;
  }
  void plan_name(NodeTree::Cursor at, NodeKind kind) {
    ZoneNode node = *at;
    Planned& name = names_.emplace_back(Planned{node, std::nullopt, {}});
    if (kind == NodeKind::occluded) return;
    auto note = [&](RrSetView set) {
      name.signatures.emplace_back(set.type(), signer_.add(node.relative(), set));
    };
    for (std::size_t i = 0; i < node.rrset_count(); ++i)
      if (is_signed(node, kind, node.rrset(i).type())) note(node.rrset(i));
    if (plan_.nsec3) return;
    name.nsec.emplace(RrType::NSEC, ttl_, nsec_of(at, kind));
    note(name.nsec->view());
    std::ranges::sort(name.signatures);
  }
  void copy(RrSetView set) {
    writer_.begin_rrset(set.type(), set.covered(), set.ttl());
    for (Bytes rdata : set.rdatas()) writer_.add_rdata(rdata);
  }
  // In order of type: RRSIG is 46, NSEC 47.
  void write(const Planned& name) {
    writer_.begin_node(name.node.relative());
    std::size_t i = 0;
    for (; i < name.node.rrset_count() && name.node.rrset(i).type() < RrType::RRSIG; ++i)
      copy(name.node.rrset(i));
    for (const auto& [covered, number] : name.signatures) signer_.write(number, writer_);
    if (name.nsec) copy(name.nsec->view());
    for (; i < name.node.rrset_count(); ++i) copy(name.node.rrset(i));
    close_page(writer_, pages_);
  }

  const Zone& zone_;
  const SigningPlan& plan_;
  SetSigner signer_;
  const std::uint32_t ttl_;
  std::vector<Planned> names_;
  std::vector<RrType> types_;
  PageWriter writer_;
  std::vector<PagePtr> pages_;
};

Result<NodeTree> sign_names(const Zone& zone, const SigningPlan& plan, Workers& workers) {
  const std::size_t count = zone.names().pages().size();
  std::vector<Result<std::vector<PagePtr>>> parts((count + kPagesOfTask - 1) / kPagesOfTask);
  workers.run(parts.size(), [&](std::size_t task) {
    parts[task] =
        NamesSigner(zone, plan).sign(task * kPagesOfTask, std::min((task + 1) * kPagesOfTask, count));
  });
  std::vector<PagePtr> pages;
  for (auto& part : parts) {
    if (!part) return std::unexpected(part.error());
    pages.insert(pages.end(), part->begin(), part->end());
  }
  return NodeTree(std::move(pages));
}

/// Puts the digests in their places, and signs them.
Result<ZonePtr> add_digests(const ZonePtr& zone, const SigningPlan& plan) {
  auto changes_at_apex = [&] {
    Changeset changes(zone->origin(), zone->rr_class());
    changes.from = changes.to = zone->serial();
    Bytes soa = zone->soa().rdatas().front();
    changes.removed.add(Name(), RrType::SOA, zone->soa().ttl(), soa);
    changes.added.add(Name(), RrType::SOA, zone->soa().ttl(), soa);
    return changes;
  };
  Changeset digests = changes_at_apex();
  for (Bytes rdata : zone->apex().find(RrType::ZONEMD)->rdatas())
    digests.removed.add(Name(), RrType::ZONEMD, plan.zonemd_ttl, rdata);
  for (ZonemdHash hash : plan.zonemd) {
    ZW_TRY(Digest digest, zone_digest(*zone, hash));
    digests.added.add(Name(), RrType::ZONEMD, plan.zonemd_ttl,
                      make_zonemd(zone->serial(), hash, digest.bytes()));
  }
  digests.sort();
  ZW_TRY(ZonePtr with_digests, apply(*zone, digests));
  SetSigner signer(*with_digests, plan);
  signer.add(Name(), *with_digests->apex().find(RrType::ZONEMD));
  ZW_CHECK(signer.sign());
  Changeset signatures = changes_at_apex();
  for (const Buffer& rdata : signer.rdatas(0))
    signatures.added.add(Name(), RrType::RRSIG, plan.zonemd_ttl, rdata);
  signatures.sort();
  return apply(*with_digests, signatures);
}

}  // namespace

Result<ZonePtr> sign_zone(const Zone& zone, const SigningPlan& plan, Workers& workers) {
  ZW_CHECK(check_plan(plan));
  ZW_TRY(ZonePtr plain, prepare(zone, plan, plan.serial.value_or(zone.serial())));
  ZW_TRY(NodeTree names, sign_names(*plain, plan, workers));
  NodeTree nsec3;
  if (plan.nsec3) {
    ZW_TRY(nsec3, make_nsec3_tree(*plain, plan, workers));
  }
  auto made =
      std::make_shared<const Zone>(plain->origin(), plain->rr_class(), std::move(names), std::move(nsec3));
  if (plan.zonemd.empty()) return made;
  return add_digests(made, plan);
}

}  // namespace zw
