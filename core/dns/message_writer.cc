#include "dns/message_writer.h"

#include <algorithm>

namespace zw {
namespace {

// How the RDATA of the types with compressible names is built: octets before, then names, then the rest.
// A test holds this against the table of rr_type.cc.
struct NameLayout {
  std::uint8_t before;
  std::uint8_t names;
};
constexpr NameLayout name_layout(RrType type) {
  switch (type) {
    case RrType::NS:
    case RrType::MD:
    case RrType::MF:
    case RrType::CNAME:
    case RrType::MB:
    case RrType::MG:
    case RrType::MR:
    case RrType::PTR: return {0, 1};
    case RrType::MX: return {2, 1};
    case RrType::SOA:
    case RrType::MINFO: return {0, 2};
    default: return {0, 0};
  }
}

std::uint64_t load64(const std::uint8_t* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
std::uint32_t load32(const std::uint8_t* p) {
  std::uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}

// Mixes the first and the last octets of a label with the place of its parent. Only the speed hangs on how
// well it spreads: at most a few slots are tried.
std::size_t hash_label(const std::uint8_t* label, std::uint16_t parent) {
  std::size_t size = label[0] + 1u;
  std::uint64_t front, back;
  if (size >= 8) {
    front = load64(label), back = load64(label + size - 8);
  } else if (size >= 4) {
    front = load32(label), back = load32(label + size - 4);
  } else {
    front = label[1], back = label[size - 1];
  }
  std::uint64_t hash = (front ^ parent) * 0x9e3779b97f4a7c15u;
  hash = (hash ^ hash >> 29 ^ back) * 0xbf58476d1ce4e5b9u;
  return hash >> 40;
}

// Both with their length octets, which are equal and not 0. memcmp() would be a call.
bool same_label(const std::uint8_t* a, const std::uint8_t* b) {
  std::size_t size = a[0] + 1u;
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8)
      if (load64(a + i) != load64(b + i)) return false;
    return load64(a + size - 8) == load64(b + size - 8);
  }
  if (size >= 4) return load32(a) == load32(b) && load32(a + size - 4) == load32(b + size - 4);
  return a[1] == b[1] && a[size - 1] == b[size - 1];
}

}  // namespace

void MessageWriter::start(MutableBytes out, std::uint16_t id, std::uint16_t bits) {
  ZW_ASSERT(out.size() >= kHeaderOctets);
  out_ = out.data();
  size_ = kHeaderOctets;
  capacity_ = limit_ = end_ = static_cast<std::uint32_t>(std::min(out.size(), kMaxMessageOctets));
  names_ = questions_ = 0;
  records_ = {};
  section_ = Section::answer;
  owner_ = target_ = {};
  if (++message_ == 0) {  // 2^32 messages later the entries of old look new
    table_.fill({});
    message_ = 1;
  }
  set16(out_, id);
  set16(out_ + 2, bits);
}

bool MessageWriter::start_response(MutableBytes out, const MessageView& query, Rcode rcode,
                                   std::uint16_t flags) {
  const Header& header = query.header();
  start(out, header.id,
        static_cast<std::uint16_t>(Header::pack(header.opcode(), rcode, flags | Header::kQr) |
                                   (header.bits & (Header::kRd | Header::kCd))));
  auto asked = query.question();
  return !asked || question(asked->name, asked->type, asked->rr_class);
}

void MessageWriter::set_limit(std::size_t octets) {
  std::uint32_t kept = limit_ - end_;
  limit_ = static_cast<std::uint32_t>(std::clamp<std::size_t>(octets, size_, capacity_));
  end_ = limit_ - size_ < kept ? size_ : limit_ - kept;
}

bool MessageWriter::reserve(std::size_t octets) {
  if (limit_ - size_ < octets) return false;
  end_ = limit_ - static_cast<std::uint32_t>(octets);
  return true;
}

MessageWriter::Entry* MessageWriter::find(const std::uint8_t* label, std::uint16_t parent) {
  std::size_t slot = hash_label(label, parent) % kSlots;
  for (int tries = 0; tries < 8; ++tries, slot = (slot + 1) % kSlots) {
    Entry& entry = table_[slot];
    if (entry.message != message_) return &entry;
    if (entry.parent == parent && out_[entry.at] == label[0] && same_label(out_ + entry.at, label))
      return &entry;
  }
  return nullptr;  // a crowded part of the table: this name goes uncompressed
}

void MessageWriter::remember(Entry* entry, std::size_t at, std::uint16_t parent) {
  *entry = {message_, static_cast<std::uint16_t>(at), parent};
  order_[names_++] = static_cast<std::uint16_t>(entry - table_.data());
}

