// When which of very many secondaries is told that a zone has a new version (RFC 1996 §3.6), by what order
// and how fast; nothing about sockets or messages.
//
// - A new version is told to some groups of the targets. First to those who answered the last time and those
// who were
//   never told (who would wait for ever if the budget does not reach around), then to those who were silent;
//   each once, as fast as the budget allows.
// - Who does not answer is told again after 1 s, 2 s, 4 s … 60 s, with up to a quarter more by chance, ten
// messages in
//   all; then it is given up for this version. While first messages wait, one message in eight is a
//   repetition.
// - Any answer is one, whatever its RCODE. It counts as long as the next message has not gone out.
// - A newer version takes the place of the one that is being told, at once and with all its tries.
// - Who was silent for three versions on end is parked: of each version it is told once at most, by probes of
// which
//   there are 1,000 a second. An answer, however late, or that it asks us for something, brings it back.
// - The budget is charged with a transfer when a target is told first, and given it back when that stays
//   unanswered or is declined; so no target is charged twice for one version, and the dead cost nothing.
// - Targets come and go at any time. Who comes is told of what is announced from then on: a secondary
//   that has just begun has fetched what is served. Of whom it is known what it heard before, it is told what
//   its group was told last, if that is newer, and not told the first version, if it is that.
//
// An announcement costs nothing by itself, for targets compare their own number with that of their group.
// Everything else costs a constant time for each message or change: a wheel of timers, a queue of
// repetitions, and one walk through the targets in the order of memory. A target takes 40 octets. The place
// of one that went is kept for another one to come.
//
// Pure: no clock, no sockets. Times count from any one origin. One thread at a time.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/serial.h"
#include "base/time.h"
#include "dns/rr_type.h"
#include "transfer/egress_budget.h"

