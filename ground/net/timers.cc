#include <utility>

#include "net/loop.h"

namespace zw {

void Timer::start(Milliseconds delay) { loop_.timers().start(*this, loop_.now() + delay); }
void Timer::stop() { loop_.timers().stop(*this); }

void Timers::put(std::size_t place, Timer* timer) {
  heap_[place] = timer;
  timer->place_ = place;
}

void Timers::rise(std::size_t place) {
  Timer* timer = heap_[place];
  for (; place > 0 && timer->due_ < heap_[(place - 1) / 2]->due_; place = (place - 1) / 2)
    put(place, heap_[(place - 1) / 2]);
  put(place, timer);
}

void Timers::sink(std::size_t place) {
  Timer* timer = heap_[place];
  for (std::size_t child; (child = 2 * place + 1) < heap_.size(); place = child) {
    if (child + 1 < heap_.size() && heap_[child + 1]->due_ < heap_[child]->due_) ++child;
    if (timer->due_ <= heap_[child]->due_) break;
    put(place, heap_[child]);
  }
  put(place, timer);
}

void Timers::start(Timer& timer, Milliseconds due) {
  stop(timer);
  timer.due_ = due;
  heap_.push_back(&timer);
  rise(heap_.size() - 1);
}

void Timers::stop(Timer& timer) {
  if (!timer.running()) return;
  std::size_t place = std::exchange(timer.place_, Timer::kNowhere);
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  put(place, last);
  rise(place);
  sink(last->place_);
}

void Timers::fire(Milliseconds now) {
  // Only as many as stand here now, so that a timer that starts itself with no delay cannot hold the loop.
  for (std::size_t most = heap_.size(); most > 0 && !heap_.empty() && heap_[0]->due_ <= now; --most) {
    auto action = heap_[0]->action_;  // a copy: the action may destroy its timer
    stop(*heap_[0]);
    action();
  }
}

Milliseconds Timers::until_next(Milliseconds now) const {
  if (heap_.empty()) return Milliseconds(-1);
  return std::max(Milliseconds(0), heap_[0]->due_ - now);
}

}  // namespace zw
