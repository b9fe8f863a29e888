// One version of a zone, immutable, in canonical order (RFC 4034 §6.1). Share it as ZonePtr; any number of
// threads may read it. A change makes a new Zone that shares all pages that did not change (changeset.h).
//
// A name is found by binary search over the prefixes of the order key, so one structure answers "is it
// there", "what stands before it" (NSEC) and "what is its closest encloser". Empty non-terminals have no
// node: a name is one if the node behind its place lies below it. NSEC3 records live in a tree of their own,
// since their owner names are no names of the zone (RFC 5155 §7.2.8).
//
// Owner names are kept relative: without the zone's origin, closed by the root label. Views (ZoneNode,
// RrSetView, Cursor) look into the Zone and must not outlive it.
#pragma once

#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include "base/serial.h"
#include "zone/page.h"

namespace zw {

/// The RDATA of an RRset, each as octets in wire format, in canonical order (RFC 4034 §6.3).
class RdataRange {
 public:
  class Iterator {
   public:
    using value_type = Bytes;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(const std::uint8_t* at, std::uint32_t left) : at_(at), left_(left) {}
    Bytes operator*() const { return {at_ + 2, get16(at_)}; }
    Iterator& operator++() {
      at_ += 2u + get16(at_);
      --left_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const Iterator& other) const { return left_ == other.left_; }

   private:
    const std::uint8_t* at_ = nullptr;
    std::uint32_t left_ = 0;
  };
  RdataRange(const std::uint8_t* first, std::uint32_t count) : first_(first), count_(count) {}
  Iterator begin() const { return Iterator(first_, count_); }
  Iterator end() const { return Iterator(nullptr, 0); }
  std::size_t size() const { return count_; }
  /// The first RDATA; there is always one.
  Bytes front() const { return *begin(); }

 private:
  const std::uint8_t* first_;
  std::uint32_t count_;
};

/// One RRset without its owner. RRSIGs come as one set for each type that they cover.
class RrSetView {
 public:
  RrSetView(const RrSetRow* row, const std::uint8_t* heap) : row_(row), heap_(heap) {}
  RrType type() const { return row_->type; }
  RrType covered() const { return row_->covered; }
  std::uint32_t ttl() const { return row_->ttl; }
  std::size_t size() const { return row_->count; }
  RdataRange rdatas() const { return {heap_ + row_->offset, row_->count}; }

 private:
  const RrSetRow* row_;
  const std::uint8_t* heap_;
};

/// An owner name with its RRsets, in order of type (and of the type that RRSIGs cover).
class ZoneNode {
 public:
  ZoneNode(const Page* page, std::size_t index) : page_(page), index_(static_cast<std::uint32_t>(index)) {}
  NameView relative() const { return page_->name(index_); }
  std::size_t rrset_count() const { return page_->end_row(index_) - page_->first_row(index_); }
  RrSetView rrset(std::size_t i) const {
    return {page_->rows() + page_->first_row(index_) + i, page_->heap()};
  }
  /// Not for RRSIG: ask for the signatures of a type.
  std::optional<RrSetView> find(RrType type) const { return find(type, RrType{}); }
  std::optional<RrSetView> find_signatures(RrType covered) const { return find(RrType::RRSIG, covered); }
  bool has(RrType type) const { return find(type).has_value(); }
  friend bool operator==(const ZoneNode&, const ZoneNode&) = default;

 private:
  std::optional<RrSetView> find(RrType type, RrType covered) const;
  const Page* page_;
  std::uint32_t index_;
};

/// Sorted nodes in pages.
class NodeTree {
 public:
  /// A place in the tree. `is_end()` is one past the last node.
  class Cursor {
   public:
    Cursor(const NodeTree* tree, std::size_t page, std::size_t node)
        : tree_(tree), page_(page), node_(node) {}
    bool is_end() const { return page_ == tree_->pages_.size(); }
    bool is_first() const { return page_ == 0 && node_ == 0; }
    ZoneNode operator*() const { return {tree_->pages_[page_].get(), node_}; }
    void next();
    void back();
    std::size_t page() const { return page_; }
    friend bool operator==(const Cursor& a, const Cursor& b) {
      return a.page_ == b.page_ && a.node_ == b.node_;
    }

   private:
    const NodeTree* tree_;
    std::size_t page_, node_;
  };
  struct Search {
    Cursor at;   // the first node that is not before the name
    bool exact;  // `at` is the name itself
  };

  /// A run of pages, `first` up to but not with `last`, and what stands in its place.
  struct Replacement {
    std::size_t first, last;
    std::vector<PagePtr> pages;
  };
  struct Totals {
    std::size_t nodes = 0, rrsets = 0, records = 0, octets = 0;
  };

