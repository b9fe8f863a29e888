// What an operator wants to know of each zone, as one value that the service replaces and the HTTP thread
// reads.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dns/address.h"
#include "localroot/publication_log.h"
#include "localroot/subscriber_book.h"

namespace zw::localroot {

enum class Condition { waiting, serving, expired };  // no copy yet; a good one; one that is too old
std::string_view print(Condition condition);

struct SubscriberStatus {
  std::string address;
  std::uint64_t sent = 0, answered = 0, unanswered = 0;
  std::optional<Serial> told;              // the last serial that it answered to
  std::string last_answer;                 // RCODE or what went wrong
  bool parked = false;                     // silent for so long that it is told seldom
  std::optional<Milliseconds> round_trip;  // of the last answer
  std::optional<Serial> held;              // that it asked from, or fetched
  std::optional<Milliseconds> lag;         // for how long it has lacked a version; 0 if it has the newest
  std::uint32_t fetches = 0, refusals = 0;
  std::string last_refusal;
};

/// A version that was not published, or a try that led to none.
struct Refusal {
  WallTime at{};
  std::optional<Serial> serial;
  std::string source, reason;
};

struct ZoneStatus {
  Name origin;
  Condition condition = Condition::waiting;
  std::optional<Evidence> evidence;  // of the copy
  std::optional<Refusal> last_refusal;
  std::string phase;  // of refreshing
  std::optional<WallTime> next_refresh;
  std::uint64_t published = 0, refused = 0, transfers_out = 0;
  std::optional<double> verify_seconds;
  LogState log;
  struct Notify {  // of the last announcement; see NotifyProgress
    std::uint64_t targets = 0, to_tell = 0, told = 0, answered = 0, given_up = 0, parked = 0;
    double telling_seconds = 0;  // until all had a first message, or until now
  } notify;
  SubscriberBook::Spread spread;              // of all subscribers
  std::vector<SubscriberStatus> subscribers;  // the first of them
};

/// Of a catalog, which is one of the zones too.
struct CatalogStatus {
  Name origin;
  bool followed = false;  // else we make it
  std::optional<Serial> serial;
  std::size_t members = 0, ignored = 0;
  std::string fault;  // why what it says is not done; empty if it is
  struct Note {
    Name zone;
    std::string what;
  };
  std::vector<Note> notes;  // the first of the members that are ignored, and why
};

struct Status {
  WallTime started{}, now{};
  bool is_known() const { return now != WallTime{}; }  // else nothing was shown yet
  std::vector<ZoneStatus> zones;
  std::vector<CatalogStatus> catalogs;
};

/// True when every zone is served.
bool is_healthy(const Status& status);
std::string print_status_json(const Status& status);

/// Safe for many threads.
class StatusBoard {
 public:
  void put(Status status) {
    std::lock_guard lock(mutex_);
    status_ = std::move(status);
  }
  Status get() const {
    std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  mutable std::mutex mutex_;
  Status status_;
};

/// For people, from the JSON text that print_status_json() wrote.
Result<std::string> print_status_text(std::string_view text);

}  // namespace zw::localroot
