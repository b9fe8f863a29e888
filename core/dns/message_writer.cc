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

// The first and the last octets of a label with its length, as Entry has them.
std::uint64_t head_of(const std::uint8_t* label) {
  if (label[0] >= 7) return load64(label);
  if (label[0] >= 3) return load32(label);
  return static_cast<std::uint64_t>(label[0] | label[1] << 8);
}
std::uint64_t tail_of(const std::uint8_t* label) {
  std::size_t length = label[0];
  if (length >= 7) return load64(label + length - 7);
  if (length >= 3) return load32(label + length - 3);
  return label[length];
}

// memcpy() for the few octets of a name or of RDATA, without a call for most.
void copy(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
  if (size > 32) {
    std::memcpy(to, from, size);
  } else if (size >= 16) {
    std::memcpy(to, from, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

}  // namespace

void MessageWriter::start(MutableBytes out, std::uint16_t id, std::uint16_t bits) {
  ZW_ASSERT(out.size() >= kHeaderOctets);
  out_ = out.data();
  size_ = kHeaderOctets;
  capacity_ = limit_ = end_ = static_cast<std::uint32_t>(std::min(out.size(), kMaxMessageOctets));
  counts_ = 0;
  names_ = 0;
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
                                   (header.bits & Header::kRd)));
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

// The entry of `label` in front of `parent`, or a free one to put it into, or none.
inline MessageWriter::Entry* MessageWriter::find(const std::uint8_t* label, std::uint32_t parent) {
  std::uint64_t head = head_of(label), tail = tail_of(label);
  // Only the speed hangs on how well this spreads.
  std::uint64_t mixed =
      (head * 0x9e3779b97f4a7c15u ^ tail * 0xbf58476d1ce4e5b9u ^ parent) * 0x94d049bb133111ebu;
  std::size_t slot = mixed >> 54;
  static_assert(kSlots == std::size_t{1} << (64 - 54));
  for (int tries = 0; tries < 8; ++tries, slot = (slot + 1) % kSlots) {
    Entry& entry = table_[slot];
    if (entry.message != message_) return &entry;
    if (entry.head != head || entry.tail != tail || entry.parent != parent) continue;
    if (label[0] < 16 || std::memcmp(out_ + entry.at + 8, label + 8, label[0] - 15u) == 0) return &entry;
  }
  return nullptr;  // a crowded part of the table: this name goes uncompressed
}

MessageWriter::WrittenName MessageWriter::write_name(std::uint8_t* at, const std::uint8_t* wire,
                                                     std::size_t most, PlacedName& placed) {
  std::uint8_t starts[kMaxLabels];
  std::size_t labels = 0, root = 0;
  most = std::min(most, kMaxNameOctets);
  while (root < most && wire[root] != 0) {
    if (wire[root] > kMaxLabelOctets) return {at, 0};
    starts[labels++] = static_cast<std::uint8_t>(root);
    root += wire[root] + 1u;
  }
  if (root >= most) return {at, 0};

  // From the right, the labels that stand in the message already.
  std::uint32_t parent = 0;
  std::size_t fresh = labels;
  Entry* entry = nullptr;
  for (; fresh > 0; --fresh) {
    entry = find(wire + starts[fresh - 1], parent);
    if (!entry || entry->message != message_) break;
    parent = entry->at;
  }

  std::size_t front = fresh == labels ? root : starts[fresh];
  std::size_t needed = front + (parent ? 2 : 1);
  if (room_at(at) < needed) return {nullptr, root + 1};
  copy(at, wire, front);
  if (parent)
    set16(at + front, static_cast<std::uint16_t>(0xc000u | parent));
  else
    at[front] = 0;
  std::size_t name_at = static_cast<std::size_t>(at - out_);
  placed.at = static_cast<std::uint16_t>(fresh == 0 ? parent : name_at < kPointerReach ? name_at : 0);

  // Remember the others, the rightmost first: each is the parent of the next.
  while (fresh > 0 && entry && names_ < kMostNames) {
    const std::uint8_t* label = wire + starts[--fresh];
    std::size_t label_at = name_at + starts[fresh];
    if (label_at >= kPointerReach) break;
    *entry = {head_of(label), tail_of(label), message_, static_cast<std::uint16_t>(label_at),
              static_cast<std::uint16_t>(parent)};
    order_[names_++] = static_cast<std::uint16_t>(entry - table_.data());
    parent = static_cast<std::uint32_t>(label_at);
    if (fresh > 0) entry = find(wire + starts[fresh - 1], parent);
  }
  return {at + needed, root + 1};
}

inline std::uint8_t* MessageWriter::put(std::uint8_t* at, Bytes octets) {
  if (room_at(at) < octets.size()) return nullptr;
  copy(at, octets.data(), octets.size());
  return at + octets.size();
}

inline std::uint8_t* MessageWriter::write_owner(std::uint8_t* at, const OwnerRef& owner) {
  if (!owner.placed) return write_name(at, owner.name.data(), owner.name.size(), owner_).at;
  if (room_at(at) < 2) return nullptr;
  set16(at, static_cast<std::uint16_t>(0xc000u | owner.placed.at));
  owner_ = owner.placed;
  return at + 2;
}

inline std::uint8_t* MessageWriter::write_rdata(std::uint8_t* at, RrType type, Bytes rdata) {
  NameLayout layout = name_layout(type);
  if (layout.names == 0 || rdata.size() < layout.before) return put(at, rdata);
  at = put(at, rdata.first(layout.before));
  rdata = rdata.subspan(layout.before);
  for (unsigned i = 0; i < layout.names && at; ++i) {
    WrittenName name = write_name(at, rdata.data(), rdata.size(), target_);
    if (name.octets == 0) break;  // no name: it goes as it is
    at = name.at;
    rdata = rdata.subspan(name.octets);
  }
  return at ? put(at, rdata) : nullptr;
}

inline std::uint8_t* MessageWriter::write_record(std::uint8_t* at, const OwnerRef& owner, RrType type,
                                                 RrClass rr_class, std::uint32_t ttl, Bytes rdata) {
  std::uint8_t* fixed = write_owner(at, owner);
  if (!fixed || room_at(fixed) < 10) return nullptr;
  set16(fixed, static_cast<std::uint16_t>(type));
  set16(fixed + 2, static_cast<std::uint16_t>(rr_class));
  set32(fixed + 4, ttl);
  std::uint8_t* end = write_rdata(fixed + 10, type, rdata);
  if (end) set16(fixed + 8, static_cast<std::uint16_t>(end - fixed - 10));
  return end;
}

bool MessageWriter::question(NameView name, RrType type, RrClass rr_class) {
  std::uint16_t names = names_;
  PlacedName placed;
  std::uint8_t* at = write_name(out_ + size_, name.data(), name.size(), placed).at;
  if (!at || room_at(at) < 4) return forget_names(names), false;
  set16(at, static_cast<std::uint16_t>(type));
  set16(at + 2, static_cast<std::uint16_t>(rr_class));
  size_ = static_cast<std::uint32_t>(at + 4 - out_);
  ++counts_;
  return true;
}

bool MessageWriter::record(Section section, const OwnerRef& owner, RrType type, RrClass rr_class,
                           std::uint32_t ttl, Bytes rdata) {
  ZW_ASSERT(section >= section_);
  std::uint16_t names = names_;
  PlacedName owner_before = owner_, target_before = target_;
  target_ = {};
  std::uint8_t* at = write_record(out_ + size_, owner, type, rr_class, ttl, rdata);
  if (!at) {
    forget_names(names);
    owner_ = owner_before;
    target_ = target_before;
    return false;
  }
  size_ = static_cast<std::uint32_t>(at - out_);
  section_ = section;
  counts_ += std::uint64_t{1} << shift_of(section);
  return true;
}

void MessageWriter::forget_names(std::uint16_t kept) {
  // The last entry goes first, so no chain of slots is ever broken.
  while (names_ > kept) table_[order_[--names_]].message = 0;
}

void MessageWriter::rollback(const Mark& mark) {
  forget_names(mark.names);
  size_ = mark.size;
  counts_ = mark.counts;
  section_ = mark.section;
  owner_ = mark.owner;
  target_ = mark.target;
}

MutableBytes MessageWriter::finish() {
  for (unsigned i = 0; i < 4; ++i) set16(out_ + 4 + 2 * i, static_cast<std::uint16_t>(counts_ >> 16 * i));
  return {out_, size_};
}

}  // namespace zw
