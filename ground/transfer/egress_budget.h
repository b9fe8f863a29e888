// How fast transfers may be caused: each NOTIFY will be followed by a transfer, so the octets of that
// transfer are taken from a budget of bits per second when the NOTIFY goes out. A bucket of tokens that may
// go into debt by one transfer, and holds the budget of 100 ms at most, so that what was not used makes no
// burst later.
//
// Pure: time is handed in, and counts from any one origin. One thread at a time; one for all who share a
// line.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace zw {

class EgressBudget {
 public:
  /// 0: no limit. At most 10^15.
  explicit EgressBudget(std::uint64_t bits_per_second = 0);

  void set(std::uint64_t bits_per_second);
  std::uint64_t bits_per_second() const { return static_cast<std::uint64_t>(rate_); }
  /// May the next transfer be caused?
  bool is_open(Milliseconds now);
  /// When is_open() will be true; `now` if it is.
  Milliseconds opens_at(Milliseconds now);
  void charge(std::uint64_t octets);
  /// A transfer that was charged does not come.
  void refund(std::uint64_t octets);

 private:
  void refill(Milliseconds now);
  std::int64_t rate_ = 0;    // bits per second
  std::int64_t tokens_ = 0;  // thousandths of a bit
  Milliseconds filled_at_{0};
};

}  // namespace zw