  NodeTree() = default;
  explicit NodeTree(std::vector<PagePtr> pages);
  /// A tree in which the given runs (ascending, apart) are replaced; the other pages are shared with this
  /// one.
  NodeTree with(std::vector<Replacement> replacements) const;

  Search find(NameView relative) const;
  /// The page where the name stands or would stand; 0 if it is before all nodes or there are none.
  std::size_t page_for(NameView relative) const;
  Cursor begin() const { return {this, 0, 0}; }
  Cursor end() const { return {this, pages_.size(), 0}; }
  bool is_empty() const { return pages_.empty(); }
  std::size_t node_count() const { return totals_.nodes; }
  const Totals& totals() const { return totals_; }
  /// Pages split work over cores: each holds the nodes between two places of the order.
  const std::vector<PagePtr>& pages() const { return pages_; }

 private:
  void add(PagePtr page);
  void count(const Page& page, bool more);
  // The last page whose first node is not behind the name; pages_.size() if there is none.
  std::size_t page_of(std::uint64_t key, NameView relative) const;

  std::vector<PagePtr> pages_;
  std::vector<std::uint64_t> first_prefixes_;
  Totals totals_;
};

/// `absolute` without `origin`, closed by the root label; absent if it is not at or below it.
std::optional<Name> relative_to(NameView absolute, NameView origin);

class Zone {
 public:
  /// `names` holds the apex with exactly one SOA; ZoneBuilder and apply() see to that.
  Zone(const Name& origin, RrClass rr_class, NodeTree names, NodeTree nsec3);

  NameView origin() const { return origin_; }
  RrClass rr_class() const { return class_; }
  const NodeTree& names() const { return names_; }
  const NodeTree& nsec3() const { return nsec3_; }
  ZoneNode apex() const { return *names_.begin(); }
  RrSetView soa() const { return *apex().find(RrType::SOA); }
  Serial serial() const;
  /// The five numbers at the end of the SOA RDATA.
  struct SoaTimes {
    std::uint32_t serial, refresh, retry, expire, minimum;
  };
  SoaTimes soa_times() const;

  std::size_t record_count() const { return names_.totals().records + nsec3_.totals().records; }
  std::size_t rrset_count() const { return names_.totals().rrsets + nsec3_.totals().rrsets; }
  std::size_t node_count() const { return names_.node_count() + nsec3_.node_count(); }
  /// Octets of memory that this version holds, shared pages included.
  std::size_t memory() const;

  /// The owner's whole name. (A relative name with its origin always fits: it came in as one name.)
  Name owner(NameView relative) const { return *Name::join(relative, origin_); }
  Name owner(ZoneNode node) const { return owner(node.relative()); }
  /// The name without the origin; absent if it is not at or below the apex.
  std::optional<Name> relative(NameView absolute) const { return relative_to(absolute, origin_); }

  /// Calls `visit(NameView relative, RrSetView)` for each RRset of both trees in canonical order: by owner,
  /// type, and for RRSIG by the type covered. This is the order of RFC 8976 §3.3.
  template <typename Visit>
  void visit_rrsets(Visit&& visit) const;

 private:
  Name origin_;
  RrClass class_;
  NodeTree names_, nsec3_;
};

using ZonePtr = std::shared_ptr<const Zone>;

template <typename Visit>
void Zone::visit_rrsets(Visit&& visit) const {
  auto whole = [&](const ZoneNode& node) {
    for (std::size_t i = 0; i < node.rrset_count(); ++i) visit(node.relative(), node.rrset(i));
  };
  auto key = [](const RrSetView& set) { return std::pair(set.type(), set.covered()); };
  auto a = names_.begin(), b = nsec3_.begin();
  while (!a.is_end() || !b.is_end()) {
    if (b.is_end()) {
      whole(*a), a.next();
      continue;
    }
    if (a.is_end()) {
      whole(*b), b.next();
      continue;
    }
    ZoneNode x = *a, y = *b;
    auto order = x.relative() <=> y.relative();
    if (order < 0) {
      whole(x), a.next();
    } else if (order > 0) {
      whole(y), b.next();
    } else {  // a name that has both: one list of RRsets, by type
      std::size_t i = 0, j = 0;
      while (i < x.rrset_count() || j < y.rrset_count()) {
        bool first = j == y.rrset_count() || (i < x.rrset_count() && key(x.rrset(i)) < key(y.rrset(j)));
        visit(x.relative(), first ? x.rrset(i++) : y.rrset(j++));
      }
      a.next(), b.next();
    }
  }
}

}  // namespace zw
