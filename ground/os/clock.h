// The system's clock and generator behind the two doors of core/base.
#pragma once

#include <array>

#include "base/random.h"
#include "base/time.h"

namespace zw {

/// CLOCK_REALTIME and CLOCK_MONOTONIC. Safe for many threads.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  std::chrono::milliseconds steady() const override;
};

/// Octets of getrandom(2), fetched 512 at a time; fit for secrets, query IDs and ports. For one thread: make
/// one for each. Octets handed out are wiped from the buffer. Do not use one object on both sides of a fork.
class SystemRandom final : public Random {
 public:
  ~SystemRandom() override;
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 64> words_;
  std::size_t left_ = 0;
};

}  // namespace zw
