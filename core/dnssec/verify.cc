#include "dnssec/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "dnssec/zone_part.h"

namespace zw {
namespace {

// Tasks are as many whatever the workers are, so that the report is the same. Some dozens share the work
// evenly; long runs of pages spare the making of contexts.
std::size_t pages_per_task(std::size_t pages) { return std::clamp<std::size_t>(pages / 64, 1, 16); }

class ZoneVerification {
 public:
  ZoneVerification(const Zone& zone, const VerifyOptions& options)
      : zone_(zone), options_(options), facts_{zone, options, {}, false, false, {}} {
    report_.findings = Findings(options.max_findings);
  }
  VerifyReport run(Workers& workers) {
    load_keys();
    load_denial();
    run_parts(workers);
    check_unmatched(zone_, facts_.nsec3_chains, report_.findings);
    tally_.repeated.tell(report_.findings);
    judge_zonemd();
    finish();
    return std::move(report_);
  }

 private:
  void tell(std::string_view rule, Severity severity, RrType type, std::string what) {
    report_.findings.add({rule, severity, zone_.origin(), type, std::move(what)});
  }
  bool is_signed() const;
  bool has_nsec_somewhere() const;
  void load_keys();
  void decide_trust(KeySet good);
  void load_denial();
  void run_parts(Workers& workers);
  void take(PartResult&& part);
  void judge_zonemd();
  void finish();

  const Zone& zone_;
  const VerifyOptions& options_;
  ZoneFacts facts_;
  SignatureTally tally_;
  VerifyReport report_;
};

bool ZoneVerification::is_signed() const {
  ZoneNode apex = zone_.apex();
  for (std::size_t i = 0; i < apex.rrset_count(); ++i)
    if (apex.rrset(i).type() == RrType::RRSIG) return true;
  return false;
}

bool ZoneVerification::has_nsec_somewhere() const {
  for (const PagePtr& page : zone_.names().pages())
    for (std::size_t i = 0; i < page->row_count(); ++i)
      if (page->rows()[i].type == RrType::NSEC) return true;
  return false;
}

void ZoneVerification::load_keys() {
  auto set = zone_.apex().find(RrType::DNSKEY);
  if (!is_signed()) {
    tell("unsigned-zone", Severity::error, RrType{}, "nothing at the apex is signed");
    return;
  }
  if (!set) {
    tell("dnskey-missing", Severity::error, RrType::DNSKEY,
         "the apex has signatures and no keys (RFC 4035 section 2.1)");
    return;
  }
  report_.keys = set->size();
  facts_.keys = zw::load_keys(zone_, options_, report_.findings);
  facts_.check_signatures = true;
  SignatureChecker checker(zone_, facts_.keys, options_);
  KeySet good = checker.check(lower(zone_.origin()), *set, zone_.apex().find_signatures(RrType::DNSKEY),
                              report_.findings);
  tally_.merge(checker.tally());
  decide_trust(good);
}

void ZoneVerification::decide_trust(KeySet good) {
  KeySet believed = good;
  if (!options_.anchors.empty()) {
    KeySet matched = match_anchors(zone_, facts_.keys, options_, report_.findings);
    believed &= matched;
    if (matched && good && !believed)
      tell("anchor-signature", Severity::error, RrType::DNSKEY,
           "the key that a trust anchor names does not sign the keys (RFC 4035 section 5)");
  }
  if (!believed) return;
  report_.trust = options_.anchors.empty() ? Trust::self_consistent : Trust::anchored;
  report_.trusted_key_tag = facts_.keys[static_cast<std::size_t>(std::countr_zero(believed))].tag;
}

void ZoneVerification::load_denial() {
  ZoneNode apex = zone_.apex();
  facts_.nsec3_chains = load_nsec3_chains(zone_, options_, report_.findings);
  bool has_nsec3 = apex.has(RrType::NSEC3PARAM) || !zone_.nsec3().is_empty();
  facts_.has_nsec = apex.has(RrType::NSEC) || (!has_nsec3 && has_nsec_somewhere());
  if (is_signed() && !facts_.has_nsec && !has_nsec3)
    tell("denial-missing", Severity::error, RrType::NSEC,
         "the zone has neither NSEC nor NSEC3 records (RFC 4035 section 2.3)");
}

void ZoneVerification::run_parts(Workers& workers) {
  std::size_t pages = zone_.names().pages().size(), nsec3_pages = zone_.nsec3().pages().size();
  std::size_t step = pages_per_task(pages), nsec3_step = pages_per_task(nsec3_pages);
  std::size_t parts = (pages + step - 1) / step, nsec3_parts = (nsec3_pages + nsec3_step - 1) / nsec3_step;
  std::vector<PartResult> results(parts + nsec3_parts);
  // The digest is the longest task that cannot be split, so it goes first.
  workers.run(1 + results.size(), [&](std::size_t task) {
    if (task == 0) {
      report_.zonemd = check_zonemd(zone_);
    } else if (std::size_t part = task - 1; part < parts) {
      results[part] = check_names(facts_, part * step, (part + 1) * step);
    } else {
      part -= parts;
      results[parts + part] = check_nsec3_records(facts_, part * nsec3_step, (part + 1) * nsec3_step);
    }
  });
  for (PartResult& result : results) take(std::move(result));
}

void ZoneVerification::take(PartResult&& part) {
  report_.findings.merge(std::move(part.findings));
  tally_.merge(part.tally);
  report_.nsec_records += part.nsec_records;
  report_.nsec3_records += part.nsec3_records;
  report_.secure_delegations += part.secure_delegations;
  report_.insecure_delegations += part.insecure_delegations;
}

void ZoneVerification::judge_zonemd() {
  bool required = options_.zonemd == VerifyOptions::Zonemd::required;
  auto blame = [&](std::string_view rule, Severity severity) {
    tell(rule, severity, RrType::ZONEMD, report_.zonemd.what);
  };
  switch (report_.zonemd.verdict) {
    case ZonemdVerdict::valid: break;
    case ZonemdVerdict::mismatch: blame("zonemd-mismatch", Severity::error); break;
    case ZonemdVerdict::serial_mismatch: blame("zonemd-serial", Severity::error); break;
    case ZonemdVerdict::malformed: blame("zonemd-malformed", Severity::error); break;
    case ZonemdVerdict::duplicate: blame("zonemd-duplicate", Severity::error); break;
    case ZonemdVerdict::unsupported:
      blame("zonemd-unsupported", required ? Severity::error : Severity::warning);
      break;
    case ZonemdVerdict::absent:
      if (required) blame("zonemd-absent", Severity::error);
      break;
  }
}

void ZoneVerification::finish() {
  report_.signed_rrsets = tally_.signed_rrsets;
  report_.signatures = tally_.signatures;
  report_.known = tally_.known;
  if (options_.remember) report_.remembered = std::make_shared<KnownSignatures>(std::move(tally_.good));
  report_.earliest_expiry = tally_.earliest_expiry;
  report_.latest_inception = tally_.latest_inception;
}

}  // namespace

VerifyReport verify_zone(const Zone& zone, const VerifyOptions& options, Workers& workers) {
  return ZoneVerification(zone, options).run(workers);
}

}  // namespace zw
