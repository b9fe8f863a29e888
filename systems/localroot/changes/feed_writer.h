// The change feed of a zone as its keeper writes it: publishing never waits for it and never fails because of
// it. What goes wrong is told, and made up for from the journal with the next version.
//
// On the job thread, where the journal is written; feed() on any.
#pragma once

#include <memory>

#include "base/time.h"
#include "localroot/changes/change_feed.h"
#include "localroot/evidence.h"
#include "log/log.h"
#include "metrics/metrics.h"

namespace zw::localroot {

class FeedWriter {
 public:
  /// All but `folder` and `settings` outlives it. Nothing is read or written before note().
  FeedWriter(NameView zone, std::string folder, const ChangeFeedSettings& settings, const Clock& clock,
             Logger& log, Metrics& metrics);

  /// `newest` is on disk, `journal` is open. `changes`: what led to it from the version before; null if that
  /// is not at hand, as after a start. Whatever the feed lacks before it is taken from the journal.
  void note(const Journal& journal, const ZonePtr& newest, const Changeset* changes,
            const Evidence& evidence);
  /// For readers; null until what is on disk could be read.
  std::shared_ptr<const ChangeFeed> feed() const { return opened_ ? feed_ : nullptr; }

 private:
  Result<void> write(const Journal& journal, const ZonePtr& newest, const Changeset* changes,
                     const Evidence& evidence);
  Result<void> open();

  const Clock& clock_;
  Logger& log_;
  std::shared_ptr<ChangeFeed> feed_;
  Gauge versions_, octets_;
  Counter failures_;
  bool opened_ = false;
};

}  // namespace zw::localroot
