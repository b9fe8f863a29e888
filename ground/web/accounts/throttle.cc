#include "web/accounts/throttle.h"

#include <algorithm>

namespace zw {
namespace {

struct Rule {
  std::int64_t free;  // attempts
  Seconds most;
};

constexpr Rule rule_of(GuessKind kind) {
  switch (kind) {
    case GuessKind::account: return {30, std::chrono::minutes(1)};
    case GuessKind::network:
    case GuessKind::device: return {5, std::chrono::minutes(15)};
    case GuessKind::factor: return {4, std::chrono::minutes(15)};
    case GuessKind::token: return {20, std::chrono::minutes(15)};
  }
  return {0, std::chrono::minutes(15)};
}

}  // namespace

WallTime guess_allowed_at(GuessKind kind, const GuessCount& count) {
  Rule rule = rule_of(kind);
  std::int64_t beyond = count.failures - rule.free;
  if (beyond < 0) return count.last;
  Seconds pause = beyond < 12 ? std::min(rule.most, Seconds(std::int64_t{1} << beyond)) : rule.most;
  return count.last + pause;
}

GuessCount count_guess(const GuessCount& count, WallTime now) {
  bool fresh = count.failures > 0 && now - count.last < kGuessMemory;
  return {fresh ? count.failures + 1 : 1, now};
}

}  // namespace zw
