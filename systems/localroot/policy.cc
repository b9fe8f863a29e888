#include "localroot/policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace zw::localroot {

std::string summary(const VerifyReport& report) {
  for (const Finding& finding : report.findings.kept()) {
    if (finding.severity != Severity::error) continue;
    std::string type = finding.type == RrType{} ? "" : " " + print(finding.type);
    std::size_t more = report.findings.errors() - 1;
    return fmt::format("{}: {}{}: {}{}", finding.rule, print(finding.owner), type, finding.what,
                       more ? fmt::format(" (and {} more errors)", more) : "");
  }
  return fmt::format("{} errors", report.findings.errors());
}

std::string not_newer(Serial candidate, Serial published) {
  return fmt::format("older-serial: {} is not newer than {} (RFC 1982)", candidate.value(),
                     published.value());
}

Judgement judge(std::optional<Serial> published, std::optional<Serial> floor, const Zone& candidate,
                const VerifyReport& report) {
  Serial serial = candidate.serial();
  if (published && !(serial > *published)) return {false, not_newer(serial, *published)};
  if (floor && !(serial >= *floor))
    return {false, fmt::format("older-serial: {} is older than {}, which was published once (RFC 1982)",
                               serial.value(), floor->value())};
  if (!report.is_valid()) return {false, summary(report)};
  return {true, ""};
}

WallTime good_until(const Evidence& evidence) {
  return evidence.signed_until ? std::min(evidence.expires_at, *evidence.signed_until) : evidence.expires_at;
}

}  // namespace zw::localroot
