// What somebody without the keys does to a signed zone. The input is a list of changes, five octets each, to
// the records of a small zone; its first octet chooses NSEC or NSEC3, with or without a digest. What
// verify_zone() then calls valid must still be the zone that was signed: its own data in any case, every
// record with the digest. With the first octet even, the rest is read as RDATA by the views and as a file of
// anchors.
#include <set>
#include <tuple>

#include "dns/rdata.h"
#include "dnssec/test_signer.h"
#include "dnssec/verify.h"

namespace {

using namespace zw;
using namespace zw::test;

constexpr std::string_view kZone = R"(@ 3600 SOA ns host 1 1800 900 604800 900
@ 3600 NS ns
ns 3600 A 192.0.2.1
*.wild.deep 300 TXT "any"
moved 300 DNAME elsewhere.
cut 7200 NS ns.cut
cut 7200 DS 12345 13 2 5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F
ns.cut 7200 A 192.0.2.4
open 7200 NS ns.cut
)";

struct Sample {
  Signing how;
  Records records{"example."};
  std::vector<TrustAnchor> anchors;
};

Sample make_sample(Denial denial, bool digest) {
  Sample sample;
  sample.how.denial = denial;
  if (digest) sample.how.zonemd = {ZonemdHash::SHA384};
  sample.records = sign_zone(Records("example.").add(kZone), sample.how);
  sample.anchors = {anchor_of(sample.records.origin(), sample.how.keys[0])};
  return sample;
}

using Row = std::tuple<Name, RrType, Buffer>;

// The records that signatures speak for, or all but the digest's own signatures.
std::set<Row> rows_of(const Zone& zone, bool all) {
  std::set<Row> rows;
  auto add = [&](NameView relative, RrSetView set) {
    for (Bytes rdata : set.rdatas()) {
      Buffer canonical;
      append_canonical_rdata(canonical, set.type(), rdata);
      rows.insert({lower(zone.owner(relative)), set.type(), canonical});
    }
  };
  if (all) {
    zone.visit_rrsets([&](NameView relative, RrSetView set) {
      if (set.covered() != RrType::ZONEMD) add(relative, set);
    });
    return rows;
  }
  ZoneCuts cuts(zone, zone.names().begin());
  for (auto at = zone.names().begin(); !at.is_end(); at.next()) {
    NodeKind kind = cuts.classify(*at);
    for (std::size_t i = 0; i < (*at).rrset_count(); ++i) {
      RrSetView set = (*at).rrset(i);
      bool own =
          kind == NodeKind::authoritative || (kind == NodeKind::delegation && set.type() == RrType::DS);
      if (own && set.type() != RrType::RRSIG) add((*at).relative(), set);
    }
  }
  return rows;
}

void change(Records& records, Bytes step) {
  auto& all = records.all();
  if (all.empty()) return;
  Record& record = all[step[0] % all.size()];
  std::size_t place = step[2];
  switch (step[1] % 9) {
    case 0: all.erase(all.begin() + step[0] % static_cast<std::ptrdiff_t>(all.size())); break;
    case 1: all.push_back(record); break;
    case 2:
    case 3:
      if (!record.rdata.empty()) record.rdata[place % record.rdata.size()] ^= step[3];
      break;
    case 4: record.ttl += step[3]; break;
    case 5: record.owner = all[step[3] % all.size()].owner; break;
    case 6: record.rdata.resize(std::min(record.rdata.size(), place)); break;
    case 7:
      record.rdata.insert(
          record.rdata.begin() + static_cast<std::ptrdiff_t>(place % (record.rdata.size() + 1)), step[3]);
      break;
    default: {
      Buffer label = {step[3], step[4]};
      if (auto owner = Name::prepend(label, record.owner)) record.owner = *owner;
    }
  }
  std::erase_if(all, [](const Record& r) { return !check_rdata(r.type, r.rdata); });
}

void valid_zones_are_the_signed_ones(std::uint8_t how, Bytes input) {
  static const Sample samples[] = {make_sample(Denial::nsec, false), make_sample(Denial::nsec3, false),
                                   make_sample(Denial::nsec, true), make_sample(Denial::nsec3, true)};
  const Sample& sample = samples[how >> 1 & 3];
  bool digest = how & 4;
  Records records = sample.records;
  for (; input.size() >= 5; input = input.subspan(5)) change(records, input.first(5));
  ZoneBuilder builder(records.origin());
  for (const Record& r : records.all()) builder.add(r.owner, r.type, r.ttl, r.rdata);
  Findings findings;
  auto zone = builder.build(findings);
  if (!zone) return;
  VerifyOptions options{.at = *parse_time("2026-08-05T00:00:00Z"), .anchors = sample.anchors};
  if (digest) options.zonemd = VerifyOptions::Zonemd::required;
  SerialWorkers workers;
  VerifyReport report = verify_zone(**zone, options, workers);
  if (!report.is_valid()) return;
  ZW_ASSERT(report.trust == Trust::anchored);
  ZW_ASSERT(rows_of(**zone, digest) == rows_of(*sample.records.build(), digest));
}

void views_are_whole(Bytes octets) {
  ZW_ASSERT(RrsigView::parse(octets).has_value() == check_rdata(RrType::RRSIG, octets));
  ZW_ASSERT(Nsec3View::parse(octets).has_value() == check_rdata(RrType::NSEC3, octets));
  ZW_ASSERT(Nsec3ParamView::parse(octets).has_value() == check_rdata(RrType::NSEC3PARAM, octets));
  auto nsec = NsecView::parse(octets);
  ZW_ASSERT(nsec.has_value() == check_rdata(RrType::NSEC, octets));
  if (!nsec) return;
  std::vector<RrType> types(nsec->types().begin(), nsec->types().end());
  for (RrType type : types) ZW_ASSERT(nsec->types().contains(type));
  Buffer again;
  append_type_bitmap(again, types);
  ZW_ASSERT(same_bytes(again, nsec->types().octets()));
}

void anchors_are_keys_or_none(std::string_view text) {
  auto anchors = parse_trust_anchors(text, "anchors");
  if (!anchors) return;
  ZW_ASSERT(!anchors->empty());
  for (const TrustAnchor& anchor : *anchors) ZW_ASSERT(check_rdata(anchor.type, anchor.rdata));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes rest(data + 1, size - 1);
  if (data[0] & 1) {
    valid_zones_are_the_signed_ones(data[0], rest.first(std::min<std::size_t>(rest.size(), 60)));
  } else {
    views_are_whole(rest);
    anchors_are_keys_or_none(as_text(rest));
  }
  return 0;
}
