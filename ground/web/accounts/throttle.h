// How long somebody who guesses has to wait, so that a password withstands guessing from one place and from
// many, while its owner gets in: a browser that has signed in before is counted by itself, and a link by mail
// is never held up. Pure: the counts are kept by the store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "dns/address.h"

namespace zw {

/// What attempts are counted by.
enum class GuessKind : std::uint8_t {
  account,  // of everybody who is not known, for one account
  network,  // the same, from one IPv4 address or IPv6 /64
  device,   // a browser that has signed in to the account before
  factor,   // second factors, of one account, once the password was right
  token,    // different tokens of programs, from one network
};

struct GuessCount {
  std::int64_t failures = 0;  // since the last success, or a day without any
  WallTime last{};            // attempt
};

inline constexpr std::chrono::hours kGuessMemory{24};

/// Until when the next attempt has to wait; a time that is past: not at all. The first few wrong ones cost
/// nothing; from then on each doubles the pause, up to fifteen minutes for a network, a device, a factor or
/// tokens, and a minute for an account: more would let anybody lock it.
WallTime guess_allowed_at(GuessKind kind, const GuessCount& count);
/// With one more failure.
GuessCount count_guess(const GuessCount& count, WallTime now);

}  // namespace zw
