#include <algorithm>
#include <vector>

#include "dns/rdata.h"
#include "zone/changeset.h"

namespace zw {
namespace {

// A record that one of the two differences removes or adds.
struct Mention {
  ZoneRecord record;
  std::uint64_t prefix;
  bool adds;
};

std::strong_ordering compare(const Mention& a, const Mention& b) {
  if (a.prefix != b.prefix) return a.prefix <=> b.prefix;
  if (auto order = a.record.owner <=> b.record.owner; order != 0) return order;
  if (a.record.type != b.record.type) return a.record.type <=> b.record.type;
  if (a.record.covered != b.record.covered) return a.record.covered <=> b.record.covered;
  return compare_rdata(a.record.type, a.record.rdata, b.record.rdata);
}

void mention(std::vector<Mention>& out, const RecordList& list, bool adds) {
  for (std::size_t i = 0; i < list.size(); ++i) out.push_back({list[i], list.prefix(i), adds});
}

void note(RecordList& list, const ZoneRecord& record) {
  list.add(record.owner, record.type, record.ttl, record.rdata);
}

// What became of one record, told in order of time: removing and adding take turns, so the first mention and
// the last one say all.
void settle(Changeset& out, const Mention& first, const Mention& last) {
  bool was_there = !first.adds, is_there = last.adds;
  bool is_soa = first.record.type == RrType::SOA;
  if (was_there && is_there && first.record.ttl == last.record.ttl && !is_soa) return;
  if (was_there) note(out.removed, first.record);
  if (is_there) note(out.added, last.record);
}

}  // namespace

Changeset reversed(const Changeset& changes) {
  Changeset out = changes;
  std::swap(out.from, out.to);
  std::swap(out.removed, out.added);
  return out;
}

Result<Changeset> condense(const Changeset& first, const Changeset& second) {
  if (!(first.origin == second.origin) || first.rr_class != second.rr_class || first.to != second.from)
    return fail(ErrorKind::conflict,
                "differences of {} up to serial {} are not followed by those of {} from {}",
                print(first.origin), first.to.value(), print(second.origin), second.from.value());
  std::vector<Mention> mentions;
  mention(mentions, first.removed, false);
  mention(mentions, first.added, true);
  mention(mentions, second.removed, false);
  mention(mentions, second.added, true);
  std::stable_sort(mentions.begin(), mentions.end(),
                   [](const Mention& a, const Mention& b) { return compare(a, b) < 0; });
  Changeset out(first.origin, first.rr_class);
  out.from = first.from;
  out.to = second.to;
  for (auto at = mentions.begin(); at != mentions.end();) {
    auto end = std::find_if(at, mentions.end(), [&](const Mention& m) { return compare(*at, m) != 0; });
    settle(out, *at, *std::prev(end));
    at = end;
  }
  out.sort();
  return out;
}

}  // namespace zw
