#include "zone/tree_edit.h"

#include <algorithm>

#include "dns/rdata.h"

namespace zw {
namespace {

// A page below both is joined with its neighbour: the half of a halved page is twice as large, so pages do
// not go to and fro.
constexpr std::size_t kSmallNodes = kPageNodes / 4;
constexpr std::size_t kSmallOctets = kPageOctets / 4;

// However much is added in one place, no more than this is gathered before it becomes pages.
constexpr std::size_t kMostGathered = 64 * kPageNodes;
constexpr std::size_t kMostOctets = 64 * kPageOctets;

bool is_small(const PageWriter& writer) {
  return writer.node_count() < kSmallNodes && writer.heap_octets() < kSmallOctets;
}

bool is_large(std::size_t nodes, std::size_t octets) {
  return nodes > kPageNodes || (octets > kPageOctets && nodes > 1);
}

// Half of the nodes, or, where octets are the trouble, of the octets; at least one node on each side.
std::size_t middle_of(const Page& page, std::size_t first, std::size_t last) {
  std::size_t middle = (first + last) / 2;
  if (last - first > kPageNodes) return middle;
  std::size_t half = (page.heap_offset(first) + page.heap_offset(last)) / 2;
  for (middle = first + 1; middle + 1 < last && page.heap_offset(middle) < half;) ++middle;
  return middle;
}

void split(const Page& page, std::size_t first, std::size_t last, std::vector<PagePtr>& out) {
  if (is_large(last - first, page.heap_offset(last) - page.heap_offset(first))) {
    std::size_t middle = middle_of(page, first, last);
    split(page, first, middle, out);
    split(page, middle, last, out);
    return;
  }
  PageWriter writer;
  writer.copy_nodes(page, first, last);
  out.push_back(writer.finish());
}

void copy_set(PageWriter& writer, const RrSetView& set) {
  writer.begin_rrset(set.type(), set.covered(), set.ttl());
  for (Bytes rdata : set.rdatas()) writer.add_rdata(rdata);
}

std::pair<RrType, RrType> key(const Edit& edit) { return {edit.record.type, edit.record.covered}; }
std::pair<RrType, RrType> key(const RrSetView& set) { return {set.type(), set.covered()}; }

std::strong_ordering compare(const Edit& edit, const Page& page, std::size_t node) {
  std::uint64_t prefix = page.prefixes()[node];
  return edit.prefix != prefix ? edit.prefix <=> prefix : edit.record.owner <=> page.name(node);
}

}  // namespace

void TreeEditor::close_pages(std::vector<PagePtr>& pages) {
  if (writer_.is_empty()) return;
  PagePtr page = writer_.finish();
  if (is_large(page->node_count(), page->heap_octets()))
    split(*page, 0, page->node_count(), pages);
  else
    pages.push_back(std::move(page));
}

bool TreeEditor::refuse(const Edit& edit) {
  bool passes =
      strictness_ == Strictness::lenient || (strictness_ == Strictness::exact_removals && edit.adds);
  if (passes) return true;
  refused_ = &edit;
  return false;
}

// One RRset, merged in the order of RDATA.
bool TreeEditor::write_set(const RrSetView* old, Edits edits, NameView owner, bool& begun) {
  RrType type = edits.front().record.type;
  std::uint32_t ttl = ~std::uint32_t{0};
  kept_.clear();
  RdataRange::Iterator at, end;
  if (old) at = old->rdatas().begin();
  for (std::size_t i = 0; i < edits.size() || at != end;) {
    auto order = at == end           ? std::strong_ordering::greater
                 : i == edits.size() ? std::strong_ordering::less
                                     : compare_rdata(type, *at, edits[i].record.rdata);
    if (order < 0) {
      kept_.push_back(*at++);
      ttl = std::min(ttl, old->ttl());
      continue;
    }
    const Edit& edit = edits[i++];
    bool is_there = order == 0;
    if (is_there != edit.adds) {  // both as they should be
      if (is_there) {
        ++at;
        continue;
      }
      bool twice = !kept_.empty() && compare_rdata(type, kept_.back(), edit.record.rdata) == 0;
      if (twice && !refuse(edit)) return false;
      if (!twice) kept_.push_back(edit.record.rdata);
      ttl = std::min(ttl, edit.record.ttl);
    } else if (!refuse(edit)) {
      return false;
    }
  }
  if (kept_.empty()) return true;
  if (!begun) writer_.begin_node(owner);
  begun = true;
  writer_.begin_rrset(type, edits.front().record.covered, ttl);
  for (Bytes rdata : kept_) writer_.add_rdata(rdata);
  return true;
}

bool TreeEditor::write_node(NameView owner, const ZoneNode* old, Edits edits) {
  std::size_t sets = old ? old->rrset_count() : 0;
  bool begun = false;
  for (std::size_t i = 0; i < sets || !edits.empty();) {
    bool untouched = i < sets && (edits.empty() || key(old->rrset(i)) < key(edits.front()));
    if (untouched) {
      if (!begun) writer_.begin_node(owner);
      begun = true;
      copy_set(writer_, old->rrset(i++));
      continue;
    }
    std::size_t count = 1;
    while (count < edits.size() && key(edits[count]) == key(edits.front())) ++count;
    std::optional<RrSetView> set;
    if (i < sets && key(old->rrset(i)) == key(edits.front())) set = old->rrset(i++);
    if (!write_set(set ? &*set : nullptr, edits.first(count), owner, begun)) return false;
    edits = edits.subspan(count);
  }
  return true;
}

// The edits at the front of `edits` that have the owner of `first`.
TreeEditor::Edits TreeEditor::take_edits_of(const Edit& first, Edits& edits) const {
  std::size_t count = 1;
  while (count < edits.size() && edits[count].prefix == first.prefix &&
         edits[count].record.owner == first.record.owner)
    ++count;
  Edits taken = edits.first(count);
  edits = edits.subspan(count);
  return taken;
}

bool TreeEditor::rewrite_page(const Page& page, Edits edits, std::vector<PagePtr>& pages) {
  std::size_t node = 0;
  while (!edits.empty()) {
    const Edit& first = edits.front();
    std::size_t from = node;
    auto order = std::strong_ordering::less;  // of the edit against the node
    while (node < page.node_count() && (order = compare(first, page, node)) > 0) ++node;
    writer_.copy_nodes(page, from, node);
    bool exists = node < page.node_count() && order == 0;
    ZoneNode old(&page, node);
    NameView owner = exists ? page.name(node) : first.record.owner;
    if (!write_node(owner, exists ? &old : nullptr, take_edits_of(first, edits))) return false;
    if (exists) ++node;
    if (writer_.node_count() >= kMostGathered || writer_.heap_octets() >= kMostOctets) close_pages(pages);
  }
  writer_.copy_nodes(page, node, page.node_count());
  return true;
}

TreeEditor::Edits TreeEditor::take_edits_before(std::size_t page) {
  std::size_t count = edits_.size();
  if (page < tree_.pages().size()) {
    const Page& next = *tree_.pages()[page];
    auto behind = std::partition_point(edits_.begin(), edits_.end(),
                                       [&](const Edit& edit) { return compare(edit, next, 0) < 0; });
    count = static_cast<std::size_t>(behind - edits_.begin());
  }
  Edits taken = edits_.first(count);
  edits_ = edits_.subspan(count);
  return taken;
}

// The last page is small: it is joined with the one in front, be that old or just made.
void TreeEditor::join_left(NodeTree::Replacement& replacement) {
  bool touches = !replacements_.empty() && replacements_.back().last == replacement.first;
  if (replacement.pages.empty() && touches) {
    std::size_t last = replacement.last;
    replacement = std::move(replacements_.back());
    replacement.last = last;
    replacements_.pop_back();
  }
  PagePtr left;
  if (!replacement.pages.empty()) {
    left = std::move(replacement.pages.back());
    replacement.pages.pop_back();
  } else if (replacement.first > 0) {
    left = tree_.pages()[--replacement.first];
  } else {
    return;  // there is none
  }
  PagePtr right = writer_.finish();
  writer_.copy_nodes(*left, 0, left->node_count());
  writer_.copy_nodes(*right, 0, right->node_count());
}

bool TreeEditor::replace_pages() {
  std::size_t page = tree_.page_for(edits_.front().record.owner);
  NodeTree::Replacement replacement{page, page, {}};
  if (tree_.is_empty()) {
    PagePtr empty = PageWriter().finish();
    if (!rewrite_page(*empty, take_edits_before(0), replacement.pages)) return false;
  }
  for (; page < tree_.pages().size() && (page == replacement.first || is_small(writer_)); ++page) {
    if (!rewrite_page(*tree_.pages()[page], take_edits_before(page + 1), replacement.pages)) return false;
    replacement.last = page + 1;
  }
  if (is_small(writer_)) join_left(replacement);
  close_pages(replacement.pages);
  replacements_.push_back(std::move(replacement));
  return true;
}

std::optional<NodeTree> TreeEditor::edit() {
  while (!edits_.empty())
    if (!replace_pages()) return std::nullopt;
  return tree_.with(std::move(replacements_));
}

}  // namespace zw
