#include "zone/zone.h"

#include <algorithm>

namespace zw {

std::optional<RrSetView> ZoneNode::find(RrType type, RrType covered) const {
  const RrSetRow* row = page_->rows() + page_->first_row(index_);
  const RrSetRow* end = page_->rows() + page_->end_row(index_);
  for (; row != end; ++row)
    if (row->type == type && (row->covered == covered || type != RrType::RRSIG))
      return RrSetView(row, page_->heap());
  return std::nullopt;
}

void NodeTree::Cursor::next() {
  if (++node_ < tree_->pages_[page_]->node_count()) return;
  ++page_;
  node_ = 0;
}

void NodeTree::Cursor::back() {
  if (node_ == 0) node_ = tree_->pages_[--page_]->node_count();
  --node_;
}

NodeTree::NodeTree(std::vector<PagePtr> pages) {
  pages_.reserve(pages.size());
  first_prefixes_.reserve(pages.size());
  for (PagePtr& page : pages) add(std::move(page));
}

void NodeTree::add(PagePtr page) {
  count(*page, true);
  first_prefixes_.push_back(page->prefixes()[0]);
  pages_.push_back(std::move(page));
}

void NodeTree::count(const Page& page, bool more) {
  std::size_t sign = more ? 1 : ~std::size_t{0};  // modulo 2^64
  // The block, malloc's header, the shared_ptr's control block, and the two entries here.
  std::size_t octets = page.octets() + 16 + 32 + sizeof(PagePtr) + sizeof(std::uint64_t);
  totals_.nodes += sign * page.node_count();
  totals_.rrsets += sign * page.row_count();
  totals_.records += sign * page.record_count();
  totals_.octets += sign * octets;
}

NodeTree NodeTree::with(std::vector<Replacement> replacements) const {
  NodeTree out;
  out.pages_.reserve(pages_.size() + replacements.size());
  out.first_prefixes_.reserve(pages_.size() + replacements.size());
  out.totals_ = totals_;
  std::size_t at = 0;
  auto keep_up_to = [&](std::size_t end) {
    auto from = static_cast<std::ptrdiff_t>(at), to = static_cast<std::ptrdiff_t>(end);
    out.pages_.insert(out.pages_.end(), pages_.begin() + from, pages_.begin() + to);
    out.first_prefixes_.insert(out.first_prefixes_.end(), first_prefixes_.begin() + from,
                               first_prefixes_.begin() + to);
  };
  for (Replacement& replacement : replacements) {
    keep_up_to(replacement.first);
    for (std::size_t p = replacement.first; p < replacement.last; ++p) out.count(*pages_[p], false);
    for (PagePtr& page : replacement.pages) out.add(std::move(page));
    at = replacement.last;
  }
  keep_up_to(pages_.size());
  return out;
}

std::size_t NodeTree::page_of(std::uint64_t key, NameView relative) const {
  std::size_t low = 0, high = pages_.size();  // the first page whose first node is behind the name
  while (low < high) {
    std::size_t middle = (low + high) / 2;
    bool behind =
        first_prefixes_[middle] != key ? first_prefixes_[middle] > key : pages_[middle]->name(0) > relative;
    (behind ? high : low) = behind ? middle : middle + 1;
  }
  return low == 0 ? pages_.size() : low - 1;
}

std::size_t NodeTree::page_for(NameView relative) const {
  std::size_t page = page_of(order_prefix(relative), relative);
  return page == pages_.size() ? 0 : page;
}

NodeTree::Search NodeTree::find(NameView relative) const {
  std::uint64_t key = order_prefix(relative);
  std::size_t page = page_of(key, relative);
  if (page == pages_.size()) return {begin(), false};
  const Page& in = *pages_[page];
  std::size_t low = 0, high = in.node_count();  // the first node that is not before the name
  while (low < high) {
    std::size_t middle = (low + high) / 2;
    std::uint64_t prefix = in.prefixes()[middle];
    bool before = prefix != key ? prefix < key : in.name(middle) < relative;
    (before ? low : high) = before ? middle + 1 : middle;
  }
  if (low == in.node_count()) return {{this, page + 1, 0}, false};
  return {{this, page, low}, in.prefixes()[low] == key && in.name(low) == relative};
}

Zone::Zone(const Name& origin, RrClass rr_class, NodeTree names, NodeTree nsec3)
    : origin_(origin), class_(rr_class), names_(std::move(names)), nsec3_(std::move(nsec3)) {}

std::size_t Zone::memory() const { return sizeof(Zone) + names_.totals().octets + nsec3_.totals().octets; }

Zone::SoaTimes Zone::soa_times() const {
  Bytes rdata = soa().rdatas().front();
  const std::uint8_t* numbers = rdata.data() + rdata.size() - 20;
  return {get32(numbers), get32(numbers + 4), get32(numbers + 8), get32(numbers + 12), get32(numbers + 16)};
}

Serial Zone::serial() const { return Serial(soa_times().serial); }

std::optional<Name> relative_to(NameView absolute, NameView origin) {
  if (!absolute.is_at_or_below(origin)) return std::nullopt;
  std::uint8_t wire[kMaxNameOctets];
  std::size_t front = absolute.size() - origin.size();
  std::memcpy(wire, absolute.data(), front);
  wire[front] = 0;
  return Name(NameView(wire, front + 1));
}

}  // namespace zw
