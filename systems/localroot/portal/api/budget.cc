#include "localroot/portal/api/budget.h"

#include <algorithm>
#include <cmath>

namespace zw::localroot::portal {

RequestBudget::RequestBudget(unsigned burst, unsigned per_minute)
    : burst_(std::max(1u, burst)), per_ms_(std::max(1u, per_minute) / 60'000.0) {}

void RequestBudget::refill(Left& left, Milliseconds now) const {
  auto passed = static_cast<double>(std::max<std::int64_t>(0, (now - left.at).count()));
  left.requests = std::min(burst_, left.requests + passed * per_ms_);
  left.at = now;
}

std::optional<Seconds> RequestBudget::take(std::int64_t token, Milliseconds now) {
  std::lock_guard lock(mutex_);
  if (kept_.size() >= kMostKept && !kept_.contains(token)) make_room(now);
  Left& left = kept_.try_emplace(token, Left{burst_, now}).first->second;
  refill(left, now);
  if (left.requests < 1) {
    double ms = (1 - left.requests) / per_ms_;
    return Seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(ms / 1000))));
  }
  left.requests -= 1;
  return std::nullopt;
}

// Who has all his requests back is as one who never came.
void RequestBudget::make_room(Milliseconds now) {
  for (auto& [token, left] : kept_) refill(left, now);
  std::erase_if(kept_, [&](const auto& one) { return one.second.requests >= burst_; });
  while (kept_.size() >= kMostKept)
    kept_.erase(std::ranges::max_element(kept_, {}, [](const auto& one) { return one.second.requests; }));
}

std::size_t RequestBudget::kept() const {
  std::lock_guard lock(mutex_);
  return kept_.size();
}

}  // namespace zw::localroot::portal
