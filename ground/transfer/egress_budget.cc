#include "transfer/egress_budget.h"

#include <algorithm>

namespace zw {
namespace {

constexpr std::int64_t kMostRate = 1'000'000'000'000'000;
constexpr Milliseconds kBurst{100};
constexpr std::int64_t kMostTransfer = std::int64_t{1} << 40;  // octets; keeps the numbers within 64 bits

std::int64_t cost(std::uint64_t octets) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(octets, kMostTransfer)) * 8 * 1000;
}

}  // namespace

EgressBudget::EgressBudget(std::uint64_t bits_per_second) {
  set(bits_per_second);
  tokens_ = rate_ * kBurst.count();
}

void EgressBudget::set(std::uint64_t bits_per_second) {
  rate_ = static_cast<std::int64_t>(std::min<std::uint64_t>(bits_per_second, kMostRate));
  tokens_ = std::min(tokens_, rate_ * kBurst.count());
}

// Time that went by beyond what fills the bucket from the deepest debt is not multiplied, for it may be long.
void EgressBudget::refill(Milliseconds now) {
  std::int64_t most = rate_ * kBurst.count(), missing = most - tokens_;
  std::int64_t passed = std::max<std::int64_t>(0, (now - filled_at_).count());
  tokens_ = passed >= missing / std::max<std::int64_t>(rate_, 1) + 1
                ? most
                : std::min(most, tokens_ + passed * rate_);
  filled_at_ = now;
}

bool EgressBudget::is_open(Milliseconds now) { return opens_at(now) <= now; }

Milliseconds EgressBudget::opens_at(Milliseconds now) {
  if (rate_ == 0) return now;
  refill(now);
  return tokens_ > 0 ? now : now + Milliseconds(-tokens_ / rate_ + 1);
}

void EgressBudget::charge(std::uint64_t octets) {
  if (rate_ > 0) tokens_ -= cost(octets);
}

void EgressBudget::refund(std::uint64_t octets) {
  if (rate_ > 0) tokens_ = std::min(tokens_ + cost(octets), rate_ * kBurst.count());
}

}  // namespace zw