std::size_t MessageWriter::write_name(const std::uint8_t* wire, std::size_t most, PlacedName& placed) {
  std::uint8_t starts[kMaxLabels];
  std::size_t labels = 0, root = 0;
  most = std::min(most, kMaxNameOctets);
  while (root < most && wire[root] != 0) {
    if (wire[root] > kMaxLabelOctets) return 0;
    starts[labels++] = static_cast<std::uint8_t>(root);
    root += wire[root] + 1u;
  }
  if (root >= most) return 0;

  // From the right, the labels that stand in the message already.
  std::uint16_t parent = 0;
  std::size_t fresh = labels;
  Entry* entry = nullptr;
  while (fresh > 0) {
    entry = find(wire + starts[fresh - 1], parent);
    if (!entry || entry->message != message_) break;
    parent = entry->at;
    --fresh;
  }

  std::size_t front = fresh == labels ? root : starts[fresh];
  std::size_t needed = front + (parent ? 2 : 1);
  if (room() < needed) return 0;
  std::size_t at = size_;
  std::memcpy(out_ + at, wire, front);
  if (parent)
    set16(out_ + at + front, static_cast<std::uint16_t>(0xc000u | parent));
  else
    out_[at + front] = 0;
  size_ += static_cast<std::uint32_t>(needed);
  placed.at = static_cast<std::uint16_t>(fresh == 0 ? parent : at < kPointerReach ? at : 0);

  // Remember the others, the rightmost first: each is the parent of the next.
  while (fresh > 0 && entry && names_ < kMostNames) {
    std::size_t label_at = at + starts[fresh - 1];
    if (label_at >= kPointerReach) break;
    remember(entry, label_at, parent);
    parent = static_cast<std::uint16_t>(label_at);
    if (--fresh > 0) entry = find(wire + starts[fresh - 1], parent);
  }
  return root + 1;
}

bool MessageWriter::put(Bytes octets) {
  if (room() < octets.size()) return false;
  if (!octets.empty()) std::memcpy(out_ + size_, octets.data(), octets.size());
  size_ += static_cast<std::uint32_t>(octets.size());
  return true;
}

bool MessageWriter::write_owner(const OwnerRef& owner) {
  if (!owner.placed) return write_name(owner.name.data(), owner.name.size(), owner_) != 0;
  if (room() < 2) return false;
  set16(out_ + size_, static_cast<std::uint16_t>(0xc000u | owner.placed.at));
  size_ += 2;
  owner_ = owner.placed;
  return true;
}

bool MessageWriter::write_rdata(RrType type, Bytes rdata) {
  NameLayout layout = name_layout(type);
  if (layout.names == 0 || rdata.size() < layout.before) return put(rdata);
  if (!put(rdata.first(layout.before))) return false;
  rdata = rdata.subspan(layout.before);
  for (unsigned i = 0; i < layout.names; ++i) {
    std::size_t taken = write_name(rdata.data(), rdata.size(), target_);
    if (taken == 0) break;  // no room, which put() finds too; or no name, which then goes as it is
    rdata = rdata.subspan(taken);
  }
  return put(rdata);
}

bool MessageWriter::question(NameView name, RrType type, RrClass rr_class) {
  Mark before = mark();
  PlacedName placed;
  if (!write_name(name.data(), name.size(), placed) || room() < 4) return rollback(before), false;
  set16(out_ + size_, static_cast<std::uint16_t>(type));
  set16(out_ + size_ + 2, static_cast<std::uint16_t>(rr_class));
  size_ += 4;
  ++questions_;
  return true;
}

bool MessageWriter::record(Section section, const OwnerRef& owner, RrType type, RrClass rr_class,
                           std::uint32_t ttl, Bytes rdata) {
  ZW_ASSERT(section >= section_);
  Mark before = mark();
  owner_ = target_ = {};
  if (!write_owner(owner) || room() < 10) return rollback(before), false;
  std::uint8_t* fixed = out_ + size_;
  set16(fixed, static_cast<std::uint16_t>(type));
  set16(fixed + 2, static_cast<std::uint16_t>(rr_class));
  set32(fixed + 4, ttl);
  size_ += 10;
  std::uint32_t rdata_at = size_;
  if (!write_rdata(type, rdata)) return rollback(before), false;
  set16(fixed + 8, static_cast<std::uint16_t>(size_ - rdata_at));
  section_ = section;
  ++records_[static_cast<std::size_t>(section)];
  return true;
}

void MessageWriter::rollback(const Mark& mark) {
  // The last entry goes first, so no chain of slots is ever broken.
  while (names_ > mark.names) table_[order_[--names_]].message = 0;
  size_ = mark.size;
  questions_ = mark.questions;
  records_ = mark.records;
  section_ = mark.section;
  owner_ = mark.owner;
  target_ = mark.target;
}

MutableBytes MessageWriter::finish() {
  set16(out_ + 4, questions_);
  for (std::size_t i = 0; i < 3; ++i) set16(out_ + 6 + 2 * i, records_[i]);
  return {out_, size_};
}

}  // namespace zw
