#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/time.h"
#include "crypto/dnssec_algorithm.h"
#include "format/json.h"
#include "zonetools/verbs.h"

namespace zw::app {
namespace {

struct Facts {
  std::map<RrType, std::size_t> records;
  std::map<std::uint8_t, std::size_t> algorithms;  // of signatures
  std::size_t delegations = 0, secure_delegations = 0;
  std::optional<std::uint32_t> first_expiry, last_inception;  // as in RRSIG
};

Facts gather(const Zone& zone) {
  Facts facts;
  std::uint32_t now_like = 0;  // the first stamp that was seen: others are compared around it
  zone.visit_rrsets([&](NameView relative, RrSetView set) {
    facts.records[set.type()] += set.size();
    if (set.type() == RrType::NS && !relative.is_root()) ++facts.delegations;
    if (set.type() == RrType::DS) ++facts.secure_delegations;
    if (set.type() != RrType::RRSIG) return;
    for (Bytes rdata : set.rdatas()) {
      if (rdata.size() < 18) continue;
      ++facts.algorithms[rdata[2]];
      std::uint32_t expiry = get32(&rdata[8]), inception = get32(&rdata[12]);
      if (!facts.first_expiry) now_like = expiry;
      auto after = [&](std::uint32_t stamp) { return static_cast<std::int32_t>(stamp - now_like); };
      if (!facts.first_expiry || after(expiry) < after(*facts.first_expiry)) facts.first_expiry = expiry;
      if (!facts.last_inception || after(inception) > after(*facts.last_inception))
        facts.last_inception = inception;
    }
  });
  return facts;
}

std::string print_stamp(std::uint32_t stamp) { return print_time(WallTime(Seconds(stamp))); }

std::string denial_of(const Zone& zone) {
  bool nsec = zone.apex().has(RrType::NSEC), nsec3 = !zone.nsec3().is_empty();
  return nsec && nsec3 ? "NSEC and NSEC3" : nsec ? "NSEC" : nsec3 ? "NSEC3" : "none";
}

void print_json(const Zone& zone, const Facts& facts, double seconds) {
  auto soa = zone.soa_times();
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("origin", print(zone.origin()))
      .member("class", print(zone.rr_class()))
      .member("serial", soa.serial)
      .member("refresh", soa.refresh)
      .member("retry", soa.retry)
      .member("expire", soa.expire)
      .member("minimum", soa.minimum)
      .member("records", zone.record_count())
      .member("rrsets", zone.rrset_count())
      .member("names", zone.node_count())
      .member("delegations", facts.delegations)
      .member("secure_delegations", facts.secure_delegations)
      .member("denial", denial_of(zone))
      .member("first_expiry",
              facts.first_expiry ? std::optional(print_stamp(*facts.first_expiry)) : std::nullopt)
      .member("last_inception",
              facts.last_inception ? std::optional(print_stamp(*facts.last_inception)) : std::nullopt)
      .member("memory_octets", zone.memory())
      .member("seconds", seconds);
  json.key("types").begin_object();
  for (auto& [type, count] : facts.records) json.member(print(type), count);
  json.end_object().key("signatures").begin_object();
  for (auto& [algorithm, count] : facts.algorithms)
    json.member(print(static_cast<DnssecAlgorithm>(algorithm)), count);
  json.end_object().end_object();
  put(out + "\n");
}

}  // namespace

int InfoVerb::run() const {
  auto loaded = load(input);
  if (!loaded) return unknown;
  if (!loaded->zone) {
    for (const ReadIssue& issue : loaded->report.issues) fmt::print(stderr, "{}\n", print(issue));
    return no;
  }
  const Zone& zone = *loaded->zone;
  Facts facts = gather(zone);
  if (format == Format::json) {
    print_json(zone, facts, loaded->seconds);
    return yes;
  }
  auto soa = zone.soa_times();
  put(fmt::format(
      "zone         {} {}\nserial       {}\ntimers       refresh {} retry {} expire {} minimum {}\n",
      print(zone.origin()), print(zone.rr_class()), soa.serial, soa.refresh, soa.retry, soa.expire,
      soa.minimum));
  put(fmt::format("records      {} in {} RRsets at {} names\ndelegations  {}, {} of them secure\n",
                  zone.record_count(), zone.rrset_count(), zone.node_count(), facts.delegations,
                  facts.secure_delegations));
  put(fmt::format("denial       {}\n", denial_of(zone)));
  for (auto& [algorithm, count] : facts.algorithms)
    put(fmt::format("signatures   {} by {}\n", count, print(static_cast<DnssecAlgorithm>(algorithm))));
  if (facts.first_expiry)
    put(fmt::format("valid        from {} to {}\n", print_stamp(*facts.last_inception),
                    print_stamp(*facts.first_expiry)));
  std::string types;
  for (auto& [type, count] : facts.records) types += fmt::format(" {} {}", print(type), count);
  put(fmt::format("types       {}\n", types));
  put(fmt::format("memory       {} octets, {:.1f} for each record; read in {:.3f} s\n", zone.memory(),
                  static_cast<double>(zone.memory()) / static_cast<double>(zone.record_count()),
                  loaded->seconds));
  return yes;
}

}  // namespace zw::app