namespace zw {

struct NotifySettings {
  Milliseconds first_wait{1'000};     // for an answer to the first message; doubled for each that follows …
  Milliseconds longest_wait{60'000};  // … up to this, and never more than 90 s
  unsigned tries = 10;                // messages for one version: some five minutes
  unsigned parked_after = 3;          // versions on end without any answer
  Milliseconds probe_pause{1};        // between two probes
};

/// Why a message had no answer.
enum class NotifyFault : std::uint8_t {
  none,
  silence,    // nothing came in time
  unsent,     // the system did not take the message
  malformed,  // the answer was no DNS message …
  unasked,    // … or not to this question
  unsigned_,  // … or without the signature that it must have
  badkey,     // the target does not know the key, as it says itself without proof
  badsig,     // the signature is wrong, or the target says that ours is
  badtime,    // the clocks are too far apart
};
/// A few words for people; empty for `none`.
std::string_view print(NotifyFault fault);

/// What is known of one target.
struct NotifyTargetState {
  std::uint32_t told = 0;     // the number of the announcement that it was told last, or is being told
  std::uint32_t sent_at = 0;  // low bits of the time of the last message, in ms
  std::uint32_t serial = 0;   // that the last message told
  std::uint32_t answered_serial = 0;
  std::uint32_t sent = 0, answered = 0;  // messages; all others but one that waits were without an answer
  std::uint16_t round_trip = 0;          // of the last answer, ms
  std::uint8_t tries = 0;                // messages about the version that is being told
  std::uint8_t silent = 0;               // versions on end that it did not answer to
  std::uint8_t group : 7 = 0;
  bool heard : 1 = false;  // of answered_serial, before it came
  std::uint8_t rcode = 0;  // of the last answer
  NotifyFault fault = NotifyFault::none;
  // What it does now.
  bool waiting : 1 = false;  // a message waits for its answer
  bool queued : 1 = false;   // for a repetition
  bool parked : 1 = false;
  bool charged : 1 = false;     // to the budget, for this version
  bool unanswered : 1 = false;  // the last message
  bool counted : 1 = false;     // in NotifyProgress::told
  bool given_up : 1 = false;    // for this version
  bool free : 1 = false;        // nobody has this place
};
static_assert(sizeof(NotifyTargetState) == 32);

/// How far the last announcement of each group has come, added up.
struct NotifyProgress {
  std::uint64_t targets = 0;   // all
  std::uint64_t parked = 0;    // of them
  std::uint64_t to_tell = 0;   // not parked, and no message went out yet
  std::uint64_t told = 0;      // at least one message went out; parked ones count when they have answered
  std::uint64_t answered = 0;  // of those told
  std::uint64_t given_up = 0;  // of those told
  std::uint64_t waiting() const { return told - answered - given_up; }
};

class NotifySchedule {
 public:
  static constexpr std::size_t kMostGroups = 8;
  using Groups = std::bitset<kMostGroups>;

  /// `budget` outlives it; null: no limit.
  explicit NotifySchedule(NotifySettings settings, EgressBudget* budget = nullptr);

  /// Memory for so many targets in all.
  void reserve(std::size_t targets);
  /// Another target, of a group below kMostGroups. `heard`: the newest version that it is known to have heard
  /// of. Gives back its number: that of the target that was removed the longest time ago, or places() as it
  /// was. At most 2^31 of them.
  std::uint32_t add(std::uint8_t group, std::optional<Serial> heard = {});
  /// Target `i` belongs to this group now, or is told by other means. What it was to be told and has not
  /// answered it is told anew, and what comes as an answer to the last message is none. What is known of it
  /// stays.
  void change(std::uint32_t i, std::uint8_t group);
  /// Target `i` is gone, in whatever state it was.
  void remove(std::uint32_t i);

  /// A version is told to these groups, unless it was before; others who are still being told an older one
  /// hear of it too. Targets that have answered to the serial are left alone. `octets`: of the transfer that
  /// it causes.
  void announce(Serial serial, Groups groups, std::uint64_t octets);

  struct Send {
    std::uint32_t target;
    bool first;  // message about this version to this target
  };
  /// The next message to go out now, which counts as sent. Absent if there is none; look at next() then. Call
  /// expire() before the first of a turn.
  std::optional<Send> send(Milliseconds now, Random& random);
  /// Target `i` answered. False if its last message was answered before.
  bool answered(std::uint32_t i, Rcode rcode, Milliseconds now);
  /// Something came that is no answer, or the message could not be sent: what to tell people if nothing
  /// better comes. Nothing if it has no message that might still be answered.
  void note(std::uint32_t target, NotifyFault fault) {
    if (targets_[target].unanswered) targets_[target].fault = fault;
  }
  /// Ends the waits whose time is over. Adds to `given_up` who will have no other message about this version:
  /// those who are given up, and parked ones, whose only message had no answer. Gives back how many messages
  /// had none.
  std::size_t expire(Milliseconds now, std::vector<std::uint32_t>& given_up);
  /// Target `i` asked us for something: it lives.
  void heard(std::uint32_t i);

  /// When there is something to do; `now` or before if send() or expire() have something at once; absent if
  /// nothing is due before an announcement.
  std::optional<Milliseconds> next(Milliseconds now);

  const NotifyTargetState& target(std::uint32_t i) const { return targets_[i]; }
  /// All numbers of targets are below.
  std::uint32_t places() const { return static_cast<std::uint32_t>(targets_.size()); }
  bool is_free(std::uint32_t i) const { return targets_[i].free; }
  /// The next target that comes gets a new number.
  bool is_full() const { return is_empty(kFree); }
  /// Everybody that is to be told has been told once; parked ones do not count.
  bool is_all_told() const { return walk_ == Walk::done; }
  NotifyProgress progress() const;
  std::size_t memory() const;

 private:
  // A walk through all targets in two rounds.
  enum class Walk : std::uint8_t { hopeful, silent, done };
  struct Link {
    std::uint32_t next, previous;
  };
  struct GroupState {
    std::uint32_t wanted = 0;  // number of the last announcement; 0: none yet
    std::uint32_t serial = 0;  // of it
    NotifyProgress progress;
  };
  static constexpr std::uint32_t kSlots = 4096;  // of the wheel, each of 32 ms: 131 s
  static constexpr std::int64_t kSlotMs = 32;
  // Lists are circles of links: first the slots of the wheel, then these, then come the targets.
  static constexpr std::uint32_t kQueue = kSlots, kFree = kSlots + 1, kLists = kSlots + 2;

  GroupState& group_of(const NotifyTargetState& target) { return groups_[target.group]; }
  // Its group was announced something that it was not told.
  bool is_fresh(const NotifyTargetState& target) const { return groups_[target.group].wanted != target.told; }
  std::uint32_t append_place();
  void join(NotifyTargetState& target, std::uint8_t group);
  void remember(NotifyTargetState& target, Serial heard);
  void begin_walk();
  void leave(NotifyTargetState& target, std::uint32_t i);
  bool is_candidate(NotifyTargetState& target, std::uint32_t i);
  std::optional<std::uint32_t> find_target(Milliseconds now);
  std::optional<std::uint32_t> find_first(Milliseconds now);
  std::optional<std::uint32_t> find_probe(Milliseconds now);
  Send launch(std::uint32_t i, Milliseconds now, Random& random);
  void begin(NotifyTargetState& target);
  void charge(NotifyTargetState& target);
  void refund(NotifyTargetState& target);
  void settle(NotifyTargetState& target, Rcode rcode);
  void time_out(std::uint32_t i, std::vector<std::uint32_t>& given_up);
  void fall_silent(NotifyTargetState& target);
  void revive(NotifyTargetState& target);
  std::int64_t wait_of(unsigned tries, Random& random) const;
  std::optional<Milliseconds> next_timeout() const;

  static std::uint32_t slot_of(std::int64_t tick) { return static_cast<std::uint32_t>(tick & (kSlots - 1)); }
  bool is_empty(std::uint32_t list) const { return links_[list].next == list; }
  std::uint32_t first_of(std::uint32_t list) const { return links_[list].next - kLists; }
  void append_to(std::uint32_t list, std::uint32_t i);
  void enqueue(NotifyTargetState& target, std::uint32_t i);
  void cut(std::uint32_t i);
  void unlink(NotifyTargetState& target, std::uint32_t i);

  NotifySettings settings_;
  EgressBudget* budget_;
  std::vector<NotifyTargetState> targets_;
  std::vector<Link> links_;  // of the lists, then of the targets
  std::array<GroupState, kMostGroups> groups_{};
  std::uint32_t announcements_ = 0;
  std::uint32_t serial_ = 0;
  std::uint64_t octets_ = 0;
  Walk walk_ = Walk::done;
  // The walks begin where the last one ended, so that nobody is always last.
  std::uint32_t at_ = 0, left_ = 0;
  std::uint32_t probe_at_ = 0, probe_left_ = 0;  // through the parked ones
  Milliseconds probe_due_{0};
  std::int64_t tick_ = 0;  // of the wheel: all slots up to it are done
  std::uint64_t waiting_ = 0, parked_ = 0;
  unsigned turn_ = 0;
};

}  // namespace zw
