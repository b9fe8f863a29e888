#include "dnssec/zonemd.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "base/encoding.h"
#include "dnssec/canonical.h"

namespace zw {
namespace {

constexpr std::size_t kBlock = 64 << 10;
constexpr std::size_t kMinDigestOctets = 12;

bool is_excluded(NameView relative, const RrSetView& set) {
  return relative.is_root() && (set.type() == RrType::ZONEMD || set.covered() == RrType::ZONEMD);
}

// How often each hash stands with scheme SIMPLE.
using HashCounts = std::array<std::size_t, 256>;

// What speaks against a record, if anything does.
std::optional<ZonemdVerdict> objection(const ZonemdView& one, const HashCounts& counts, Serial serial) {
  if (one.scheme() != ZonemdScheme::SIMPLE || !digest_algorithm(one.hash()))
    return ZonemdVerdict::unsupported;
  if (counts[static_cast<std::size_t>(one.hash())] > 1) return ZonemdVerdict::duplicate;
  if (one.digest().size() < kMinDigestOctets) return ZonemdVerdict::malformed;
  if (Serial(one.serial()) != serial) return ZonemdVerdict::serial_mismatch;
  return std::nullopt;
}

// `culprit`: the record that the objection was made to, if none counts.
std::string describe(const ZonemdReport& report, const std::optional<ZonemdView>& culprit, Serial serial) {
  switch (report.verdict) {
    case ZonemdVerdict::valid: return fmt::format("the {} digest of the zone matches", print(*report.hash));
    case ZonemdVerdict::mismatch:
      return fmt::format("the {} digest of the zone is {}, and no ZONEMD record has it (RFC 8976 section 4)",
                         print(*report.hash), base16(report.digest->bytes()));
    case ZonemdVerdict::absent: return "the apex has no ZONEMD record";
    case ZonemdVerdict::serial_mismatch:
      return fmt::format("the ZONEMD record is for serial {}, the SOA has {} (RFC 8976 section 4)",
                         culprit->serial(), serial.value());
    case ZonemdVerdict::malformed:
      return fmt::format("the digest is shorter than {} octets (RFC 8976 section 2.2.4)", kMinDigestOctets);
    case ZonemdVerdict::duplicate:
      return "several ZONEMD records have one scheme and hash, so none of them counts (RFC 8976 section 4)";
    case ZonemdVerdict::unsupported: break;
  }
  return fmt::format("scheme {} with hash {} is not known here, and no other ZONEMD record counts",
                     static_cast<unsigned>(culprit->scheme()), print(culprit->hash()));
}

void compare(const Zone& zone, const std::vector<ZonemdView>& counting, ZonemdReport& report) {
  std::vector<Digester> digesters;
  for (const ZonemdView& one : counting) digesters.emplace_back(*digest_algorithm(one.hash()));
  digest_zone(zone, digesters);
  report.verdict = ZonemdVerdict::mismatch;
  for (std::size_t i = 0; i < counting.size(); ++i) {
    Digest digest = digesters[i].finish();
    bool same = same_bytes(digest.bytes(), counting[i].digest());
    if (i != 0 && (!same || report.verdict == ZonemdVerdict::valid)) continue;
    report.hash = counting[i].hash();
    report.digest = digest;
    if (same) report.verdict = ZonemdVerdict::valid;
  }
}

}  // namespace

std::string print(ZonemdHash hash) {
  switch (hash) {
    case ZonemdHash::SHA384: return "SHA-384";
    case ZonemdHash::SHA512: return "SHA-512";
  }
  return std::to_string(static_cast<unsigned>(hash));
}

std::optional<DigestAlgorithm> digest_algorithm(ZonemdHash hash) {
  switch (hash) {
    case ZonemdHash::SHA384: return DigestAlgorithm::sha384;
    case ZonemdHash::SHA512: return DigestAlgorithm::sha512;
  }
  return std::nullopt;
}

void digest_zone(const Zone& zone, std::span<Digester> digesters) {
  Buffer block;
  block.reserve(2 * kBlock);
  auto flush = [&] {
    for (Digester& digester : digesters) digester.update(block);
    block.clear();
  };
  const std::uint8_t* relative_octets = nullptr;  // of the name that `owner` was made from
  Name owner;
  zone.visit_rrsets([&](NameView relative, RrSetView set) {
    if (is_excluded(relative, set)) return;
    if (relative.data() != relative_octets) {
      relative_octets = relative.data();
      owner = lower(zone.owner(relative));
    }
    append_canonical_rrset(block, owner, zone.rr_class(), set.ttl(), set);
    if (block.size() >= kBlock) flush();
  });
  flush();
}

Result<Digest> zone_digest(const Zone& zone, ZonemdHash hash) {
  auto algorithm = digest_algorithm(hash);
  if (!algorithm) return fail(ErrorKind::unsupported, "ZONEMD hash {} cannot be computed", print(hash));
  Digester digester(*algorithm);
  digest_zone(zone, std::span(&digester, 1));
  return digester.finish();
}

Buffer make_zonemd(Serial serial, ZonemdHash hash, Bytes digest) {
  Buffer out;
  append32(out, serial.value());
  append8(out, static_cast<std::uint8_t>(ZonemdScheme::SIMPLE));
  append8(out, static_cast<std::uint8_t>(hash));
  append(out, digest);
  return out;
}

ZonemdReport check_zonemd(const Zone& zone) {
  ZonemdReport report;
  Serial serial = zone.serial();
  std::vector<ZonemdView> all, counting;
  HashCounts counts{};
  if (auto set = zone.apex().find(RrType::ZONEMD)) {
    report.verdict = ZonemdVerdict::malformed;
    for (Bytes rdata : set->rdatas()) {
      auto view = ZonemdView::parse(rdata);
      if (!view) continue;
      all.push_back(*view);
      if (view->scheme() == ZonemdScheme::SIMPLE) ++counts[static_cast<std::size_t>(view->hash())];
    }
  }
  // Of the objections the one that comes first in ZonemdVerdict is told.
  std::optional<ZonemdVerdict> against;
  std::optional<ZonemdView> culprit;
  for (const ZonemdView& one : all) {
    auto verdict = objection(one, counts, serial);
    if (!verdict) {
      counting.push_back(one);
    } else if (!against || *verdict < *against) {
      against = verdict;
      culprit = one;
    }
  }
  if (!counting.empty())
    compare(zone, counting, report);
  else if (against)
    report.verdict = *against;
  report.what = describe(report, culprit, serial);
  return report;
}

}  // namespace zw
