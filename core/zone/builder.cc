#include "zone/builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "dns/rdata.h"

namespace zw {
namespace {

constexpr std::size_t kMostStretches = 64;

}  // namespace

std::uint8_t* Arena::take(std::size_t octets) {
  if (octets > left_) {
    std::size_t size = std::max(kBlock, octets);
    blocks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(size));
    next_ = blocks_.back().get();
    left_ = size;
  }
  std::uint8_t* taken = next_;
  next_ += octets;
  left_ -= octets;
  return taken;
}

struct ZoneBuilder::Record {
  std::uint32_t ttl;
  RrType type, covered;
  std::uint32_t size;  // of the RDATA, which follows
  Bytes rdata() const { return {reinterpret_cast<const std::uint8_t*>(this + 1), size}; }
};

void close_page(PageWriter& writer, std::vector<PagePtr>& pages, bool last) {
  bool full = writer.node_count() >= kPageNodes || writer.heap_octets() >= kPageOctets;
  if (full || (last && !writer.is_empty())) pages.push_back(writer.finish());
}

ZoneBuilder::Added ZoneBuilder::add(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
  if (is_meta_type(type)) return Added::meta_type;
  std::size_t front = owner.size() - origin_.size();  // octets of the relative name without its root
  bool same_owner = false;
  if (!runs_.empty() && owner.size() >= origin_.size()) {
    NameView last = name_of(runs_.back());
    same_owner = last.size() == front + 1 && std::memcmp(last.data(), owner.data(), front) == 0 &&
                 std::memcmp(owner.data() + front, origin_.wire().data(), origin_.size()) == 0;
  }
  if (!same_owner) {
    if (!owner.is_at_or_below(origin_)) return Added::out_of_zone;
    std::uint8_t* name = arena_.take(front + 2);
    name[0] = static_cast<std::uint8_t>(front + 1);
    std::memcpy(name + 1, owner.data(), front);
    name[front + 1] = 0;
    Run run{order_prefix({name + 1, front + 1}), name, static_cast<std::uint32_t>(records_.size()), 0};
    if (sorted_ && !runs_.empty()) {
      const Run& before = runs_.back();
      sorted_ = before.prefix != run.prefix ? before.prefix < run.prefix : name_of(before) < name_of(run);
    }
    runs_.push_back(run);
  }
  std::size_t octets =
      (sizeof(Record) + rdata.size() + alignof(Record) - 1) / alignof(Record) * alignof(Record);
  std::uint8_t* place = arena_.take(octets + alignof(Record));
  place += (alignof(Record) - reinterpret_cast<std::uintptr_t>(place) % alignof(Record)) % alignof(Record);
  RrType covered =
      type == RrType::RRSIG && rdata.size() >= 2 ? static_cast<RrType>(get16(rdata.data())) : RrType{};
  auto* record =
      ::new (static_cast<void*>(place)) Record{ttl, type, covered, static_cast<std::uint32_t>(rdata.size())};
  if (!rdata.empty()) std::memcpy(record + 1, rdata.data(), rdata.size());
  records_.push_back(record);
  ++runs_.back().count;
  return Added::yes;
}

void ZoneBuilder::sort_runs() {
  if (sorted_) return;
  auto before = [](const Run& a, const Run& b) {
    return a.prefix != b.prefix ? a.prefix < b.prefix : name_of(a) < name_of(b);
  };
  // Files are mostly in order: where few ascending stretches follow each other, merging them is enough.
  std::vector<std::size_t> ends;
  for (std::size_t i = 1; i <= runs_.size() && ends.size() <= kMostStretches; ++i)
    if (i == runs_.size() || before(runs_[i], runs_[i - 1])) ends.push_back(i);
  if (ends.size() > kMostStretches) {
    std::stable_sort(runs_.begin(), runs_.end(), before);
    return;
  }
  auto at = [&](std::size_t i) { return runs_.begin() + static_cast<std::ptrdiff_t>(i); };
  while (ends.size() > 1) {
    std::vector<std::size_t> merged;
    for (std::size_t i = 0; i < ends.size(); i += 2) {
      std::size_t start = merged.empty() ? 0 : merged.back(), end = ends[std::min(i + 1, ends.size() - 1)];
      if (i + 1 < ends.size()) std::inplace_merge(at(start), at(ends[i]), at(end), before);
      merged.push_back(end);
    }
    ends = std::move(merged);
  }
}

