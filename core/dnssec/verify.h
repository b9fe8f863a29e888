// Verifies a whole zone as it is published: that a validator will believe every answer made from it, and
// every denial (RFC 4033 to 4035, 5155, 6840), and that it is the zone its ZONEMD record was made for (RFC
// 8976).
//
// Every fault is told, with owner, type and reason; nothing stops at the first. What the rules are named and
// where they come from: verify_rules().
#pragma once

#include <optional>
#include <span>

#include "base/time.h"
#include "base/workers.h"
#include "dnssec/known_signatures.h"
#include "dnssec/trust_anchor.h"
#include "dnssec/zonemd.h"
#include "zone/finding.h"
#include "zone/zone.h"

namespace zw {

/// Algorithms 5 and 7 (RSA with SHA-1; RFC 8624 §3.1).
enum class RsaSha1 {
  refuse,  // as if the program could not compute them
  accept,  // with a warning
};

struct VerifyOptions {
  WallTime at;  // when to judge: the signatures must be valid then
  /// Those of other zones are passed over. With none at all, any zone key of the apex that signs the
  /// DNSKEY RRset is believed: the zone is then only consistent in itself, and the report says so.
  std::span<const TrustAnchor> anchors = {};
  enum class Zonemd {
    if_present,  // its absence must be proven by the denial record of the apex, as RFC 8976 §4 asks
    required,
  } zonemd = Zonemd::if_present;
  RsaSha1 rsa_sha1 = RsaSha1::refuse;
  std::uint16_t max_nsec3_iterations =
      500;                          // chains with more are not followed: each name costs as many hashes
  std::size_t max_findings = 1000;  // kept; all are counted
  const KnownSignatures* known = nullptr;  // not to be computed again
  bool remember = false;                   // whether the report has those for the next version
};

/// Which of several beliefs the verdict rests on.
enum class Trust {
  none,             // nothing could be believed
  self_consistent,  // no anchors were given
  anchored,
};

struct VerifyReport {
  bool is_valid() const { return findings.errors() == 0; }

  Findings findings;
  Trust trust = Trust::none;
  std::optional<std::uint16_t> trusted_key_tag;  // of the key that is believed first

  std::size_t keys = 0;           // in the DNSKEY RRset
  std::size_t signed_rrsets = 0;  // that must be signed
  std::size_t signatures = 0;     // valid ones over them
  std::size_t known = 0;          // of those that are good: were known to be
  std::size_t nsec_records = 0, nsec3_records = 0;
  std::size_t secure_delegations = 0, insecure_delegations = 0;

  /// An RRset can be believed until its last good signature expires, the zone until its first RRset cannot.
  /// Signatures out of their time count, broken ones do not. Absent if there is no good signature.
  struct Horizon {
    WallTime when;
    Name owner;
    RrType type;
  };
  std::optional<Horizon> earliest_expiry, latest_inception;

  ZonemdReport zonemd;
  KnownSignaturesPtr remembered;  // all that are good; null unless asked for
};

/// Splits the work over `workers`. The report is the same for any number of them.
VerifyReport verify_zone(const Zone& zone, const VerifyOptions& options, Workers& workers);

/// One kind of fault.
struct VerifyRule {
  std::string_view name;
  std::string_view reference;  // "RFC 4035 §2.2"
  std::string_view what;
};
std::span<const VerifyRule> verify_rules();

}  // namespace zw
