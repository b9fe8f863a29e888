// The memory of a zone: pages of up to some dozens of nodes in canonical order. A page is one block that
// never changes after it is made, so pages are shared between versions of a zone and between threads.
//
// In a page, in this order: a prefix of the order key of each node, the rows of RRsets, the place of each
// node's name and of its first row, and a heap of names and RDATA. Offsets count from the heap's start.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

/// A number that orders relative names as their canonical order does, as far as eight octets of the order key
/// reach: a smaller prefix means an earlier name, an equal one that the names must be compared.
std::uint64_t order_prefix(NameView relative);

/// A page is closed when it holds this many nodes, or octets of names and RDATA: small enough that a change
/// copies little, large enough that the table of pages stays small.
constexpr std::size_t kPageNodes = 64;
constexpr std::size_t kPageOctets = 32 << 10;

/// One RRset, or the RRSIGs of one owner that cover one type.
struct RrSetRow {
  RrType type;
  RrType covered;  // for RRSIG, else 0
  std::uint32_t ttl;
  std::uint32_t offset;  // of the first RDATA; each is two octets of length and the octets
  std::uint32_t count;
};

class Page {
 public:
  std::size_t node_count() const { return nodes_; }
  std::size_t row_count() const { return rows_; }
  std::size_t record_count() const { return records_; }
  std::size_t octets() const { return octets_; }
  const std::uint64_t* prefixes() const { return reinterpret_cast<const std::uint64_t*>(this + 1); }
  const RrSetRow* rows() const { return reinterpret_cast<const RrSetRow*>(prefixes() + nodes_); }
  NameView name(std::size_t node) const {
    const std::uint8_t* at = heap() + name_offsets()[node];
    return {at + 1, at[0]};
  }
  std::size_t first_row(std::size_t node) const { return first_rows()[node]; }
  std::size_t end_row(std::size_t node) const { return first_rows()[node + 1]; }
  const std::uint8_t* heap() const {
    return reinterpret_cast<const std::uint8_t*>(first_rows() + nodes_ + 1);
  }
  /// Where the names and RDATA of `node` begin in the heap; for node_count() the end of the heap. Those of
  /// one node stand together, its name first.
  std::size_t heap_offset(std::size_t node) const {
    return node < nodes_ ? name_offsets()[node] : heap_octets();
  }
  std::size_t heap_octets() const {
    return octets_ - static_cast<std::size_t>(heap() - reinterpret_cast<const std::uint8_t*>(this));
  }

 private:
  friend class PageWriter;
  Page() = default;
  const std::uint32_t* name_offsets() const { return reinterpret_cast<const std::uint32_t*>(rows() + rows_); }
  const std::uint32_t* first_rows() const { return name_offsets() + nodes_; }

  std::uint32_t nodes_ = 0;
  std::uint32_t rows_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t octets_ = 0;
};

using PagePtr = std::shared_ptr<const Page>;

/// Gathers nodes in canonical order and makes a page of them. Reusable after `finish`.
class PageWriter {
 public:
  bool is_empty() const { return prefixes_.empty(); }
  std::size_t node_count() const { return prefixes_.size(); }
  std::size_t heap_octets() const { return heap_.size(); }
  /// `relative`: the owner without the zone's origin; later in canonical order than the one before.
  void begin_node(NameView relative);
  void begin_rrset(RrType type, RrType covered, std::uint32_t ttl);
  void add_rdata(Bytes rdata);
  /// Copies the nodes from `first` up to but not with `last` of another page.
  void copy_nodes(const Page& page, std::size_t first, std::size_t last);
  PagePtr finish();

 private:
  std::vector<std::uint64_t> prefixes_;
  std::vector<RrSetRow> rows_;
  std::vector<std::uint32_t> name_offsets_, first_rows_;
  Buffer heap_;
};

}  // namespace zw