void ZoneBuilder::pack_rrset(NameView relative, const Record* const* first, const Record* const* last,
                             PageWriter& writer, Findings& findings) {
  const Record& one = **first;
  std::uint32_t ttl = one.ttl;
  bool mixed = false;
  for (const Record* const* r = first; r != last; ++r) {
    mixed |= (*r)->ttl != one.ttl;
    ttl = std::min(ttl, (*r)->ttl);
  }
  auto owner = [&] { return *Name::join(relative, origin_); };
  // RRSIGs of one type may differ in TTL only when a signer is at work; the set of RFC 2181 is the covered
  // one.
  if (mixed && one.type != RrType::RRSIG)
    findings.add(
        {"mixed-ttl", Severity::warning, owner(), one.type,
         fmt::format("the records of one RRset have several TTLs; {} is taken for all (RFC 2181 section 5.2)",
                     ttl)});
  writer.begin_rrset(one.type, one.covered, ttl);
  const Record* before = nullptr;
  for (const Record* const* r = first; r != last; ++r) {
    if (before && compare_rdata(one.type, before->rdata(), (*r)->rdata()) == 0) {
      findings.add({"duplicate-record", Severity::warning, owner(), one.type,
                    "the same record stands twice; it is kept once (RFC 2181 section 5)"});
      continue;
    }
    writer.add_rdata((*r)->rdata());
    before = *r;
  }
}

void ZoneBuilder::pack_node(const Run* first, const Run* last, Findings& findings) {
  node_.clear();
  for (const Run* run = first; run != last; ++run)
    node_.insert(node_.end(), records_.begin() + run->first, records_.begin() + run->first + run->count);
  auto before = [](const Record* a, const Record* b) {
    if (a->type != b->type) return a->type < b->type;
    if (a->covered != b->covered) return a->covered < b->covered;
    return compare_rdata(a->type, a->rdata(), b->rdata()) < 0;
  };
  if (!std::is_sorted(node_.begin(), node_.end(), before)) std::sort(node_.begin(), node_.end(), before);

  NameView relative = name_of(*first);
  bool in_names = false, in_nsec3 = false;  // the node was begun there
  for (std::size_t i = 0; i < node_.size();) {
    std::size_t end = i + 1;
    while (end < node_.size() && node_[end]->type == node_[i]->type &&
           node_[end]->covered == node_[i]->covered)
      ++end;
    bool denial = node_[i]->type == RrType::NSEC3 || node_[i]->covered == RrType::NSEC3;
    PageWriter& writer = denial ? nsec3_writer_ : names_writer_;
    bool& begun = denial ? in_nsec3 : in_names;
    if (!begun) writer.begin_node(relative);
    begun = true;
    pack_rrset(relative, &node_[i], node_.data() + end, writer, findings);
    i = end;
  }
  close_page(names_writer_, names_);
  close_page(nsec3_writer_, nsec3_);
}

Result<ZonePtr> ZoneBuilder::build(Findings& findings) {
  sort_runs();
  for (std::size_t i = 0; i < runs_.size();) {
    std::size_t end = i + 1;
    while (end < runs_.size() && runs_[end].prefix == runs_[i].prefix &&
           name_of(runs_[end]) == name_of(runs_[i]))
      ++end;
    pack_node(&runs_[i], runs_.data() + end, findings);
    i = end;
  }
  close_page(names_writer_, names_, true);
  close_page(nsec3_writer_, nsec3_, true);
  NodeTree names(std::move(names_)), nsec3(std::move(nsec3_));
  *this = ZoneBuilder(origin_, class_);

  bool apex = !names.is_empty() && (*names.begin()).relative().is_root();
  auto soa = apex ? (*names.begin()).find(RrType::SOA) : std::nullopt;
  if (!soa) return fail(ErrorKind::malformed, "zone {}: there is no SOA record at the apex", print(origin_));
  if (soa->size() != 1)
    return fail(ErrorKind::malformed, "zone {}: {} SOA records at the apex, expected one", print(origin_),
                soa->size());
  return std::make_shared<const Zone>(origin_, class_, std::move(names), std::move(nsec3));
}

}  // namespace zw
