// How many requests a token may make: some at once, and then so many a minute (a token bucket for each).
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/time.h"

namespace zw::localroot::portal {

/// Safe for many threads. Time is handed in. Of at most kMostKept tokens it is known how much they have left:
/// beyond, who has most left is forgotten, and begins anew.
class RequestBudget {
 public:
  static constexpr std::size_t kMostKept = 10'000;
  RequestBudget(unsigned burst, unsigned per_minute);

  /// Takes one request. If there is none left: how long to wait for one.
  std::optional<Seconds> take(std::int64_t token, Milliseconds now);
  std::size_t kept() const;

 private:
  struct Left {
    double requests;
    Milliseconds at;
  };
  void refill(Left& left, Milliseconds now) const;
  void make_room(Milliseconds now);

  const double burst_, per_ms_;
  mutable std::mutex mutex_;
  std::unordered_map<std::int64_t, Left> kept_;
};

}  // namespace zw::localroot::portal
