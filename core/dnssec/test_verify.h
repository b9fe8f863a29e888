// For the tests of this room: one zone with all that matters to signatures and denial, and the rules that
// verify_zone() finds broken in it.
#pragma once

#include <doctest/doctest.h>

#include "dnssec/test_signer.h"
#include "dnssec/verify.h"

namespace zw::test {

inline constexpr std::string_view kVerifyZone = R"(@ 3600 SOA ns host 2026080500 1800 900 604800 900
@ 3600 NS ns
@ 3600 NS ns.elsewhere.
@ 3600 MX 10 Mail
ns 3600 A 192.0.2.1
ns 3600 AAAA 2001:db8::1
Mail 3600 A 192.0.2.2
*.wild 300 TXT "any name"
a.deep.path.to 3600 A 192.0.2.3
alias 300 CNAME www
moved 300 DNAME elsewhere.
secure 7200 NS ns.secure
secure 7200 DS 12345 13 2 5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F
ns.secure 7200 A 192.0.2.4
open 7200 NS ns.open
open 7200 NS open
open 7200 A 192.0.2.5
ns.open 7200 A 192.0.2.6
ns.b.open 7200 A 192.0.2.6
shop.co 7200 NS ns.elsewhere.
club.co 7200 NS ns.elsewhere.
www 3600 A 192.0.2.7
www 3600 HTTPS 1 . alpn="h2"
)";

inline Records plain() { return Records("example.").add(kVerifyZone); }

inline VerifyOptions options_at(std::string_view time) { return {.at = *parse_time(time)}; }

struct Outcome {
  VerifyReport report;
  std::string rules;  // of all findings, in order, each once
};

inline Outcome verify(const Records& records, VerifyOptions options = options_at("2026-08-05T00:00:00Z")) {
  SerialWorkers workers;
  Outcome outcome{verify_zone(*records.build(), options, workers), ""};
  std::set<std::string_view> seen;
  for (const Finding& finding : outcome.report.findings.kept()) {
    INFO(finding.rule, " ", print(finding.owner), " ", print(finding.type), ": ", finding.what);
    CHECK(std::any_of(verify_rules().begin(), verify_rules().end(),
                      [&](const VerifyRule& rule) { return rule.name == finding.rule; }));
    if (seen.insert(finding.rule).second)
      outcome.rules += (outcome.rules.empty() ? "" : " ") + std::string(finding.rule);
  }
  return outcome;
}

inline std::string rules(const Records& records, VerifyOptions options = options_at("2026-08-05T00:00:00Z")) {
  return verify(records, options).rules;
}

inline Signing nsec3_signing(OptOut opt_out = OptOut::no) {
  Signing how;
  how.denial = Denial::nsec3;
  how.opt_out = opt_out;
  return how;
}

}  // namespace zw::test
