// Makes a new NodeTree by editing records of another one. Only the pages that hold an edited node are
// written again; a page that grows too large is halved, and one that gets very small is joined with its
// neighbour.
#pragma once

#include <span>
#include <vector>

#include "zone/changeset.h"

namespace zw {

/// One record to take out or to put in.
struct Edit {
  ZoneRecord record;
  std::uint64_t prefix;  // order_prefix(record.owner)
  bool adds;
};

class TreeEditor {
 public:
  /// `edits`: by owner, type, type covered, RDATA, and a removal before an addition of the same RDATA.
  TreeEditor(const NodeTree& tree, std::span<const Edit> edits, Strictness strictness)
      : tree_(tree), edits_(edits), strictness_(strictness) {}

  /// Absent when an edit does not fit; refused() is then that edit.
  std::optional<NodeTree> edit();
  const Edit& refused() const { return *refused_; }

 private:
  using Edits = std::span<const Edit>;
  bool replace_pages();
  bool rewrite_page(const Page& page, Edits edits, std::vector<PagePtr>& pages);
  bool write_node(NameView owner, const ZoneNode* old, Edits edits);
  bool write_set(const RrSetView* old, Edits edits, NameView owner, bool& begun);
  bool refuse(const Edit& edit);
  Edits take_edits_before(std::size_t page);
  Edits take_edits_of(const Edit& first, Edits& edits) const;
  void join_left(NodeTree::Replacement& replacement);
  void close_pages(std::vector<PagePtr>& pages);

  const NodeTree& tree_;
  std::span<const Edit> edits_;  // what is still to do
  Strictness strictness_;
  const Edit* refused_ = nullptr;
  PageWriter writer_;
  std::vector<NodeTree::Replacement> replacements_;
  std::vector<Bytes> kept_;  // scratch
};

}  // namespace zw
