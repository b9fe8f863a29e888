// Zone files of any content: a zone that can be read can be signed, with NSEC, NSEC3 and opt-out, and what
// comes out verifies; signed once more it is the same.
#include "dnssec/sign.h"
#include "dnssec/test_signer.h"
#include "dnssec/verify.h"
#include "zone/reader.h"
#include "zone/writer.h"

using namespace zw;

namespace {

constexpr std::size_t kMostRecords = 200;  // each is signed six times

SigningPlan plan_of(std::optional<Nsec3Plan> nsec3) {
  static const test::SigningKey key = test::fixed_key(1, test::kKsk, DnssecAlgorithm::ECDSAP256SHA256);
  SigningPlan plan;
  plan.keys.push_back({key.dnskey, KeyUse::both, [] { return key.key.make_signer(); }});
  plan.inception = *parse_time("2026-08-01T00:00:00Z");
  plan.expiration = *parse_time("2026-08-15T00:00:00Z");
  plan.zonemd = {ZonemdHash::SHA384};
  plan.nsec3 = std::move(nsec3);
  return plan;
}

void check(const Zone& zone, const SigningPlan& plan) {
  SerialWorkers workers;
  auto made = sign_zone(zone, plan, workers);
  ZW_ASSERT(made.has_value());
  VerifyOptions options;
  options.at = plan.inception + std::chrono::hours(1);
  VerifyReport report = verify_zone(**made, options, workers);
  for (const Finding& finding : report.findings.kept())
    if (finding.severity == Severity::error) assertion_failed(finding.what.c_str(), __FILE__, __LINE__);
  ZW_ASSERT(report.zonemd.verdict == ZonemdVerdict::valid);
  ZW_ASSERT(canonical_text(**sign_zone(**made, plan, workers)) == canonical_text(**made));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ReaderOptions options;
  options.origin = *Name::parse("example.");
  options.most_generated = kMostRecords;
  ZoneReading reading = read_zone(as_text({data, size}), "fuzz", options);
  if (!reading.zone || reading.zone->record_count() > kMostRecords) return 0;
  check(*reading.zone, plan_of(std::nullopt));
  check(*reading.zone, plan_of(Nsec3Plan{}));
  check(*reading.zone, plan_of(Nsec3Plan{1, {7}, true}));
  return 0;
}
