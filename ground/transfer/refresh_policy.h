// When a secondary asks which primary for what (RFC 1034 §4.3.5, RFC 1982, RFC 1995, RFC 1996 §3.11, RFC
// 7314).
//
// The zone is looked after in rounds. A round asks one primary after another, in the order of the
// configuration, until one of them confirms our copy or gives a newer one that the publisher accepts. A round
// begins at start-up, when the refresh or retry time is over, and on NOTIFY, which puts the notifying primary
// first. A primary is asked for its SOA, then, if it is newer, for the zone: by IXFR if there is a copy, and
// by AXFR if that leads to nothing. Never is an older serial taken, not even after the copy expired.
//
// Policy only: no sockets, no clock. Facts go in as calls, actions come out in order. Times count from any
// one origin. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/serial.h"
#include "base/time.h"
#include "transfer/transfer_failure.h"
#include "transfer/transfer_in.h"

namespace zw {

/// Bounds for what an SOA may ask of us, and pauses of our own.
struct RefreshSettings {
  Seconds refresh_least{60}, refresh_most{86'400 * 7};
  Seconds retry_least{30}, retry_most{86'400};
  Seconds expire_least{600}, expire_most{86'400 * 28};
  Seconds first_retry{2},
      last_first_retry{300};         // as long as there is no copy: doubled from the one up to the other
  Milliseconds notify_pause{1'000};  // at least, between the beginnings of rounds that NOTIFY causes
};

struct PrimarySettings {
  bool ixfr = true;  // false: always fetch the whole zone
};

/// What the policy needs to know of a copy of the zone.
struct CopyFacts {
  Serial serial;
  Seconds refresh{0}, retry{0}, expire{0};  // of its SOA
};
CopyFacts copy_facts(const Zone& zone);

// ---- actions ----

struct AskSoa {
  std::size_t primary;
};
struct AskZone {
  std::size_t primary;
  TransferMethod method;
  std::optional<Serial> newer_than, promised;  // as in TransferQuestion
};
/// Let the publisher judge the zone that has come; it answers by accepted() or refused().
struct JudgeZone {};
/// Stop what was asked of a primary; its answer is not wanted any more.
struct StopAsking {};
/// The copy is good until then.
struct ExtendCopy {
  Milliseconds until;
};
/// The copy must not be used any more.
struct ExpireCopy {};
using RefreshAction = std::variant<AskSoa, AskZone, JudgeZone, StopAsking, ExtendCopy, ExpireCopy>;
using RefreshActions = std::vector<RefreshAction>;

// ---- the state, for status and tests ----

enum class RefreshPhase : std::uint8_t { idle, asking_soa, asking_zone, judging };
std::string_view print(RefreshPhase phase);

struct RefreshState {
  RefreshPhase phase = RefreshPhase::idle;
  std::size_t primary = 0;        // who is being asked, or was last
  std::optional<CopyFacts> copy;  // expired or not
  bool expired = false;
  Milliseconds expires_at{0};                // if there is a copy
  std::optional<Milliseconds> confirmed_at;  // when a primary last had our serial, or gave it
  Milliseconds next_round_at{0};             // in idle, unless NOTIFY makes it earlier
  unsigned failed_rounds = 0;                // in a row
};

class RefreshPolicy {
 public:
  RefreshPolicy(std::vector<PrimarySettings> primaries, RefreshSettings settings, Random& random);

  /// At start-up, once; before it nothing is done. `copy`: what was loaded and verified; `left`: until it
  /// expires, perhaps negative.
  RefreshActions start(Milliseconds now, std::optional<CopyFacts> copy, Milliseconds left);
  /// At wake(), or at any other time.
  RefreshActions tick(Milliseconds now);
  /// NOTIFY came and was allowed. `primary`: the one that sent it, if it is one of ours.
  RefreshActions notified(std::optional<std::size_t> primary, Milliseconds now);

  /// The primary that is asked told its SOA. `expire`: its EXPIRE option (RFC 7314).
  RefreshActions soa_came(Serial serial, std::optional<Seconds> expire, Milliseconds now);
  RefreshActions soa_failed(Milliseconds now);
  /// The whole answer to AskZone is there; `expire`: as above.
  RefreshActions zone_came(TransferMethod how, std::optional<Seconds> expire, Milliseconds now);
  /// The answer to AskZone was that we have the newest version.
  RefreshActions zone_is_current(std::optional<Seconds> expire, Milliseconds now);
  RefreshActions zone_failed(const TransferFailure& failure, Milliseconds now);
  /// The publisher's word on JudgeZone.
  RefreshActions accepted(const CopyFacts& copy, Milliseconds now);
  RefreshActions refused(Milliseconds now);

  /// When tick() is to be called next; absent while an answer is waited for and nothing can expire.
  std::optional<Milliseconds> wake() const;
  const RefreshState& state() const { return state_; }

 private:
  void begin_round(std::optional<std::size_t> first, Milliseconds now, RefreshActions& actions);
  void ask_next(Milliseconds now, RefreshActions& actions);
  void ask_zone(TransferMethod method, RefreshActions& actions);
  void confirm(std::optional<Seconds> expire, Milliseconds now, RefreshActions& actions);
  void end_round(bool well, Milliseconds now, RefreshActions& actions);
  void check_expiry(Milliseconds now, RefreshActions& actions);
  std::optional<Milliseconds> next_round() const;
  Milliseconds pause_after(bool well);
  Milliseconds lifetime(std::optional<Seconds> expire) const;
  RefreshActions next_primary(Milliseconds now);

  std::vector<PrimarySettings> primaries_;
  RefreshSettings settings_;
  Random& random_;
  RefreshState state_;
  std::vector<std::size_t> to_ask_;     // in this round, the next one last
  std::optional<Serial> promised_;      // by the primary that is asked
  TransferMethod came_by_{};            // what is being judged
  std::optional<Seconds> came_expire_;  // with what is being judged
  Milliseconds round_began_at_{0};
  bool started_ = false;
  // NOTIFY came during a round, or too soon: one more round, with this primary first.
  bool notified_ = false;
  std::optional<std::size_t> notifier_;
};

}  // namespace zw
