// Which new versions which subscribers are told of. Most publications of the root change signatures only, and
// a resolver with yesterday's copy answers as well as one with today's, as long as its signatures hold;
// whoever wants to be told seldom says so by a policy, and all with the same policy are told together.
//
// Pure: time is handed in.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "zone/changeset.h"

namespace zw::localroot {

enum class NotifyPolicy : std::uint8_t {
  always,              // of each version
  change,              // when data other than signatures changed
  deadline,            // when a third of the life of the signatures that they have is over
  change_or_deadline,  // whatever comes first
  security,            // at once when keys or DS records changed, else at the deadline
};
inline constexpr std::size_t kNotifyPolicies = 5;
/// As in configurations: `change-or-deadline`.
std::string_view print(NotifyPolicy policy);
std::optional<NotifyPolicy> parse_notify_policy(std::string_view word);

/// What changed from one version to the next, or over several.
struct VersionChange {
  /// Anything but what each signing of the same data may change: the SOA's serial, RRSIG, ZONEMD, and the
  /// records of the denial chain (NSEC, NSEC3, NSEC3PARAM), which follow the names and types that there are.
  bool data = false;
  /// Keys of the zone (DNSKEY, CDNSKEY, CDS; a revoked key is a changed one) or of a delegation (DS): with
  /// the old ones, new signatures would be refused, or bad ones believed.
  bool security = false;

  VersionChange& operator|=(const VersionChange& other);
};
VersionChange change_of(const Changeset& changes);
/// Whether each signing of the same data may change records of this type: those that `data` leaves out.
bool comes_with_signing(RrType type);
/// Whether the SOA changes in anything but its serial.
bool changes_soa(const Changeset& changes);

/// From when signatures are valid, and for how long.
struct SignatureSpan {
  WallTime inception{};
  Seconds life{0};
};
/// Of the signature over the SOA, which stands for all; no life if there is none. `now`: for times that are
/// 32 bits (RFC 4034 §3.1.5).
SignatureSpan signature_span(const Zone& zone, WallTime now);

/// Those who share a policy.
class NotifyGroup {
 public:
  explicit NotifyGroup(NotifyPolicy policy) : policy_(policy) {}

  /// There is a new version: are they told now? The first version is always told.
  bool is_told(const VersionChange& change, const SignatureSpan& span, WallTime now);
  /// When they are told of a version that was withheld if no other comes before. Then call tell().
  std::optional<WallTime> due() const;
  void tell(const SignatureSpan& span);

  /// How long before its deadline a version is told, rather than to wait for one that may not come in time.
  static constexpr Seconds kMargin{12 * 3600};

 private:
  bool has_deadline() const;
  WallTime deadline() const { return told_->inception + told_->life / 3; }

  NotifyPolicy policy_;
  std::optional<SignatureSpan> told_;  // of the version that was told
  bool withheld_ = false;              // there is a newer one
};

}  // namespace zw::localroot
