// What an operator wants to know of each zone, as one value that the service replaces and the HTTP thread
// reads.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dns/address.h"
#include "localroot/publication_log.h"

namespace zw::localroot {

enum class Condition { waiting, serving, expired };  // no copy yet; a good one; one that is too old
std::string_view print(Condition condition);

struct SubscriberStatus {
  std::string address;
  std::uint64_t sent = 0, answered = 0, unanswered = 0;
  std::optional<Serial> told;  // the last serial that it answered to
  std::string last_answer;     // RCODE or what went wrong
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
  std::vector<SubscriberStatus> subscribers;
};

struct Status {
  WallTime started{}, now{};
  std::vector<ZoneStatus> zones;
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
