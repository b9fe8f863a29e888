#include "os/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/result.h"

namespace zw {

WallTime SystemClock::wall() const { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

std::chrono::milliseconds SystemClock::steady() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

SystemRandom::~SystemRandom() { explicit_bzero(words_.data(), sizeof words_); }

std::uint64_t SystemRandom::next() {
  if (left_ == 0) {
    auto* start = reinterpret_cast<std::uint8_t*>(words_.data());
    for (std::size_t have = 0; have < sizeof words_;) {
      ssize_t got = getrandom(start + have, sizeof words_ - have, 0);
      ZW_ASSERT(got > 0 || errno == EINTR);  // nothing else can go wrong on a kernel we support
      if (got > 0) have += static_cast<std::size_t>(got);
    }
    left_ = words_.size();
  }
  std::uint64_t word = words_[--left_];
  explicit_bzero(&words_[left_], sizeof words_[left_]);
  return word;
}

}  // namespace zw
