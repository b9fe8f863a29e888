// Keeps one zone as a secondary: the policy of refresh_policy.h with sockets, timers and a publisher.
//
// Everything happens on the loop's thread, except the work that the publisher takes elsewhere.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "transfer/apex_probe.h"
#include "transfer/fetch_line.h"
#include "transfer/refresh_event.h"
#include "transfer/refresh_policy.h"
#include "transfer/zone_fetch.h"

namespace zw {

/// A new version that has come, and nobody has judged.
struct Candidate {
  TransferredRecords records;
  TransferCounts counts;
  Address primary;
  Milliseconds last_octet_at{0};  // steady
};

/// What the publisher says of it.
struct CandidateVerdict {
  ZonePtr zone{};        // what is published now; null if the candidate is refused
  std::string reason{};  // of a refusal
};

/// Who judges versions, publishes them, and keeps the one that is published. All calls come on the loop's
/// thread.
class ZonePublisher {
 public:
  virtual ~ZonePublisher() = default;
  /// Builds and verifies the candidate, away from this thread if that takes long, and publishes it if it is
  /// good. `verdict` is called once, on the loop's thread (see Loop::post), also from within; after the
  /// Refresher is gone it does nothing.
  virtual void judge(Candidate candidate, std::function<void(CandidateVerdict)> verdict) = 0;
  /// The published version is good for `left` from now, as a primary says; also if it had expired.
  virtual void extend(Milliseconds left) = 0;
  /// The published version must not be used any more (RFC 1035 §3.3.13).
  virtual void expire() = 0;
};

struct RefresherSettings {
  Name zone;
  RrClass rr_class = RrClass::IN;
  std::vector<Primary> primaries;  // in order; none only for one that is never started
  RefreshSettings timers{};
  AskTimes times{};
  TransferLimits limits{};
  FetchLine* line = nullptr;  // to wait in for a transfer; null: none waits
};

/// What is known of one primary.
struct PrimaryStatus {
  std::optional<Serial> serial;             // that it last told or gave
  std::optional<Milliseconds> answered_at;  // steady
  std::string fault;                        // why its last answer was of no use; empty if it was
};

class Refresher {
 public:
  using OnEvent = std::function<void(const RefreshEvent&)>;

  /// All but `settings` outlives it. `on_event`: for log and metrics.
  Refresher(Loop& loop, const Clock& clock, Random& random, RefresherSettings settings,
            ZonePublisher& publisher, OnEvent on_event);
  ~Refresher();
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  /// Begins, once. `copy`: what is published already, or null; `left`: until it expires.
  void start(ZonePtr copy, Milliseconds left);
  /// NOTIFY from `sender` was allowed. It is told by its address, the port being any.
  void notified(const IpAddress& sender);

  const RefreshState& state() const { return policy_.state(); }
  const RefresherSettings& settings() const { return settings_; }
  const std::vector<PrimaryStatus>& primaries() const { return primaries_; }
  /// Of the transfer that is running.
  TransferCounts counts() const { return fetch_.counts(); }

 private:
  struct Act;  // carries out actions
  void carry_out(const RefreshActions& actions);
  void ask_soa(std::size_t primary);
  void ask_zone(const AskZone& ask);
  void fetch_zone(const AskZone& ask);
  void soa_ended(const ApexAnswer& answer);
  void zone_ended(std::unique_ptr<IncomingTransfer> transfer);
  void judge();
  void judged(CandidateVerdict verdict);
  void set_timer();
  RefreshEvent event(RefreshEvent::Kind kind) const;
  void tell(const RefreshEvent& event) const;

  Loop& loop_;
  RefresherSettings settings_;
  ZonePublisher& publisher_;
  OnEvent on_event_;
  RefreshPolicy policy_;
  ApexProbe probe_;
  ZoneFetch fetch_;
  Timer timer_;
  ZonePtr current_;
  std::vector<PrimaryStatus> primaries_;
  Milliseconds asked_at_{0};
  std::unique_ptr<IncomingTransfer> came_;  // from its end until it is judged
  FetchLine::Place place_;                  // in settings_.line
  std::shared_ptr<Refresher*> self_;        // for verdicts that come late
};

}  // namespace zw
