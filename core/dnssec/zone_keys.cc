#include "dnssec/zone_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "dnssec/ds.h"

namespace zw {
namespace {

bool is_rsa_sha1(DnssecAlgorithm algorithm) {
  return algorithm == DnssecAlgorithm::RSASHA1 || algorithm == DnssecAlgorithm::RSASHA1_NSEC3_SHA1;
}

// What is made of a key for many signatures at once costs as much as some seventy of them.
constexpr std::size_t kManyRrsets = 500;

enum class Match { no, yes, revoked };

// The key as it was before it was revoked, which is what its anchors were made from (RFC 5011 §2.1).
Buffer unrevoked(DnskeyView key) {
  Buffer rdata(key.rdata().begin(), key.rdata().end());
  set16(rdata.data(), static_cast<std::uint16_t>(key.flags() & ~DnskeyView::kRevoke));
  return rdata;
}

bool names(const TrustAnchor& anchor, NameView owner, Bytes key) {
  if (anchor.type == RrType::DNSKEY) return same_bytes(anchor.rdata, key);
  auto ds = DsView::parse(anchor.rdata);
  auto view = DnskeyView::parse(key);
  if (!ds || !view || ds->algorithm() != view->algorithm() || ds->key_tag() != view->key_tag()) return false;
  auto digest = ds_digest(owner, key, ds->digest_type());
  return digest && same_bytes(digest->bytes(), ds->digest());
}

Match match(const TrustAnchor& anchor, NameView owner, const ZoneKey& key) {
  if (names(anchor, owner, key.record.rdata())) return key.record.is_revoked() ? Match::revoked : Match::yes;
  bool was = key.record.is_revoked() && names(anchor, owner, unrevoked(key.record));
  return was ? Match::revoked : Match::no;
}

void check_key(const ZoneKey& key, const Error* error, const VerifyOptions& options, NameView owner,
               Findings& findings) {
  DnssecAlgorithm algorithm = key.record.algorithm();
  auto tell = [&](std::string_view rule, Severity severity, std::string what) {
    findings.add({rule, severity, owner, RrType::DNSKEY, std::move(what)});
  };
  if (is_rsa_sha1(algorithm))
    tell("weak-algorithm", Severity::warning,
         fmt::format("key {} is for {}, which {} (RFC 8624 section 3.1)", key.tag, print(algorithm),
                     options.rsa_sha1 == RsaSha1::accept ? "should be replaced" : "does not count here"));
  else if (!is_supported(algorithm) || (error && error->kind == ErrorKind::unsupported))
    tell("unsupported-algorithm", Severity::warning,
         fmt::format("key {} is for algorithm {}, which cannot be computed here", key.tag, print(algorithm)));
  else if (error)
    tell("dnskey-malformed", Severity::error, fmt::format("key {}: {}", key.tag, error->what));
}

}  // namespace

bool is_accepted(DnssecAlgorithm algorithm, const VerifyOptions& options) {
  return is_supported(algorithm) && (!is_rsa_sha1(algorithm) || options.rsa_sha1 == RsaSha1::accept);
}

std::vector<ZoneKey> load_keys(const Zone& zone, const VerifyOptions& options, Findings& findings) {
  std::vector<ZoneKey> keys;
  auto set = zone.apex().find(RrType::DNSKEY);
  if (!set) return keys;
  if (set->size() > kMaxZoneKeys)
    findings.add({"dnskey-too-many", Severity::error, zone.origin(), RrType::DNSKEY,
                  fmt::format("{} keys; only the first {} take part, as each costs validators time",
                              set->size(), kMaxZoneKeys)});
  for (Bytes rdata : set->rdatas()) {
    auto view = DnskeyView::parse(rdata);
    if (!view || keys.size() == kMaxZoneKeys) continue;
    ZoneKey& key = keys.emplace_back(ZoneKey{*view, view->key_tag(), std::nullopt, std::nullopt});
    auto made = PublicKey::make(view->algorithm(), view->public_key());
    check_key(key, made ? nullptr : &made.error(), options, zone.origin(), findings);
    if (!made || !is_accepted(view->algorithm(), options)) continue;
    key.key = *made;
    if (view->algorithm() == DnssecAlgorithm::ECDSAP256SHA256 && zone.rrset_count() >= kManyRrsets)
      key.batch.emplace(*made);
  }
  return keys;
}

KeySet match_anchors(const Zone& zone, const std::vector<ZoneKey>& keys, const VerifyOptions& options,
                     Findings& findings) {
  KeySet matched = 0;
  std::size_t own = 0;  // anchors of this zone
  const ZoneKey* revoked = nullptr;
  for (const TrustAnchor& anchor : options.anchors) {
    if (anchor.owner.view() != zone.origin()) continue;
    ++own;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      Match outcome = match(anchor, zone.origin(), keys[i]);
      if (outcome == Match::yes) matched |= KeySet{1} << i;
      if (outcome == Match::revoked) revoked = &keys[i];
    }
  }
  auto tell = [&](std::string_view rule, std::string what) {
    findings.add({rule, Severity::error, zone.origin(), RrType::DNSKEY, std::move(what)});
  };
  if (own == 0)
    tell("anchor-missing",
         fmt::format("none of the {} trust anchors is for this zone", options.anchors.size()));
  else if (!matched && revoked)
    tell("anchor-revoked", fmt::format("the key that the trust anchor names, now with tag {}, is revoked "
                                       "(RFC 5011 section 2.1)",
                                       revoked->tag));
  else if (!matched)
    tell(
        "anchor-mismatch",
        fmt::format("none of the {} keys is named by one of the zone's {} trust anchors (RFC 4035 section 5)",
                    keys.size(), own));
  return matched;
}

}  // namespace zw
