#include "transfer/notifier_index.h"

#include <algorithm>

#include "dns/cookie.h"

namespace zw {

std::size_t NotifierIndex::scale(Bytes octets) const {
  __extension__ using Wide = unsigned __int128;
  std::uint64_t hash = get64(siphash24(secret_, octets).data());
  return static_cast<std::size_t>(static_cast<Wide>(hash) * table_.size() >> 64);
}

std::size_t NotifierIndex::home_of(const IpAddress& ip) const { return scale(ip.mapped()); }

std::size_t NotifierIndex::home_of(const Address& address) const {
  std::array<std::uint8_t, 18> octets{};
  std::copy(address.ip.mapped().begin(), address.ip.mapped().end(), octets.begin());
  set16(octets.data() + 16, address.port);
  return scale(octets);
}

std::size_t NotifierIndex::home_of(std::uint32_t i) const {
  return entries_[i].first ? home_of(entries_[i].ip) : home_of(address(i));
}

std::uint32_t NotifierIndex::first_at(const IpAddress& ip) const {
  for (std::size_t at = home_of(ip); table_[at] != kNobody; at = after(at)) {
    const Entry& entry = entries_[table_[at]];
    if (entry.first && entry.ip == ip) return table_[at];
  }
  return kNobody;
}

void NotifierIndex::put(std::uint32_t i) {
  std::size_t at = home_of(i);
  while (table_[at] != kNobody) at = after(at);
  table_[at] = i;
}

// Who stands behind the gap because a place was taken moves into it, so that nobody is looked for in vain.
void NotifierIndex::take_out(std::uint32_t i) {
  std::size_t gap = home_of(i);
  while (table_[gap] != i) gap = after(gap);
  for (std::size_t at = after(gap); table_[at] != kNobody; at = after(at)) {
    if (steps(home_of(table_[at]), at) < steps(gap, at)) continue;
    table_[gap] = table_[at];
    gap = at;
  }
  table_[gap] = kNobody;
}

void NotifierIndex::rebuild(std::size_t size) {
  table_.assign(size, kNobody);
  table_.shrink_to_fit();
  for (std::uint32_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].next != kNobody) put(i);
}

void NotifierIndex::reserve(std::size_t targets) {
  entries_.reserve(targets);
  std::size_t size = targets + targets / 2 + 2;
  if (size > table_.size()) rebuild(size);
}

void NotifierIndex::add(std::uint32_t i, const Address& address) {
  if (i >= entries_.size()) entries_.resize(i + 1);
  if (2 * table_.size() < 3 * ++used_) rebuild(table_.size() + table_.size() / 4 + 2);
  Entry& entry = entries_[i];
  std::uint32_t first = first_at(address.ip);
  entry = {address.ip, address.port, first == kNobody, i, i};
  if (first != kNobody) {
    entry.next = first;
    entry.previous = std::exchange(entries_[first].previous, i);
    entries_[entry.previous].next = i;
  }
  put(i);
}

void NotifierIndex::remove(std::uint32_t i) {
  take_out(i);
  --used_;
  const Entry entry = std::exchange(entries_[i], {});
  if (entry.next == i) return;
  entries_[entry.next].previous = entry.previous;
  entries_[entry.previous].next = entry.next;
  if (!entry.first) return;
  take_out(entry.next);
  entries_[entry.next].first = true;
  put(entry.next);
}

}  // namespace zw
