#include <fmt/format.h>

#include "base/encoding.h"
#include "dnssec/trust_anchor.h"
#include "dnssec/verify.h"
#include "format/json.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/workers.h"
#include "zonetools/verbs.h"

namespace zw::app {
namespace {

constexpr std::size_t kMostAnchorOctets = 1 << 20;

std::optional<std::vector<TrustAnchor>> read_anchors(const std::vector<std::string>& files) {
  std::vector<TrustAnchor> all;
  for (const std::string& file : files) {
    auto content = read_file(file, kMostAnchorOctets);
    auto anchors = content ? parse_trust_anchors(as_text(*content), file) : std::unexpected(content.error());
    if (!anchors) {
      complain(anchors.error().what);
      return std::nullopt;
    }
    all.insert(all.end(), anchors->begin(), anchors->end());
  }
  return all;
}

std::string_view print(Trust trust) {
  switch (trust) {
    case Trust::anchored: return "anchored";
    case Trust::self_consistent: return "self-consistent";
    case Trust::none: break;
  }
  return "none";
}

std::string print_finding(const Finding& finding) {
  std::string type = finding.type == RrType{} ? "" : " " + zw::print(finding.type);
  return fmt::format("{}: {}{}: {} [{}]", finding.severity == Severity::error ? "error" : "warning",
                     zw::print(finding.owner), type, finding.what, finding.rule);
}

struct Judged {
  const Zone& zone;
  WallTime at;
  const VerifyReport& report;
  double read_seconds, verify_seconds;
};

void write_horizon(JsonWriter& json, std::string_view name,
                   const std::optional<VerifyReport::Horizon>& horizon) {
  json.key(name);
  if (!horizon) {
    json.null();
    return;
  }
  json.begin_object()
      .member("when", print_time(horizon->when))
      .member("owner", zw::print(horizon->owner))
      .member("type", zw::print(horizon->type))
      .end_object();
}

void put_json(const Judged& judged) {
  const VerifyReport& report = judged.report;
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("origin", zw::print(judged.zone.origin()))
      .member("serial", judged.zone.serial().value())
      .member("valid", report.is_valid())
      .member("judged_at", print_time(judged.at))
      .member("trust", print(report.trust))
      .member("trusted_key_tag", report.trusted_key_tag)
      .member("keys", report.keys)
      .member("signed_rrsets", report.signed_rrsets)
      .member("signatures", report.signatures)
      .member("nsec_records", report.nsec_records)
      .member("nsec3_records", report.nsec3_records)
      .member("secure_delegations", report.secure_delegations)
      .member("insecure_delegations", report.insecure_delegations);
  write_horizon(json, "earliest_expiry", report.earliest_expiry);
  write_horizon(json, "latest_inception", report.latest_inception);
  json.key("zonemd").begin_object().member("valid", report.zonemd.verdict == ZonemdVerdict::valid);
  json.member("what", report.zonemd.what);
  if (report.zonemd.digest) json.member("digest", base16(report.zonemd.digest->bytes()));
  json.end_object();
  json.member("errors", report.findings.errors()).member("warnings", report.findings.warnings());
  json.key("findings").begin_array();
  for (const Finding& finding : report.findings.kept())
    json.begin_object()
        .member("rule", finding.rule)
        .member("severity", finding.severity == Severity::error ? "error" : "warning")
        .member("owner", zw::print(finding.owner))
        .member("type", finding.type == RrType{} ? std::nullopt : std::optional(zw::print(finding.type)))
        .member("what", finding.what)
        .end_object();
  json.end_array()
      .member("read_seconds", judged.read_seconds)
      .member("verify_seconds", judged.verify_seconds)
      .end_object();
  put(out + "\n");
}

void put_text(const Judged& judged) {
  const VerifyReport& report = judged.report;
  for (const Finding& finding : report.findings.kept()) put(print_finding(finding) + "\n");
  std::size_t told = report.findings.kept().size(),
              all = report.findings.errors() + report.findings.warnings();
  if (told < all) put(fmt::format("… and {} more findings\n", all - told));
  put(fmt::format("zone {} serial {}: {} at {}\n", zw::print(judged.zone.origin()),
                  judged.zone.serial().value(), report.is_valid() ? "valid" : "NOT VALID",
                  print_time(judged.at)));
  std::string key = report.trusted_key_tag ? fmt::format(" by key {}", *report.trusted_key_tag) : "";
  put(fmt::format("trust        {}{}\n", print(report.trust), key));
  put(fmt::format("signatures   {} good over {} RRsets that must be signed, {} keys\n", report.signatures,
                  report.signed_rrsets, report.keys));
  put(fmt::format("denial       {} NSEC, {} NSEC3\n", report.nsec_records, report.nsec3_records));
  put(fmt::format("delegations  {} secure, {} insecure\n", report.secure_delegations,
                  report.insecure_delegations));
  put(fmt::format("zonemd       {}\n", report.zonemd.what));
  if (report.earliest_expiry)
    put(fmt::format("expires      {} ({} {})\n", print_time(report.earliest_expiry->when),
                    zw::print(report.earliest_expiry->owner), zw::print(report.earliest_expiry->type)));
  put(fmt::format("time         read {:.3f} s, verified {:.3f} s\n", judged.read_seconds,
                  judged.verify_seconds));
}

}  // namespace

int VerifyVerb::run() const {
  std::optional<WallTime> moment = at.empty() ? SystemClock().wall() : parse_time(at);
  if (!moment) {
    complain("--at: expected a time such as 2026-08-05T00:00:00Z, found " + at);
    return wrong_use;
  }
  auto trust_anchors = read_anchors(anchors);
  if (!trust_anchors) return unknown;
  auto loaded = load(input);
  if (!loaded) return unknown;
  if (!loaded->zone) {
    for (const ReadIssue& issue : loaded->report.issues) fmt::print(stderr, "{}\n", zw::print(issue));
    return no;
  }
  VerifyOptions options;
  options.at = *moment;
  options.anchors = *trust_anchors;
  if (require_zonemd) options.zonemd = VerifyOptions::Zonemd::required;
  if (accept_rsasha1) options.rsa_sha1 = RsaSha1::accept;
  ThreadWorkers workers(threads);
  double start = seconds_now();
  VerifyReport report = verify_zone(*loaded->zone, options, workers);
  Judged judged{*loaded->zone, *moment, report, loaded->seconds, seconds_now() - start};
  format == Format::json ? put_json(judged) : put_text(judged);
  return report.is_valid() ? yes : no;
}

}  // namespace zw::app
