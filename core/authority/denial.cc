#include "authority/denial.h"

namespace zw {
namespace {

using Cursor = NodeTree::Cursor;
using Search = NodeTree::Search;

// Denial with NSEC (RFC 4035 §3.1.3).
class NsecProver {
 public:
  NsecProver(const ServedZone& served, NodeSet& proof) : names_(served.zone().names()), proof_(proof) {}

  void prove(const Lookup& found) {
    if (found.outcome == Outcome::dname) return;
    if (found.outcome == Outcome::referral) {
      if (!found.node->has(RrType::DS)) match(*found.node);
      return;
    }
    if (found.place) cover(*found.place);
    if (found.outcome == Outcome::nodata && found.node) match(*found.node);
    if (found.wildcard_place) cover(*found.wildcard_place);
  }

 private:
  void match(ZoneNode node) {
    if (node.has(RrType::NSEC)) proof_.add(node);
  }
  // The last name before the place that has an NSEC. One without lies below a cut: the cut's is the one then.
  void cover(Cursor place) {
    place.back();  // the apex is before every place
    ZoneNode before = *place;
    if (!before.has(RrType::NSEC)) {
      auto cut = find_cut(names_, before.relative());
      if (!cut) return;
      before = *cut;
    }
    match(before);
  }

  const NodeTree& names_;
  NodeSet& proof_;
};

// Denial with NSEC3 (RFC 5155 §7.2).
class Nsec3Prover {
 public:
  Nsec3Prover(const ServedZone& served, NodeSet& proof) : served_(served), proof_(proof) {}

  bool prove(NameView relative, const Lookup& found) {
    switch (found.outcome) {
      case Outcome::answer:
      case Outcome::cname: return !found.by_wildcard || cover(find(found.next_closer));  // §7.2.6
      case Outcome::dname: return true;
      case Outcome::referral: return found.node->has(RrType::DS) || no_ds(found.node->relative());  // §7.2.7
      case Outcome::nxdomain:                                                                       // §7.2.2
        return closest_encloser(found.closest_encloser, found.next_closer) &&
               cover_wildcard(found.closest_encloser);
      case Outcome::nodata: break;
    }
    if (!found.by_wildcard) return no_ds(relative);  // §7.2.3, §7.2.4
    return closest_encloser(found.closest_encloser, found.next_closer) &&
           match_wildcard(found.closest_encloser);  // §7.2.5
  }

 private:
  // The record that matches the name; or, in a span of opt-out that leaves the name out, the closest encloser
  // that has one, and the span.
  bool no_ds(NameView name) {
    Search place = find(name);
    return match(place) || closest_encloser(name.parent(), place);
  }

  bool closest_encloser(NameView encloser, NameView next_closer) {
    return closest_encloser(encloser, find(next_closer));
  }
  // §7.2.1, with the closest *provable* encloser: names that stand only in a span of opt-out have no record.
  bool closest_encloser(NameView encloser, Search next_closer) {
    for (Search place = find(encloser); !match(place); place = find(encloser)) {
      if (encloser.is_root()) return true;  // not even the apex has one: the chain is not whole
      next_closer = place;
      encloser = encloser.parent();
    }
    encloser_ = encloser;
    return cover(next_closer);
  }
  // Below another name than the closest encloser a wildcard may exist, and does no harm.
  bool cover_wildcard(NameView closest_encloser) {
    auto wildcard = Name::prepend(as_bytes("*"), encloser_);
    return cover(find(*wildcard)) || encloser_ != closest_encloser;
  }
  // A wildcard that is an empty non-terminal above unsigned delegations may stand in a span of opt-out; so
  // may its parent, and the span is then in the proof already.
  bool match_wildcard(NameView closest_encloser) {
    auto wildcard = Name::prepend(as_bytes("*"), closest_encloser);
    Search place = find(*wildcard);
    return match(place) || encloser_ != closest_encloser || cover(place);
  }

  bool match(const Search& place) {
    if (!place.exact || !is_of_chain(*place.at)) return false;
    proof_.add(*place.at);
    return true;
  }
  // False if a record matches the name, which should be covered.
  bool cover(const Search& place) {
    if (place.exact && is_of_chain(*place.at)) return false;
    Cursor at = place.at;
    for (int steps = 0; steps < kMostSteps; ++steps) {
      if (at.is_first()) at = served_.zone().nsec3().end();
      at.back();
      if (is_of_chain(*at)) return proof_.add(*at), true;
    }
    return true;
  }

  Search find(NameView relative) const { return served_.nsec3_place(relative); }
  bool is_of_chain(ZoneNode node) const {
    auto set = node.find(RrType::NSEC3);
    if (!set) return false;
    auto record = Nsec3View::parse(set->rdatas().front());
    return record && record->parameters() == served_.nsec3_parameters();
  }

  // While one chain replaces another, both stand in the tree, mixed by their hashes. So many nodes of the
  // other one side by side have no chance.
  static constexpr int kMostSteps = 256;

  const ServedZone& served_;
  NodeSet& proof_;
  NameView encloser_;
};

}  // namespace

bool NodeSet::add(ZoneNode node) {
  for (std::size_t i = 0; i < count_; ++i)
    if (*nodes_[i] == node) return false;
  ZW_ASSERT(count_ < kMost);
  nodes_[count_++] = node;
  return true;
}

bool prove(const ServedZone& served, NameView relative, const Lookup& found, NodeSet& proof) {
  switch (served.denial()) {
    case Denial::none: return true;
    case Denial::nsec: NsecProver(served, proof).prove(found); return true;
    case Denial::nsec3: return Nsec3Prover(served, proof).prove(relative, found);
  }
  return true;
}

}  // namespace zw
