#include "localroot/verifier.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "zone/catalog.h"

namespace zw::localroot {

Judged ZoneVerifier::verify(ZonePtr zone, std::optional<Serial> published, std::optional<Serial> floor,
                            const KnownSignaturesPtr& known) const {
  Judged out;
  VerifyOptions options;
  options.at = clock_.wall();
  options.anchors = settings_.anchors;
  options.max_findings = 100;
  if (settings_.require_zonemd) options.zonemd = VerifyOptions::Zonemd::required;
  if (settings_.accept_rsasha1) options.rsa_sha1 = RsaSha1::accept;
  options.known = known.get();
  options.remember = true;
  auto start = clock_.steady();
  VerifyReport report;
  if (settings_.most_members > 0)
    read_catalog(*zone, settings_.most_members, report.findings);
  else
    report = verify_zone(*zone, options, workers_);
  out.judgement = judge(published, floor, *zone, report);
  out.verify_seconds = std::chrono::duration<double>(clock_.steady() - start).count();

  Evidence& evidence = out.evidence;
  evidence.origin = zone->origin();
  evidence.serial = zone->serial();
  evidence.records = zone->record_count();
  evidence.signatures = report.signatures;
  out.known_count = report.known;
  evidence.verified_at = evidence.confirmed_at = options.at;
  evidence.expires_at = options.at + Seconds(zone->soa_times().expire);
  evidence.has_zonemd = report.zonemd.verdict == ZonemdVerdict::valid;
  if (report.earliest_expiry) evidence.signed_until = report.earliest_expiry->when;
  if (out.judgement.publish) {
    if (evidence.has_zonemd)
      out.zonemd = make_zonemd(zone->serial(), *report.zonemd.hash, report.zonemd.digest->bytes());
    ZonemdHash hash = report.zonemd.hash.value_or(ZonemdHash::SHA384);
    auto digest = report.zonemd.digest ? Result<Digest>(*report.zonemd.digest) : zone_digest(*zone, hash);
    if (digest) evidence.digest = base16(digest->bytes());
    evidence.digest_kind = print(hash);
  }
  if (out.judgement.publish) out.known = report.remembered;
  if (out.judgement.publish) out.rendered.whole = make_image(zone);
  out.zone = std::move(zone);
  return out;
}

// A zone without one is rendered anew for each transfer, which costs time instead of memory.
WireImagePtr ZoneVerifier::make_image(const ZonePtr& zone) const {
  return settings_.most_image_octets > 0 ? WireImage::make(zone, settings_.most_image_octets) : nullptr;
}

}  // namespace zw::localroot
