// What each subscriber of a zone is known to have: by the version that it asks from or fetches (IXFR names
// it), and by what it was sent. Who asks only for the SOA tells nothing.
//
// A request is a subscriber's if it comes from its address; where several share one, the key decides, and
// those that the key cannot tell apart count as one. Subscribers have the numbers that a Notifier gives them.
// Times are steady, in milliseconds. 40 octets for each subscriber.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/serial.h"
#include "base/time.h"
#include "dns/address.h"
#include "dns/name.h"
#include "dns/transport.h"
#include "dns/tsig_key.h"

namespace zw::localroot {

/// A request for the zone and what became of it.
struct Fetch {
  IpAddress from;
  std::optional<Name> key;        // that signed it
  std::optional<Serial> had;      // what it has, as it says
  std::optional<Serial> got;      // what it was sent, to the end
  std::string_view refusal = {};  // a literal; empty if it was not refused
  Transport transport = Transport::tcp;
  bool only_for_portal = false;  // tells nothing of what it has
};

class SubscriberBook {
 public:
  struct Facts {
    std::optional<Serial> held;
    Milliseconds held_since{0};  // when we learnt of it
    std::uint32_t fetches = 0, refusals = 0;
    std::string_view refusal = {};  // the last one
  };
  /// Of those who are known to hold something.
  struct Spread {
    std::size_t current = 0, behind = 0, unknown = 0;
    std::optional<Milliseconds> lag_median, lag_p99;  // of those that are known
  };

  /// Who might have asked, as the key says: one of those at an address.
  struct Candidate {
    std::size_t number;
    const TsigKey* key;  // null: unsigned
  };

  /// Memory for so many in all.
  void reserve(std::size_t subscribers);
  /// A subscriber of whom nothing is known yet.
  void add(std::size_t number);
  void remove(std::size_t number);

  /// This version is served from now on.
  void published(Serial serial, Milliseconds now);
  /// `there`: all subscribers at the address that it came from. Gives back how long after its publication a
  /// version was fetched by a subscriber that did not hold it.
  std::optional<Milliseconds> note(const Fetch& fetch, std::span<const Candidate> there, Milliseconds now);

  const Facts& facts(std::size_t i) const { return facts_[i]; }
  /// For how long a version has been served that subscriber `i` lacks; 0 if it has the newest. Absent if it
  /// is not known what it has. No version is remembered for more than kMostVersions newer ones.
  std::optional<Milliseconds> lag(std::size_t i, Milliseconds now) const;
  /// The same of who holds this version; 0 if none was published yet.
  Milliseconds lag_of(Serial held, Milliseconds now) const;
  Spread spread(Milliseconds now) const;

  static constexpr std::size_t kMostVersions = 256;

 private:
  struct Version {
    Serial serial;
    Milliseconds at;
  };
  std::optional<Milliseconds> note_one(Facts& facts, const Fetch& fetch, Milliseconds now);

  std::vector<Facts> facts_;      // by number
  std::vector<bool> is_known_;    // whether the number is a subscriber's
  std::deque<Version> versions_;  // in the order in which they were published
};

}  // namespace zw::localroot
