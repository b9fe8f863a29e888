// Tickets that a form carries instead of a foreign captcha. A ticket is good once, for one purpose and one
// network of clients, until it expires, and only after its client worked or waited:
//
//   TICKET     after some seconds: what a browser without script sends
//   TICKET.N   at once, where SHA-256 of this text begins with so many zero bits: N is found by a script of
//   ours
//              (work_script.h), about 2^bits digests, and checked with one
//
// A page shows `<input type="hidden" name="ticket" value="TICKET" data-work="BITS">`; the script sets the
// value when it is done. Waiting costs nothing, so of one network a ticket that only waited is taken every so
// many seconds.
//
// Nothing is kept of a ticket that was given out: it is signed with a key of the site, so that a form that is
// open outlives a restart. Those that came back are remembered until they expire; when there is no more room
// for that, none is taken. They are remembered by the process alone: "once" means once in each process that
// serves the site, and once more after a restart, until the ticket expires. What a ticket opens has limits of
// its own.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "dns/address.h"

namespace zw {

struct WorkSettings {
  unsigned bits = 20;               // of work, 0 to 32; each more doubles it
  Seconds waiting{15};              // instead of work
  Seconds lifetime{3600};           // of a ticket, longer than the waiting
  std::size_t remembered = 65'536;  // tickets that came back; about 150 octets each
};

enum class TicketVerdict : std::uint8_t {
  good,       // and used up
  too_early,  // right, but it has neither worked nor waited: the same ticket may come again
  unsolved,   // the number beside it is wrong
  used,       // it was good before
  expired,
  foreign,  // not ours, of another purpose or network, or broken
  crowded,  // no room to remember it: try again later
};

struct TicketAnswer {
  TicketVerdict verdict{};
  Seconds wait{};  // too_early: until when it is worth another try
};

/// Safe for many threads.
class WorkTickets {
 public:
  /// `site_key`: see web/factors/site_key.h.
  WorkTickets(WorkSettings settings, Bytes site_key);

  /// `purpose`: what the form does, at most 64 octets. `client`: where it comes from; take client_network().
  std::string make(std::string_view purpose, const Network& client, WallTime now, Random& random);
  /// `text`: as it came back, of any length.
  TicketAnswer check(std::string_view text, std::string_view purpose, const Network& client, WallTime now);

  /// The bits to write beside a ticket.
  unsigned bits() const { return settings_.bits; }

 private:
  enum class Remembered { yes, before, no_room };
  Buffer sign(Bytes body, std::string_view purpose, const Network& client);
  Remembered remember(const std::string& what, WallTime until, WallTime now);
  TicketAnswer use(const std::string& ticket, WallTime until, WallTime now);
  TicketAnswer use_waited(const std::string& ticket, WallTime until, const Network& client, WallTime now);

  const WorkSettings settings_;
  std::mutex mutex_;
  Hmac hmac_;                                        // under mutex_
  std::map<std::string, WallTime> used_;             // what came back -> until when to remember it
  std::multimap<WallTime, std::string> used_until_;  // the same, by time
};

/// Those who are counted as one: an IPv4 address, or the /64 of an IPv6 address.
Network client_network(const IpAddress& client);

/// Whether SHA-256 of `text` begins with `bits` zero bits.
bool has_work(std::string_view text, unsigned bits);

}  // namespace zw
