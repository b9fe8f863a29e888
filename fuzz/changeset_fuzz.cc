// Changes to a zone, drawn from the input: applying them must give the same as building the next version
// anew, and diff must find them again. A change that does not fit must be refused, never harm.
#include <map>
#include <set>

#include "zone/builder.h"
#include "zone/changeset.h"
#include "zone/writer.h"

using namespace zw;

namespace {

class Input {
 public:
  explicit Input(Bytes octets) : octets_(octets) {}
  bool is_empty() const { return octets_.empty(); }
  std::uint8_t next() {
    if (octets_.empty()) return 0;
    std::uint8_t octet = octets_.front();
    octets_ = octets_.subspan(1);
    return octet;
  }

 private:
  Bytes octets_;
};

const Name kOrigin = *Name::parse("example.");

struct Record {
  Name owner;
  RrType type{};
  Buffer rdata;
  auto operator<=>(const Record&) const = default;
};
using Records = std::map<Record, std::uint32_t>;  // with TTL

Buffer soa(std::uint8_t serial) {
  Buffer out = {0, 0};
  for (std::uint32_t n : {std::uint32_t{serial}, 4u, 3u, 8u, 5u}) append32(out, n);
  return out;
}

// Few names and types, so that records meet; large RDATA now and then, so that pages split by octets.
Record next_record(Input& input) {
  std::uint8_t where = input.next(), kind = input.next();
  std::uint8_t label[] = {static_cast<std::uint8_t>('a' + where % 26),
                          static_cast<std::uint8_t>('a' + where / 26)};
  Record record{*Name::prepend(label, kOrigin), RrType::TXT, {}};
  if (kind & 0x80) record.owner = *Name::prepend(Bytes(label).first(1), record.owner);
  if (kind & 0x40) record.owner = kOrigin;
  switch (kind % 4) {
    case 0: record.type = RrType::A, record.rdata = {192, 0, 2, input.next()}; break;
    case 1: record.type = RrType::NSEC3, record.rdata = {1, 0, 0, 0, 0, 1, input.next()}; break;
    case 2: record.type = RrType::RRSIG, record.rdata = {0, 50, 8, input.next()}; break;
    default: record.type = RrType::NULL_, record.rdata.assign(kind & 0x10 ? 9000 : 2, input.next());
  }
  return record;
}

ZonePtr build(const Records& records, std::uint8_t serial) {
  ZoneBuilder builder(kOrigin);
  builder.add(kOrigin, RrType::SOA, 60, soa(serial));
  for (const auto& [record, ttl] : records) builder.add(record.owner, record.type, ttl, record.rdata);
  Findings findings;
  return *builder.build(findings);
}

Changeset empty_changes(std::uint8_t from, std::uint8_t to) {
  Changeset changes(kOrigin);
  changes.from = Serial(from);
  changes.to = Serial(to);
  changes.remove(kOrigin, RrType::SOA, 60, soa(from));
  changes.add(kOrigin, RrType::SOA, 60, soa(to));
  return changes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  Records records;
  // A run of names in a row, so that there are several pages to begin with.
  for (unsigned i = 0, count = input.next(); i < count; ++i) {
    std::uint8_t label[] = {static_cast<std::uint8_t>('a' + i % 26),
                            static_cast<std::uint8_t>('a' + i / 26 % 26), 'x'};
    records[{*Name::prepend(label, kOrigin), RrType::A, {192, 0, 2, 1}}] = 60;
  }
  ZonePtr zone = build(records, 0);
  for (std::uint8_t step = 1; !input.is_empty() && step < 10; ++step) {
    Changeset changes = empty_changes(static_cast<std::uint8_t>(step - 1), step);
    Records next = records;
    std::set<Record> added;
    bool fits = true;
    for (std::uint8_t left = static_cast<std::uint8_t>(input.next() % 64); left > 0; --left) {
      std::uint8_t kind = input.next();
      if (kind % 4 == 0 && !records.empty()) {  // one that is there goes
        auto at = std::next(records.begin(), static_cast<std::ptrdiff_t>(kind / 4 * records.size() / 64));
        if (added.contains(at->first) || !next.erase(at->first)) continue;  // what was added twice stays so
        changes.remove(at->first.owner, at->first.type, 60, at->first.rdata);
      } else {
        Record record = next_record(input);
        bool there = next.contains(record);
        if (there && kind != 255) continue;
        if (records.contains(record) && !there) continue;  // it goes in this step
        fits = fits && !there;
        next[record] = 60;
        added.insert(record);
        changes.add(record.owner, record.type, 60, record.rdata);
      }
    }
    changes.sort();
    auto applied = apply(*zone, changes);
    ZW_ASSERT(applied.has_value() == fits);
    if (!fits) return 0;
    ZonePtr anew = build(next, step);
    std::string expected = canonical_text(*anew);
    ZW_ASSERT(canonical_text(**applied) == expected);
    auto found = diff(*zone, *anew);
    ZW_ASSERT(found && found->removed.size() == changes.removed.size() &&
              found->added.size() == changes.added.size());
    ZW_ASSERT(canonical_text(**apply(*zone, *found)) == expected);
    zone = *applied;
    records = std::move(next);
  }
  return 0;
}
