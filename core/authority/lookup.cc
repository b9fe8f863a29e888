#include "authority/lookup.h"

namespace zw {
namespace {

// Where each label of a name begins, from the left.
class Labels {
 public:
  explicit Labels(NameView name) : name_(name) {
    for (std::size_t i = 0; name.data()[i] != 0; i += name.data()[i] + 1u)
      starts_[count_++] = static_cast<std::uint8_t>(i);
  }
  std::size_t count() const { return count_; }
  /// The rightmost `labels` labels.
  NameView suffix(std::size_t labels) const {
    if (labels == 0) return {};
    std::size_t start = starts_[count_ - labels];
    return {name_.data() + start, name_.size() - start};
  }

 private:
  NameView name_;
  std::size_t count_ = 0;
  std::uint8_t starts_[kMaxLabels];
};

// Empty non-terminals have no node: the node behind their place lies below them.
bool exists(const NodeTree::Search& search, NameView name) {
  return search.exact || (!search.at.is_end() && (*search.at).relative().is_at_or_below(name));
}

bool has_signatures(const ZoneNode& node) {
  for (std::size_t i = node.rrset_count(); i-- > 0;)
    if (node.rrset(i).type() == RrType::RRSIG) return true;
  return false;
}

Outcome by_type(const ZoneNode& node, RrType type) {
  if (type == RrType::ANY) return Outcome::answer;
  if (type == RrType::RRSIG ? has_signatures(node) : node.has(type)) return Outcome::answer;
  return node.has(RrType::CNAME) ? Outcome::cname : Outcome::nodata;
}

// The name is not there: RFC 1034 §4.3.2, step 3c.
Lookup by_wildcard(const NodeTree& names, NameView encloser, NameView next_closer, NodeTree::Cursor place,
                   RrType type) {
  Lookup found{Outcome::nxdomain, false, {}, encloser, next_closer, place, {}};
  auto wildcard = Name::prepend(as_bytes("*"), encloser);
  if (!wildcard) return found;
  auto search = names.find(*wildcard);
  if (!search.exact) found.wildcard_place = search.at;
  if (!exists(search, *wildcard)) return found;
  found.by_wildcard = true;
  if (!search.exact) return found.outcome = Outcome::nodata, found;
  found.node = *search.at;
  // A delegation or DNAME at a wildcard is not followed (RFC 4592 §4.2, §4.4): their types answer as others
  // do.
  found.outcome = by_type(*found.node, type);
  return found;
}

}  // namespace

Lookup look_up(const NodeTree& names, NameView relative, RrType type) {
  Labels labels(relative);
  ZoneNode apex = *names.begin();
  if (labels.count() == 0) return {by_type(apex, type), false, apex, {}, {}, {}, {}};
  if (apex.has(RrType::DNAME)) return {Outcome::dname, false, apex, {}, {}, {}, {}};
  for (std::size_t depth = 1; depth <= labels.count(); ++depth) {
    NameView name = labels.suffix(depth);
    bool is_last = depth == labels.count();
    auto search = names.find(name);
    if (search.exact) {
      ZoneNode node = *search.at;
      if (node.has(RrType::NS) && !(is_last && type == RrType::DS))
        return search.at.next(), Lookup{Outcome::referral, false, node, {}, {}, search.at, {}};
      if (is_last) return {by_type(node, type), false, node, {}, {}, {}, {}};
      if (node.has(RrType::DNAME)) return {Outcome::dname, false, node, {}, {}, {}, {}};
    } else if (!exists(search, name)) {
      return by_wildcard(names, labels.suffix(depth - 1), name, search.at, type);
    } else if (is_last) {
      return {Outcome::nodata, false, {}, name, name, search.at, {}};
    }
  }
  return {Outcome::nxdomain, false, {}, {}, {}, {}, {}};  // not reached: the last label returned
}

std::optional<ZoneNode> find_cut(const NodeTree& names, NameView relative) {
  Labels labels(relative);
  if (labels.count() > 0 && (*names.begin()).has(RrType::DNAME)) return *names.begin();
  for (std::size_t depth = 1; depth <= labels.count(); ++depth) {
    auto search = names.find(labels.suffix(depth));
    if (!search.exact) continue;
    bool is_last = depth == labels.count();
    if ((*search.at).has(RrType::NS) || (!is_last && (*search.at).has(RrType::DNAME))) return *search.at;
  }
  return std::nullopt;
}

}  // namespace zw
