// When an address that somebody registered may be told of new versions: never before it has asked us for the
// zone itself, so that nobody makes us send to a third party.
//
//   unproven   nobody has shown that this address wants it
//   active     a whole transfer of the zone went to this very address, signed by this very key if the server
//              has one; it is told
//   paused     so many versions on end stayed unanswered, or nothing was asked for so long; told of nothing
//              until it fetches the zone again
//   disabled   its owner says so, whatever else is known
//
// - A transfer proves the claims on its address and zone that have its key: those of one account. An unsigned
//   one proves all claims without a key on it alike, for they say the same of the same address; a signed one
//   proves none of them.
// - Whoever changes address or key begins anew as unproven; what was proven before `since` is forgotten. A
//   secret that has ended takes with it what it proved. To disable and enable again changes no proof, but
//   silence goes on meanwhile.
// - The port is what the owner says, since that of a transfer is chosen by chance. Without a key it is 53:
//   who shares an address behind a translator, or knows one that fetches, could else point us at any of its
//   ports. With a key, which the address has used itself, also 1024 and above; so at loopback, where it is
//   allowed.
// - However many claims name the same address, port and zone, one message goes out for a version:
//   precedence() says whose. What becomes of it is noted of all claims at this place that have the same key,
//   or none, since the same would have become of theirs.
// - A version that was told and not answered counts once, however often the message was repeated
//   (transfer/notify_schedule.h repeats it for five minutes).
//
// Pure: time is handed in.
#pragma once

#include <compare>
#include <string>

#include "localroot/portal/model.h"

namespace zw::localroot::portal {

/// Who is told, and how much silence is borne.
struct PortalRules {
  unsigned most_unanswered = 10;         // versions on end
  Seconds longest_silence{30 * 86'400};  // without a transfer or a question for the SOA
};

/// Who downloads over HTTPS is told of nothing, and looks by himself: as long may pass until he looks again.
constexpr Seconds kDownloadSilence{2 * 86'400};

enum class Phase : std::uint8_t { unproven, active, paused, disabled };
/// A word for pages, `active`.
std::string_view print(Phase phase);

enum class Pause : std::uint8_t { none, unanswered, silence };

struct Proof {
  SecretId secret = 0;  // that signed the transfer; 0: unsigned
  Timestamp at{};       // when the last one ended
  friend bool operator==(const Proof&, const Proof&) = default;
};

/// One address of one server for one zone, as far as it decides whether it is told.
struct TargetState {
  bool enabled = true;
  Timestamp since{};  // when address and key became what they are
  std::optional<Proof> proof{};
  Timestamp seen{};         // the last transfer or question for the SOA; of a proven one
  unsigned unanswered = 0;  // versions on end
  Pause pause = Pause::none;

  Phase phase() const;
  friend bool operator==(const TargetState&, const TargetState&) = default;
};

/// The rest of a target: what is claimed.
struct Claim {
  IpAddress ip;
  std::uint16_t port = kDnsPort;
  ZoneId zone = 0;
  std::optional<KeyId> key{};
};

/// Somebody fetched a zone to the end, or asked for its SOA.
struct Asking {
  IpAddress from;
  ZoneId zone = 0;
  bool is_signed = false;  // by whatever key
  KeyId key = 0;           // of the portal that signed; 0: one of the configuration, or none
  SecretId secret = 0;     // likewise
  Timestamp at{};
};

/// Whether it speaks for this claim.
bool fits(const Claim& claim, const Asking& asking);

// What happens to a target. Each leaves the state as it is if it changes nothing.
void note_transfer(TargetState& state, const Claim& claim, const Asking& transfer);
void note_question(TargetState& state, const Claim& claim, const Asking& question);
void note_answered(TargetState& state, Timestamp told_at);
/// A version that was told at `told_at` was given up.
void note_unanswered(TargetState& state, Timestamp told_at, const PortalRules& rules);
/// Address or key are others now.
void note_change(TargetState& state, Timestamp now);
/// A secret is gone.
void note_end_of_secret(TargetState& state, SecretId secret);
/// Looks whether it was silent for too long. To be asked before it is told, and now and then.
void note_time(TargetState& state, Timestamp now, const PortalRules& rules);

/// Whether it may be told now. If so, by a message that is signed with `proof->secret`.
bool may_be_told(const TargetState& state, Timestamp now, const PortalRules& rules);

/// Of several claims that may be told at one address, port and zone the first in this order is: one whose
/// last version was answered before one that was silent, one with a key before one without, then the older.
struct Precedence {
  bool silent = false, keyless = false;
  TargetId target = 0;
  friend auto operator<=>(const Precedence&, const Precedence&) = default;
};
Precedence precedence(const TargetState& state, const Claim& claim, TargetId target);

// ---- what people may say

/// A label in its normal form: UTF-8 of 1 to 64 characters, none of which a reader cannot see. `malformed` in
/// words for whoever typed it.
Result<std::string> check_label(std::string_view text);
/// An address that can be told at all: no wildcard, loopback, multicast, link-local or broadcast one, and a
/// port as above.
/// `refused` in words for whoever typed it. `allow_loopback`: for trials.
Result<void> check_address(const Address& address, bool has_key, bool allow_loopback = false);

}  // namespace zw::localroot::portal
