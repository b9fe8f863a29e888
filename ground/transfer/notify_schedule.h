// When which secondary is told of a new serial (RFC 1996 §3.6): at once, then again with growing pauses until
// it answers; any answer is one, whatever its RCODE. A newer serial takes the place of the one that is being
// told, at once. Secondaries that are silent do not hold up others.
//
// Policy only: no sockets, no clock. Times count from any one origin. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/serial.h"
#include "base/time.h"
#include "dns/rr_type.h"

namespace zw {

struct NotifySettings {
  Milliseconds first_wait{1'000};     // for an answer to the first message; doubled for each that follows …
  Milliseconds longest_wait{60'000};  // … up to this
  unsigned tries = 10;                // messages for one serial: some five minutes
  std::size_t at_once = 512;  // messages that wait for an answer; half of them at most are repetitions
};

/// One message to be sent now.
struct NotifySend {
  std::size_t target;
  Serial serial;
  Milliseconds wait;  // for the answer
};

/// What is known of one secondary.
struct NotifyTargetState {
  // Of the serial that is being told.
  std::optional<Serial> telling;  // neither answered nor given up
  unsigned tries = 0;
  bool in_flight = false;
  Milliseconds sent_at{0}, due_at{0};
  // Of all time.
  std::uint64_t sent = 0, answered = 0, unanswered = 0, given_up = 0;
  std::optional<Milliseconds> last_sent_at, last_answer_at;
  std::optional<Milliseconds> round_trip;  // of the last answer
  std::optional<Serial> answered_serial;
  Rcode rcode{};           // of the last answer
  std::string last_fault;  // why the last message had no answer
};

class NotifySchedule {
 public:
  explicit NotifySchedule(std::size_t targets, NotifySettings settings = {});

  /// There is a new version. Targets that have answered to this serial already are left alone.
  void announce(Serial serial, Milliseconds now);
  /// What to send now; each counts as sent. It takes the place of what still waits for the same target.
  std::vector<NotifySend> send(Milliseconds now);
  void answered(std::size_t target, Rcode rcode, Milliseconds now);
  /// Time ran out, or the message could not be sent.
  void unanswered(std::size_t target, std::string fault, Milliseconds now, Random& random);
  /// When send() has something next; absent if nothing is due, or before an answer or its lack is told.
  std::optional<Milliseconds> next() const;

  const std::vector<NotifyTargetState>& targets() const { return targets_; }

 private:
  bool may_send(const NotifyTargetState& target) const;
  bool has_place(bool repetition) const;
  Milliseconds wait_of(unsigned tries) const;
  void land(NotifyTargetState& target);
  NotifySend launch(std::size_t i, Milliseconds now);

  NotifySettings settings_;
  std::vector<NotifyTargetState> targets_;
  std::size_t in_flight_ = 0, repetitions_ = 0;
  std::size_t turn_ = 0;  // where send() begins, so that nobody is always last
};

}  // namespace zw
