#include "zone/page.h"

#include <cstdlib>
#include <new>

namespace zw {

namespace {

// The prefix of a name of one label, eight octets at once; 0 when an octet of it needs the slow way.
std::uint64_t one_label_prefix(const std::uint8_t* label, std::size_t length) {
  std::uint8_t octets[8] = {};
  std::memcpy(octets, label, length < 8 ? length : 8);
  std::uint64_t key = get64(octets);
  if (length < 8) key |= 0x0202020202020202u >> (length * 8);  // no octet of a label, so not seen as 0 or 1
  constexpr std::uint64_t kOnes = 0x0101010101010101u, kHigh = 0x8080808080808080u;
  if ((key - 2 * kOnes) & ~key & kHigh) return 0;
  std::uint64_t seven = key & ~kHigh;
  std::uint64_t upper = (seven + (0x80 - 'A') * kOnes) & ~(seven + (0x7f - 'Z') * kOnes) & ~key & kHigh;
  key |= upper >> 2;
  return length < 8 ? key & ~(~std::uint64_t{0} >> (length * 8)) : key;
}

}  // namespace

std::uint64_t order_prefix(NameView relative) {
  // The order key: the labels from the right, lower-cased, each closed by 0; octets 0 and 1 inside a label
  // are written as two octets, so that 0 stays the smallest. Its octets compare as the names do.
  const std::uint8_t* wire = relative.data();
  if (relative.size() == wire[0] + 2u)
    if (std::uint64_t key = one_label_prefix(wire + 1, wire[0])) return key;
  std::uint8_t starts[kMaxLabels];
  std::size_t labels = 0;
  for (std::size_t i = 0; wire[i] != 0; i += wire[i] + 1u) starts[labels++] = static_cast<std::uint8_t>(i);
  std::uint64_t key = 0;
  int room = 8;
  auto put = [&](std::uint8_t octet) {
    if (room == 0) return;
    key |= std::uint64_t{octet} << (--room * 8);
  };
  while (labels > 0 && room > 0) {
    const std::uint8_t* label = wire + starts[--labels];
    for (std::size_t i = 1; i <= label[0] && room > 0; ++i) {
      std::uint8_t octet = kLower[label[i]];
      put(octet <= 1 ? std::uint8_t{1} : octet);
      if (octet <= 1) put(static_cast<std::uint8_t>(octet + 1));
    }
    put(0);
  }
  return key;
}

void PageWriter::begin_node(NameView relative) {
  prefixes_.push_back(order_prefix(relative));
  name_offsets_.push_back(static_cast<std::uint32_t>(heap_.size()));
  first_rows_.push_back(static_cast<std::uint32_t>(rows_.size()));
  append8(heap_, static_cast<std::uint8_t>(relative.size()));
  append(heap_, relative.wire());
}

void PageWriter::begin_rrset(RrType type, RrType covered, std::uint32_t ttl) {
  rows_.push_back({type, covered, ttl, static_cast<std::uint32_t>(heap_.size()), 0});
}

void PageWriter::add_rdata(Bytes rdata) {
  append16(heap_, static_cast<std::uint16_t>(rdata.size()));
  append(heap_, rdata);
  ++rows_.back().count;
}

void PageWriter::copy_nodes(const Page& page, std::size_t first, std::size_t last) {
  std::size_t from = page.heap_offset(first), row = page.first_row(first), end_row = page.first_row(last);
  // Unsigned numbers wrap: what is added to an offset in the one heap gives the offset in the other.
  auto shift = static_cast<std::uint32_t>(heap_.size() - from);
  auto row_shift = static_cast<std::uint32_t>(rows_.size() - row);
  prefixes_.insert(prefixes_.end(), page.prefixes() + first, page.prefixes() + last);
  for (std::size_t node = first; node < last; ++node) {
    name_offsets_.push_back(page.name_offsets()[node] + shift);
    first_rows_.push_back(page.first_rows()[node] + row_shift);
  }
  for (; row < end_row; ++row) {
    rows_.push_back(page.rows()[row]);
    rows_.back().offset += shift;
  }
  append(heap_, {page.heap() + from, page.heap() + page.heap_offset(last)});
}

PagePtr PageWriter::finish() {
  first_rows_.push_back(static_cast<std::uint32_t>(rows_.size()));
  std::size_t nodes = prefixes_.size();
  std::size_t octets = sizeof(Page) + nodes * sizeof(std::uint64_t) + rows_.size() * sizeof(RrSetRow) +
                       (2 * nodes + 1) * sizeof(std::uint32_t) + heap_.size();
  void* block = std::malloc(octets);
  if (!block) throw std::bad_alloc();
  Page* page = ::new (block) Page;
  page->nodes_ = static_cast<std::uint32_t>(nodes);
  page->rows_ = static_cast<std::uint32_t>(rows_.size());
  page->octets_ = octets;
  for (const RrSetRow& row : rows_) page->records_ += row.count;
  auto* to = reinterpret_cast<std::uint8_t*>(page + 1);
  auto put = [&to](const auto& list) {
    std::size_t size = list.size() * sizeof(list[0]);
    if (size) std::memcpy(to, list.data(), size);
    to += size;
    const_cast<std::remove_cvref_t<decltype(list)>&>(list).clear();
  };
  put(prefixes_);
  put(rows_);
  put(name_offsets_);
  put(first_rows_);
  put(heap_);
  return {page, [](const Page* p) { std::free(const_cast<Page*>(p)); }};
}

}  // namespace zw
