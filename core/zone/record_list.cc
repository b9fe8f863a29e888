#include "zone/record_list.h"

#include <algorithm>

#include "dns/rdata.h"
#include "zone/page.h"

namespace zw {

void RecordList::add(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
  Entry entry{};
  if (!entries_.empty() && same_bytes(this->owner(entries_.back()).wire(), owner.wire())) {
    entry = entries_.back();
  } else {
    entry.prefix = order_prefix(owner);
    entry.owner_at = octets_.size();
    entry.owner_size = static_cast<std::uint8_t>(owner.size());
    append(octets_, owner.wire());
  }
  entry.ttl = ttl;
  entry.type = type;
  entry.covered = covered_type(type, rdata);
  entry.rdata_at = octets_.size();
  entry.rdata_size = static_cast<std::uint16_t>(rdata.size());
  append(octets_, rdata);
  entries_.push_back(entry);
}

ZoneRecord RecordList::operator[](std::size_t i) const {
  const Entry& entry = entries_[i];
  return {owner(entry), entry.type, entry.covered, entry.ttl, rdata(entry)};
}

bool RecordList::before(const Entry& a, const Entry& b) const {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  if (a.owner_at != b.owner_at)
    if (auto order = owner(a) <=> owner(b); order != 0) return order < 0;
  if (a.type != b.type) {
    if (a.type == RrType::SOA || b.type == RrType::SOA) return a.type == RrType::SOA;
    return a.type < b.type;
  }
  if (a.covered != b.covered) return a.covered < b.covered;
  return compare_rdata(a.type, rdata(a), rdata(b)) < 0;
}

void RecordList::sort() {
  auto by_place = [this](const Entry& a, const Entry& b) { return before(a, b); };
  if (!std::is_sorted(entries_.begin(), entries_.end(), by_place))
    std::stable_sort(entries_.begin(), entries_.end(), by_place);
}

}  // namespace zw
