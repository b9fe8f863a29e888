#include "dns/rdata.h"
#include "zone/changeset.h"

namespace zw {
namespace {

struct NodePlace {
  const NodeTree* tree;
  std::size_t page = 0, node = 0;

  bool is_end() const { return page == tree->pages().size(); }
  const Page* in() const { return tree->pages()[page].get(); }
  ZoneNode operator*() const { return {in(), node}; }
  std::uint64_t prefix() const { return in()->prefixes()[node]; }
  void next() {
    if (++node == in()->node_count()) next_page();
  }
  void next_page() {
    ++page;
    node = 0;
  }
};

std::strong_ordering compare(const NodePlace& a, const NodePlace& b) {
  if (a.prefix() != b.prefix()) return a.prefix() <=> b.prefix();
  return (*a).relative() <=> (*b).relative();
}

void take_set(RecordList& list, NameView owner, const RrSetView& set) {
  for (Bytes rdata : set.rdatas()) list.add(owner, set.type(), set.ttl(), rdata);
}

void take_node(RecordList& list, const ZoneNode& node) {
  for (std::size_t i = 0; i < node.rrset_count(); ++i) take_set(list, node.relative(), node.rrset(i));
}

bool same_octets(const RrSetView& a, const RrSetView& b) {
  if (a.size() != b.size()) return false;
  auto y = b.rdatas().begin();
  for (Bytes x : a.rdatas())
    if (!same_bytes(x, *y++)) return false;
  return true;
}

auto key(const RrSetView& set) { return std::pair(set.type(), set.covered()); }

class Difference {
 public:
  explicit Difference(Changeset& changes) : changes_(changes) {}

  void trees(const NodeTree& a, const NodeTree& b) {
    NodePlace x{&a}, y{&b};
    while (!x.is_end() && !y.is_end()) {
      if (x.node == 0 && y.node == 0 && x.in() == y.in()) {
        x.next_page(), y.next_page();
        continue;
      }
      auto order = compare(x, y);
      if (order == 0) nodes(*x, *y);
      if (order < 0) take_node(changes_.removed, *x);
      if (order > 0) take_node(changes_.added, *y);
      if (order <= 0) x.next();
      if (order >= 0) y.next();
    }
    for (; !x.is_end(); x.next()) take_node(changes_.removed, *x);
    for (; !y.is_end(); y.next()) take_node(changes_.added, *y);
  }

 private:
  void nodes(const ZoneNode& a, const ZoneNode& b) {
    std::size_t i = 0, j = 0;
    while (i < a.rrset_count() || j < b.rrset_count()) {
      bool no_a = i == a.rrset_count(), no_b = j == b.rrset_count();
      if (no_b || (!no_a && key(a.rrset(i)) < key(b.rrset(j)))) {
        take_set(changes_.removed, a.relative(), a.rrset(i++));
      } else if (no_a || key(b.rrset(j)) < key(a.rrset(i))) {
        take_set(changes_.added, b.relative(), b.rrset(j++));
      } else {
        sets(a.relative(), a.rrset(i++), b.relative(), b.rrset(j++));
      }
    }
  }

  void sets(NameView a_owner, const RrSetView& a, NameView b_owner, const RrSetView& b) {
    if (a.type() == RrType::SOA && a_owner.is_root()) return;  // in the lists already
    if (a.ttl() != b.ttl()) {
      take_set(changes_.removed, a_owner, a);
      take_set(changes_.added, b_owner, b);
      return;
    }
    if (same_octets(a, b)) return;
    auto x = a.rdatas().begin(), y = b.rdatas().begin(), x_end = a.rdatas().end(), y_end = b.rdatas().end();
    while (x != x_end || y != y_end) {
      auto order = x == x_end   ? std::strong_ordering::greater
                   : y == y_end ? std::strong_ordering::less
                                : compare_rdata(a.type(), *x, *y);
      if (order < 0) changes_.removed.add(a_owner, a.type(), a.ttl(), *x);
      if (order > 0) changes_.added.add(b_owner, b.type(), b.ttl(), *y);
      if (order <= 0) ++x;
      if (order >= 0) ++y;
    }
  }

  Changeset& changes_;
};

}  // namespace

Result<Changeset> diff(const Zone& a, const Zone& b) {
  if (a.origin() != b.origin() || a.rr_class() != b.rr_class())
    return fail(ErrorKind::conflict, "{} of class {} and {} of class {} are not two versions of one zone",
                print(a.origin()), print(a.rr_class()), print(b.origin()), print(b.rr_class()));
  Changeset changes(a.origin(), a.rr_class());
  changes.from = a.serial();
  changes.to = b.serial();
  take_set(changes.removed, a.apex().relative(), a.soa());
  take_set(changes.added, b.apex().relative(), b.soa());
  Difference difference(changes);
  difference.trees(a.names(), b.names());
  difference.trees(a.nsec3(), b.nsec3());
  changes.sort();
  return changes;
}

}  // namespace zw
