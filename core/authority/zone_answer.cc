#include "authority/zone_answer.h"

#include <algorithm>

namespace zw {
namespace {

NameView name_in(Bytes rdata) { return {rdata.data(), rdata.size()}; }

}  // namespace

ZoneAnswer::Filled ZoneAnswer::fill(MessageWriter& writer, const ServedZone& served,
                                    const QuestionView& question, bool dnssec) {
  writer_ = &writer;
  served_ = &served;
  zone_ = &served.zone();
  question_ = question;
  dnssec_ = dnssec;
  links_ = 0;
  proof_.clear();
  dnames_.clear();
  filled_ = {};
  MessageWriter::Mark empty = writer.mark();
  begin_name(question.name, end_of_question(question.name.size()));
  if (!follow() && filled_.fill == Fill::whole) filled_.fill = Fill::too_long;
  if (filled_.fill == Fill::too_long || filled_.fill == Fill::unprovable) writer.rollback(empty);
  return filled_;
}

void ZoneAnswer::begin_name(NameView name, OwnerRef owner) {
  chain_[links_] = name_ = name;
  owner_ = owner;
  relative_ = *relative(name, relative_buffer_);
}

bool ZoneAnswer::follow() {
  for (bool more = true; more;) {
    more = false;
    Lookup found = look_up(zone_->names(), relative_, question_.type);
    if (dnssec_ && !prove(*served_, relative_, found, proof_)) return filled_.fill = Fill::unprovable, false;
    note_subject(found);
    switch (found.outcome) {
      case Outcome::answer: return answer(found);
      case Outcome::referral: filled_.authoritative = links_ > 0; return refer(found);
      case Outcome::nxdomain: filled_.rcode = Rcode::NXDOMAIN; return deny();
      case Outcome::nodata: return deny();
      case Outcome::cname:
        if (!follow_cname(found, more)) return false;
        break;
      case Outcome::dname:
        if (!follow_dname(found, more)) return false;
        break;
    }
  }
  return put_proof();  // of wildcards on the way, when the chain leaves the zone
}

// Of the last name of a chain. A chain that leaves the zone has the type that leads out, whatever is asked
// for.
void ZoneAnswer::note_subject(const Lookup& found) {
  ResponseSubject& subject = filled_.subject;
  subject = {ResponseKind::answer, {}, served_->origin(), {}};
  switch (found.outcome) {
    case Outcome::answer: subject.type = question_.type; break;
    case Outcome::cname: subject.type = RrType::CNAME; break;
    case Outcome::dname: subject.type = RrType::DNAME; break;
    case Outcome::referral: subject.kind = ResponseKind::referral; break;
    case Outcome::nodata:
    case Outcome::nxdomain: subject.kind = ResponseKind::denial; return;
  }
  subject.node = found.node->relative();
}

bool ZoneAnswer::answer(const Lookup& found) {
  const RrType type = question_.type;
  if (type == RrType::ANY || type == RrType::RRSIG) return answer_any(*found.node) && put_proof();
  RrSetView set = *found.node->find(type);
  if (type == RrType::DNAME && !found.by_wildcard && !dnames_.add(*found.node))
    return put_proof();  // on the way
  if (type == RrType::NS) {
    // A resolver that asks for the servers of the zone, as when it primes (RFC 9609 §4.2), needs their
    // addresses.
    if (!put_servers(Section::answer, owner_, set) ||
        !put_signatures(Section::answer, owner_, *found.node, type, kAnyTtl) || !put_proof())
      return false;
    add_addresses(set, std::nullopt, zone_->names().begin());
    return true;
  }
  std::uint32_t most_ttl = type == RrType::NSEC ? served_->negative_ttl() : kAnyTtl;  // RFC 9077 §3
  return put(Section::answer, owner_, *found.node, set, most_ttl) && put_proof();
}

// One RRset that is there stands for all (RFC 8482 §4.1); for RRSIG, the signatures of one RRset (§4.4).
bool ZoneAnswer::answer_any(const ZoneNode& node) {
  for (std::size_t i = 0; i < node.rrset_count(); ++i) {
    RrSetView set = node.rrset(i);
    bool is_signatures = set.type() == RrType::RRSIG;
    if (question_.type == RrType::RRSIG ? is_signatures : !is_signatures)
      return put(Section::answer, owner_, node, set);
  }
  return true;
}

bool ZoneAnswer::follow_cname(const Lookup& found, bool& more) {
  auto set = found.node->find(RrType::CNAME);
  Bytes target = set->rdatas().front();
  OwnerRef owner = owner_;
  if (!writer_->record(Section::answer, owner_, RrType::CNAME, zone_->rr_class(), set->ttl(), target))
    return false;
  OwnerRef next(writer_->last_target(), name_in(target));
  if (!put_signatures(Section::answer, owner, *found.node, RrType::CNAME, kAnyTtl)) return false;
  if (!goes_on(name_in(target))) return true;
  ++links_;
  begin_name(name_in(target), next);
  return more = true;
}

// RFC 6672 §3.
bool ZoneAnswer::follow_dname(const Lookup& found, bool& more) {
  auto set = found.node->find(RrType::DNAME);
  if (dnames_.add(*found.node) && !put(Section::answer, owner_of(*found.node), *found.node, *set))
    return false;
  NameView target = name_in(set->rdatas().front());
  // The labels in front of the DNAME's owner, closed by a root label, are the prefix to put in front of the
  // target.
  std::size_t front = relative_.size() - found.node->relative().size();
  std::uint8_t prefix[kMaxNameOctets];
  std::memcpy(prefix, name_.data(), front);
  prefix[front] = 0;
  auto made = Name::join(NameView(prefix, front + 1), target);
  if (!made) return filled_.rcode = Rcode::YXDOMAIN, true;
  made_[links_] = *made;
  NameView next = made_[links_];
  if (!writer_->record(Section::answer, owner_, RrType::CNAME, zone_->rr_class(), set->ttl(), next.wire()))
    return false;
  if (question_.type == RrType::CNAME || question_.type == RrType::ANY || !goes_on(next)) return true;
  ++links_;
  begin_name(next, OwnerRef(writer_->last_target(), next));
  return more = true;
}

bool ZoneAnswer::goes_on(NameView target) const {
  if (links_ == kMostLinks || !target.is_at_or_below(zone_->origin())) return false;
  return std::find(chain_.begin(), chain_.begin() + static_cast<std::ptrdiff_t>(links_) + 1, target) ==
         chain_.begin() + static_cast<std::ptrdiff_t>(links_) + 1;
}

// RFC 2308 §3: the SOA with the time that the negative answer may be kept.
bool ZoneAnswer::deny() {
  return put(Section::authority, end_of_question(zone_->origin().size()), zone_->apex(), zone_->soa(),
             served_->negative_ttl()) &&
         put_proof();
}

bool ZoneAnswer::refer(const Lookup& found) {
  ZoneNode cut = *found.node;
  RrSetView servers = *cut.find(RrType::NS);
  OwnerRef owner = owner_of(cut);
  if (!put_servers(Section::authority, owner, servers)) return false;
  if (dnssec_ && served_->denial() != Denial::none)  // in an unsigned zone DS says nothing (RFC 4035 §3.1.4)
    if (auto ds = cut.find(RrType::DS); ds && !put(Section::authority, owner, cut, *ds)) return false;
  if (!put_proof()) return false;
  add_addresses(servers, cut.relative(), *found.place);
  return true;
}

bool ZoneAnswer::put_proof() {
  for (std::size_t i = 0; i < proof_.size(); ++i) {
    ZoneNode node = proof_[i];
    auto set = node.find(served_->denial() == Denial::nsec ? RrType::NSEC : RrType::NSEC3);
    if (!put(Section::authority, owner_of(node), node, *set, served_->negative_ttl())) return false;
  }
  return true;
}

bool ZoneAnswer::put(Section section, const OwnerRef& owner, const ZoneNode& node, const RrSetView& set,
                     std::uint32_t most_ttl) {
  MessageWriter::Mark before = writer_->mark();
  std::uint32_t ttl = std::min(set.ttl(), most_ttl);
  if (writer_->rrset(section, owner, set.type(), zone_->rr_class(), ttl, set.rdatas()) &&
      put_signatures(section, OwnerRef(writer_->last_owner(), owner.name), node, set.type(), most_ttl))
    return true;
  return writer_->rollback(before), false;
}

bool ZoneAnswer::put_signatures(Section section, const OwnerRef& owner, const ZoneNode& node, RrType covered,
                                std::uint32_t most_ttl) {
  if (!dnssec_ || covered == RrType::RRSIG) return true;
  auto set = node.find_signatures(covered);
  return !set || writer_->rrset(section, owner, RrType::RRSIG, zone_->rr_class(),
                                std::min(set->ttl(), most_ttl), set->rdatas());
}

bool ZoneAnswer::put_servers(Section section, const OwnerRef& owner, const RrSetView& set) {
  std::size_t i = 0;
  for (Bytes rdata : set.rdatas()) {
    if (!writer_->record(section, owner, RrType::NS, zone_->rr_class(), set.ttl(), rdata)) return false;
    if (i < targets_.size()) targets_[i++] = writer_->last_target();
  }
  return true;
}

// At a `cut` first the servers at or below it, whose addresses must be there; then the others, as far as
// there is room. `near`: where the first address is likely to be.
void ZoneAnswer::add_addresses(const RrSetView& set, std::optional<NameView> cut, NodeTree::Cursor near) {
  for (bool required : {true, false}) {
    std::size_t i = 0;
    for (Bytes rdata : set.rdatas()) {
      OwnerRef owner(i < targets_.size() ? targets_[i] : PlacedName{}, name_in(rdata));
      ++i;
      auto target = relative(name_in(rdata), buffer_);
      if (!target || (cut && target->is_at_or_below(*cut)) != required) continue;
      if (add_addresses_of(*target, owner, near)) continue;
      if (!required) return;
      filled_.fill = Fill::short_of_glue;
    }
  }
}

// Names of servers often follow one another in the zone, and glue its cut: one step is tried before a search.
bool ZoneAnswer::add_addresses_of(NameView target, const OwnerRef& owner, NodeTree::Cursor& near) {
  if (near.is_end() || (*near).relative() != target) {
    auto search = zone_->names().find(target);
    near = search.at;
    if (!search.exact) return true;
  }
  ZoneNode node = *near;
  near.next();
  for (RrType type : {RrType::A, RrType::AAAA})
    if (auto set = node.find(type); set && !put(Section::additional, owner, node, *set)) return false;
  return true;
}

// The question's name ends with this name of so many octets: with the origin, or with an ancestor.
OwnerRef ZoneAnswer::end_of_question(std::size_t octets) const {
  if (octets == 1) return NameView{};
  return PlacedName{static_cast<std::uint16_t>(kQuestionAt + question_.name.size() - octets)};
}

OwnerRef ZoneAnswer::owner_of(const ZoneNode& node) {
  NameView relative = node.relative();
  if (links_ == 0 && relative_.is_at_or_below(relative))
    return end_of_question(relative.size() + zone_->origin().size() - 1);
  buffer_ = zone_->owner(node);
  return buffer_;
}

std::optional<NameView> ZoneAnswer::relative(NameView name, Name& buffer) const {
  if (zone_->origin().is_root()) return name;
  auto relative = zone_->relative(name);
  if (!relative) return std::nullopt;
  return (buffer = *relative).view();
}

}  // namespace zw
