// Takes a version of a zone from its records to a judgement with evidence. Runs on the job thread.
#pragma once

#include <memory>
#include <optional>

#include "base/workers.h"
#include "localroot/history.h"
#include "localroot/policy.h"
#include "localroot/publication_log.h"
#include "localroot/store.h"
#include "transfer/differences.h"

namespace zw::localroot {

struct VerifierSettings {
  std::vector<TrustAnchor> anchors;
  bool require_zonemd = true;
  bool accept_rsasha1 = false;
  std::size_t most_image_octets = 0;  // 0: no image is made
  std::size_t most_members = 0;       // of a catalog, which is read instead of verified; 0: it is none
};

struct Judged {
  ZonePtr zone;       // null if it was not even a zone
  Rendered rendered;  // of a version to be published; without an image if it is too large
  HistoryExtent history;
  VersionChange change{true, true};  // from the version before
  LogState log;
  Judgement judgement;
  Buffer zonemd;      // of a version to be published: the RDATA that was found right, if the zone has one
  Evidence evidence;  // of a version to be published
  double verify_seconds = 0;
  KnownSignaturesPtr known;     // good ones of a version to be published
  std::size_t known_count = 0;  // of its signatures: were known to be good, and not computed again
};

class ZoneVerifier {
 public:
  /// All but `settings` outlives it. Safe for many threads.
  ZoneVerifier(VerifierSettings settings, const Clock& clock, Workers& workers)
      : settings_(std::move(settings)), clock_(clock), workers_(workers) {}

  const VerifierSettings& settings() const { return settings_; }
  /// `floor`: nothing older is published; `published`: nor this serial itself.
  /// `known`: signatures of the version before, or null.
  Judged verify(ZonePtr zone, std::optional<Serial> published, std::optional<Serial> floor,
                const KnownSignaturesPtr& known) const;
  /// Null if it would be larger than the settings allow.
  WireImagePtr make_image(const ZonePtr& zone) const;

 private:
  VerifierSettings settings_;
  const Clock& clock_;
  Workers& workers_;
};

}  // namespace zw::localroot
