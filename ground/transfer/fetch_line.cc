#include "transfer/fetch_line.h"

#include <algorithm>
#include <utility>

namespace zw {

void FetchLine::Place::enter(FetchLine* line, const Address& primary, Urgency urgency,
                             std::function<void()> go) {
  leave();
  if (!line) return go();
  line_ = line;
  primary_ = primary;
  go_ = std::move(go);
  line->lanes_[primary].of(urgency).push_back(this);
  line->admit(primary);
}

// Who is next goes from the loop, not from here: this may be the end of a service, which would begin
// transfers.
void FetchLine::Place::leave() {
  FetchLine* line = std::exchange(line_, nullptr);
  if (!line) return;
  Lane& lane = line->lanes_[primary_];
  if (go_) {
    go_ = nullptr;
    for (auto* waiting : {&lane.updates, &lane.new_zones}) std::erase(*waiting, this);
  } else {
    --lane.going;
    line->admit_soon(primary_);
  }
}

FetchLine::Place* FetchLine::Lane::next() {
  std::deque<Place*>& from = updates.empty() ? new_zones : updates;
  if (from.empty()) return nullptr;
  Place* out = from.front();
  from.pop_front();
  return out;
}

void FetchLine::admit_soon(const Address& primary) {
  loop_.post([this, primary] { admit(primary); });
}

void FetchLine::admit(const Address& primary) {
  auto at = lanes_.find(primary);
  if (at == lanes_.end()) return;
  Lane& lane = at->second;
  while (lane.going < most_) {
    Place* place = lane.next();
    if (!place) break;
    ++lane.going;
    std::exchange(place->go_, nullptr)();
  }
  if (lane.going == 0) lanes_.erase(at);
}

}  // namespace zw
