// One zone from its primaries to the publication: fetched, verified, stored, and only then shown to the
// world.
//
// Everything happens on the control loop's thread, except verifying and writing, which the job thread does.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "localroot/changes/feed_writer.h"
#include "localroot/config.h"
#include "localroot/counters.h"
#include "localroot/job_thread.h"
#include "localroot/status.h"
#include "localroot/store.h"
#include "localroot/verifier.h"
#include "log/log.h"
#include "net/loop.h"
#include "transfer/agreement.h"
#include "transfer/refresher.h"

namespace zw::localroot {

/// What all keepers share. Outlives them.
struct World {
  Loop& loop;
  const Clock& clock;
  Random& random;
  Logger& log;
  Metrics& metrics;
  JobThread& jobs;
  Workers& workers;
  const ZoneStore& store;
  FetchLine& line;
};

class Keeper final : public ZonePublisher {
 public:
  /// `changed`: what is served, or whether, is another; called on the loop's thread. `keys` outlives the
  /// keeper.
  Keeper(const World& world, const ZoneConfig& config, std::vector<Primary> primaries,
         std::vector<TrustAnchor> anchors, std::function<void(Keeper&)> changed);

  /// Loads and verifies the copy on disk, then begins to refresh.
  void start();
  /// Instead of start(), after a reload: serves on what `before` serves, if that was verified by the same
  /// rules, so that no query meets a zone that is still being read. False if it is not so.
  bool take_over(const Keeper& before);
  /// Instead of a primary, we made this version ourselves. Only for a zone without primaries that is_idle().
  void offer(const ZonePtr& zone);
  /// The copy on disk has been looked at, and no version of ours is on its way.
  bool is_idle() const { return !busy_; }
  /// For one that another has taken over from: asks nobody any more, and publishes nothing. What the job
  /// thread still does for it ends well.
  void retire();
  void notified(const IpAddress& sender);
  void count_transfer() {
    ++transfers_out_;
    gauges_.transfers_out.add();
  }

  bool is_retired() const { return !refresher_; }
  /// What is on disk was looked at, and is served if it is good.
  bool is_settled() const { return settled_; }

  const ZoneConfig& config() const { return config_; }
  const std::vector<TrustAnchor>& anchors() const { return verifier_.settings().anchors; }
  NameView origin() const { return config_.name; }
  Condition condition() const { return condition_; }
  /// The version that is served; null unless `serving`.
  ZonePtr zone() const { return condition_ == Condition::serving ? zone_ : nullptr; }
  /// Of zone().
  Rendered rendered() const { return condition_ == Condition::serving ? rendered_ : Rendered(); }
  /// What changed since this was last asked.
  VersionChange take_change() { return std::exchange(change_, {}); }
  const std::optional<Evidence>& evidence() const { return evidence_; }
  /// What changed from version to version, for readers on any thread; null if none is kept.
  std::shared_ptr<const ChangeFeed> changes() const { return feed_; }
  ZoneStatus status() const;

  void judge(Candidate candidate, std::function<void(CandidateVerdict)> verdict) override;
  void extend(Milliseconds left) override;
  void expire() override;

 private:
  using OnVerdict = std::function<void(CandidateVerdict)>;
  struct Standing;
  Standing standing() const;
  Judged verify(const Standing& before, Result<ZonePtr> zone);
  void finish(const Standing& before, Judged judged, const OnVerdict& verdict);
  std::optional<Changeset> store(const Standing& before, Judged& judged);
  void note_changes(const ZonePtr& newest, const Changeset* changes, const Evidence& evidence);
  void agree(const Address& giver, Judged judged, OnVerdict verdict);
  void loaded(Result<Judged> judged, std::optional<Evidence> before);
  void refresh(Milliseconds left);
  void begin_without_copy();
  void judged(Judged judged, const OnVerdict& verdict);
  void publish(Judged judged);
  void take_history(Rendered rendered, HistoryExtent extent);
  void heard(const RefreshEvent& event);
  void refuse(std::optional<Serial> serial, std::string source, std::string reason);
  void check_serial(const RefreshEvent& event);
  void check_tls(const RefreshEvent& event);
  void update();
  void show_sizes(const Rendered& rendered);
  void save_evidence();
  void note_publication(Judged& judged, const Evidence& evidence);
  bool signatures_ended() const;

  World world_;
  ZoneConfig config_;
  ZoneVerifier verifier_;
  std::shared_ptr<History> history_;     // of the job thread
  std::shared_ptr<PublicationLog> log_;  // of the job thread
  std::unique_ptr<FeedWriter> changes_;  // of the job thread; null if no change feed is kept
  std::shared_ptr<const ChangeFeed> feed_;
  std::function<void(Keeper&)> changed_;
  ZoneGauges gauges_;
  RefreshMetrics refresh_metrics_;
  Condition condition_ = Condition::waiting;
  bool settled_ = false;
  ZonePtr zone_;       // the last good version, also when it expired
  Rendered rendered_;  // of zone_
  HistoryExtent extent_;
  VersionChange change_{true, true};
  LogState log_state_;
  KnownSignaturesPtr known_;          // of zone_
  std::optional<Serial> floor_;       // a serial that was good once
  std::optional<Evidence> evidence_;  // of zone_
  std::optional<Refusal> refusal_;
  std::optional<double> verify_seconds_;
  Milliseconds came_at_{0};  // what is being judged
  std::uint64_t published_ = 0, refused_ = 0, transfers_out_ = 0;
  bool busy_ = true;  // of a zone that we make
  Timer end_of_signatures_;
  std::optional<Agreement> agreement_;  // if others have to agree
  std::optional<Refresher> refresher_;  // until it retires
};

}  // namespace zw::localroot
