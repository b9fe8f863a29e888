// What leads from each of the last versions of a zone to the newest one, rendered once and shared by all who
// are sent it: answers to IXFR (RFC 1995 §4). Each step is rendered when it comes, so a new version costs
// what it changes. A client never gets differences that are larger than the whole zone; so steps that nobody
// can be sent are not kept, and all of them together take no more memory than one answer to AXFR.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "transfer/wire_image.h"
#include "zone/changeset.h"

namespace zw {

/// Removed, then added records of one difference sequence, each with its SOA first. Null if a record does not
/// fit into a message.
MessageRunPtr render_differences(const Changeset& changes);

/// Immutable; any number of threads may read it.
class Differences {
 public:
  struct Settings {
    /// Octets of the whole zone as a stream: from here on nobody is sent differences.
    std::size_t whole = 0;
    /// One difference from each version to the newest (RFC 1995 §4) instead of all that lie between: smaller
    /// where records change often, and more memory, as the versions share nothing.
    bool condensed = false;
  };
  /// `newest`: with no way to it yet.
  static std::shared_ptr<const Differences> none(const ZonePtr& newest, const Settings& settings);
  /// After another step, which leads from the version of these differences to `newest`.
  std::shared_ptr<const Differences> with(const Changeset& step, const ZonePtr& newest,
                                          const Settings& settings) const;
  /// These with a step in front, which leads to the oldest version that there is a way from: so a history is
  /// read backwards. Null if that way would be too large, as those from older versions are then.
  std::shared_ptr<const Differences> behind(const Changeset& step) const;
  /// These, knowing that the ways from these versions are too large.
  std::shared_ptr<const Differences> without(const std::vector<Serial>& too_far) const;

  struct Answer {
    std::vector<MessageRunPtr> runs;  // for an ImageSource
    std::size_t octets = 0;           // as a stream
  };
  /// From the version that a client has; absent if there is no way from it that is smaller than the zone.
  std::optional<Answer> from(Serial client) const;
  /// Where from() is absent: true if that version is known, and the way from it is larger than the zone.
  bool is_too_far(Serial client) const;

  const ZonePtr& zone() const { return zone_; }
  /// How many versions there is a way from.
  std::size_t versions() const { return steps_.size(); }
  /// The oldest of them; absent if there is none.
  std::optional<Serial> oldest() const;
  /// Of the last step by itself, as a stream, whether it is sent or not; 0 if there was none.
  std::size_t last_step_octets() const { return last_step_octets_; }
  /// Of all that is rendered.
  std::size_t octets() const { return octets_; }

  /// Most versions that there is a way from, and as many again that are too far.
  static constexpr std::size_t kMostVersions = 1000;

 private:
  struct Step {
    Serial from;
    MessageRunPtr run;                         // to the next version, or to the newest if condensed
    std::shared_ptr<const Changeset> changes;  // to the newest; only if condensed
  };
  Differences(const ZonePtr& newest, const Settings& settings);
  std::size_t ends_octets() const { return lead_->stream_octets() + closing_->stream_octets(); }
  bool fits(const Step& step) const;
  void push_front(Step step);
  void forget_farthest();
  static Step longer(const Step& before, const Changeset& step);

  ZonePtr zone_;
  Settings settings_;
  MessageRunPtr lead_, closing_;  // the newest SOA, which begins and ends each answer
  std::deque<Step> steps_;        // the oldest first
  std::deque<Serial> too_far_;    // the oldest first
  std::size_t octets_ = 0;
  std::size_t last_step_octets_ = 0;
};
using DifferencesPtr = std::shared_ptr<const Differences>;

/// What all who fetch one version share. Either may be null: then the zone is rendered for each client, and
/// there are no differences.
struct Rendered {
  WireImagePtr whole;
  DifferencesPtr differences;
};

}  // namespace zw
