#include "zone/step.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "crypto/digest.h"
#include "dns/rdata.h"

namespace zw {
namespace {

constexpr std::string_view kMagic = "ZWSTEP1\n";
constexpr std::size_t kDigestOctets = 32;
constexpr std::size_t kSetOctets = 10;          // of a set, behind its owner: type, covered, TTL, count
constexpr std::uint32_t kMostTtl = 0x7fffffff;  // RFC 2181 §8

struct SetKey {
  NameView owner;  // relative
  RrType type{}, covered{};

  friend bool operator==(const SetKey& a, const SetKey& b) {
    return a.owner == b.owner && a.type == b.type && a.covered == b.covered;
  }
  bool is_nsec3() const { return type == RrType::NSEC3 || covered == RrType::NSEC3; }
};

bool is_before(const SetKey& a, const SetKey& b) {
  if (auto order = a.owner <=> b.owner; order != 0) return order < 0;
  return std::pair(a.type, a.covered) < std::pair(b.type, b.covered);
}

std::optional<RrSetView> find(const Zone& zone, const SetKey& key) {
  const NodeTree& tree = key.is_nsec3() ? zone.nsec3() : zone.names();
  auto search = tree.find(key.owner);
  if (!search.exact) return std::nullopt;
  ZoneNode node = *search.at;
  return key.type == RrType::RRSIG ? node.find_signatures(key.covered) : node.find(key.type);
}

// Each RRset that is touched, once and in order.
std::vector<SetKey> touched(const Changeset& changes) {
  std::vector<SetKey> out;
  for (const RecordList* list : {&changes.removed, &changes.added})
    for (const ZoneRecord& record : *list) out.push_back({record.owner, record.type, record.covered});
  std::sort(out.begin(), out.end(), is_before);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void append_set(Buffer& out, const SetKey& key, const std::optional<RrSetView>& set) {
  append(out, key.owner.wire());
  append16(out, static_cast<std::uint16_t>(key.type));
  append16(out, static_cast<std::uint16_t>(key.covered));
  append32(out, set ? set->ttl() : 0);
  append16(out, static_cast<std::uint16_t>(set ? set->size() : 0));
  if (!set) return;
  for (Bytes rdata : set->rdatas()) {
    append16(out, static_cast<std::uint16_t>(rdata.size()));
    append(out, rdata);
  }
}

struct SetBefore {
  SetKey key;
  std::uint32_t ttl = 0;
  std::vector<Bytes> rdatas;
};

class StepReader {
 public:
  explicit StepReader(Bytes body) : body_(body) {}

  Result<StepHead> head() {
    if (!as_text(body_).starts_with(kMagic)) return malformed("expected it to begin with ZWSTEP1");
    at_ = kMagic.size();
    StepHead out;
    auto origin = NameView::read(rest());
    if (!origin) return malformed("expected the name of the origin");
    out.origin = *origin;
    at_ += origin->size();
    if (rest().size() < 14) return malformed("the head is cut short");
    const std::uint8_t* numbers = rest().data();
    out.rr_class = static_cast<RrClass>(get16(numbers));
    out.from = Serial(get32(numbers + 2));
    out.to = Serial(get32(numbers + 6));
    left_ = get32(numbers + 10);
    at_ += 14;
    return out;
  }

  bool is_end() const { return left_ == 0; }

  Result<void> next(SetBefore& set) {
    --left_;
    auto owner = NameView::read(rest());
    if (!owner) return malformed("expected the owner of a set");
    at_ += owner->size();
    if (rest().size() < kSetOctets) return malformed("a set is cut short");
    const std::uint8_t* numbers = rest().data();
    SetKey key{*owner, static_cast<RrType>(get16(numbers)), static_cast<RrType>(get16(numbers + 2))};
    if (last_ && !is_before(*last_, key)) return malformed("a set is out of order");
    if (is_meta_type(key.type)) return malformed("a set has a meta type");
    if (key.type != RrType::RRSIG && key.covered != RrType{}) return malformed("a set covers another type");
    last_ = key;
    set.key = key;
    set.ttl = get32(numbers + 4);
    if (set.ttl > kMostTtl) return malformed("a set has a TTL above 2147483647");
    at_ += kSetOctets;
    set.rdatas.clear();
    for (std::size_t count = get16(numbers + 8); count > 0; --count) ZW_CHECK(read_rdata_of(set));
    return {};
  }

  Result<void> end() const {
    if (at_ != body_.size()) return malformed("octets behind the last set");
    return {};
  }

 private:
  std::unexpected<Error> malformed(std::string_view what) const {
    return fail(ErrorKind::malformed, "step of a zone, octet {}: {}", at_, what);
  }
  Bytes rest() const { return body_.subspan(at_); }

  Result<void> read_rdata_of(SetBefore& set) {
    if (rest().size() < 2) return malformed("a set is cut short");
    std::size_t size = get16(rest().data());
    at_ += 2;
    if (rest().size() < size) return malformed("an RDATA is cut short");
    Bytes rdata = rest().first(size);
    RrType type = set.key.type;
    if (!check_rdata(type, rdata)) return malformed("an RDATA is malformed");
    if (covered_type(type, rdata) != set.key.covered) return malformed("a signature covers another type");
    if (!set.rdatas.empty() && compare_rdata(type, set.rdatas.back(), rdata) >= 0)
      return malformed("an RDATA is out of order");
    at_ += size;
    set.rdatas.push_back(rdata);
    return {};
  }

  Bytes body_;
  std::size_t at_ = 0;
  std::uint32_t left_ = 0;
  std::optional<SetKey> last_;
};

// What leads from `before` to `after`, which has no RDATA if the set is gone.
void note_difference(Changeset& changes, const SetBefore& before, const std::optional<RrSetView>& after) {
  NameView owner = before.key.owner;
  RrType type = before.key.type;
  RdataRange now = after ? after->rdatas() : RdataRange(nullptr, 0);
  bool apart = !after || after->ttl() != before.ttl || type == RrType::SOA;
  auto x = before.rdatas.begin();
  auto y = now.begin();
  while (x != before.rdatas.end() || y != now.end()) {
    auto order = x == before.rdatas.end() ? std::strong_ordering::greater
                 : y == now.end()         ? std::strong_ordering::less
                                          : compare_rdata(type, *x, *y);
    if (order < 0 || (order == 0 && apart)) changes.removed.add(owner, type, before.ttl, *x);
    if (order > 0 || (order == 0 && apart)) changes.added.add(owner, type, after->ttl(), *y);
    if (order <= 0) ++x;
    if (order >= 0) ++y;
  }
}

}  // namespace

Buffer write_step(const Zone& older, const Changeset& changes) {
  std::vector<SetKey> keys = touched(changes);
  Buffer out;
  append(out, as_bytes(kMagic));
  append(out, older.origin().wire());
  append16(out, static_cast<std::uint16_t>(older.rr_class()));
  append32(out, changes.from.value());
  append32(out, changes.to.value());
  append32(out, static_cast<std::uint32_t>(keys.size()));
  for (const SetKey& key : keys) append_set(out, key, find(older, key));
  append(out, digest(DigestAlgorithm::sha256, out).bytes());
  return out;
}

Result<StepHead> read_step_head(Bytes file) { return StepReader(file).head(); }

Result<Changeset> read_step(Bytes file, const Zone& newer) {
  if (file.size() < kMagic.size() + kDigestOctets)
    return fail(ErrorKind::malformed, "step of a zone: cut short, {} octets", file.size());
  Bytes body = file.first(file.size() - kDigestOctets);
  if (!same_bytes(digest(DigestAlgorithm::sha256, body).bytes(), file.last(kDigestOctets)))
    return fail(ErrorKind::malformed, "step of a zone: its SHA-256 digest does not match, so it is damaged");
  StepReader reader(body);
  ZW_TRY(StepHead head, reader.head());
  if (newer.origin() != head.origin.view() || newer.rr_class() != head.rr_class || newer.serial() != head.to)
    return fail(ErrorKind::conflict, "step of a zone: leads to serial {} of {}, expected {} of {}",
                head.to.value(), print(head.origin), newer.serial().value(), print(newer.origin()));
  Changeset changes(head.origin, head.rr_class);
  changes.from = head.from;
  changes.to = head.to;
  SetBefore before;
  while (!reader.is_end()) {
    ZW_CHECK(reader.next(before));
    if (!Name::join(before.key.owner, head.origin))
      return fail(ErrorKind::malformed, "step of a zone: an owner is longer than 255 octets");
    note_difference(changes, before, find(newer, before.key));
  }
  ZW_CHECK(reader.end());
  changes.sort();
  return changes;
}

}  // namespace zw
