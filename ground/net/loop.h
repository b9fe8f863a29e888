// One thread's reactor: descriptors (epoll), timers, and work that other threads hand in.
//
// Everything here belongs to the loop's own thread, except post() and stop(), which any thread may call. What
// is called back may watch, unwatch, start and stop anything, and may destroy the watcher or timer that it is
// called through.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "os/descriptor.h"

namespace zw {

class Loop;

/// Told when its descriptor is ready.
class Watcher {
 public:
  /// `events`: bits of EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR.
  virtual void ready(std::uint32_t events) = 0;

 protected:
  ~Watcher() = default;
};

/// Calls `action` once on the loop's thread, not before its time. Destroying it stops it.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> action) : loop_(loop), action_(std::move(action)) {}
  ~Timer() { stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(Milliseconds delay);  // again: the new time counts
  void stop();
  bool running() const { return place_ != kNowhere; }

 private:
  friend class Timers;
  static constexpr std::size_t kNowhere = ~std::size_t{0};
  Loop& loop_;
  std::function<void()> action_;
  Milliseconds due_{0};
  std::size_t place_ = kNowhere;  // in the heap
};

/// The timers that run, the next one first: a binary heap that knows where each timer stands in it.
class Timers {
 public:
  void start(Timer& timer, Milliseconds due);
  void stop(Timer& timer);
  /// Fires what is due. A timer that is started while this runs waits for the next call.
  void fire(Milliseconds now);
  /// Until the next one is due; negative if none runs.
  Milliseconds until_next(Milliseconds now) const;

 private:
  void put(std::size_t place, Timer* timer);
  void rise(std::size_t place);
  void sink(std::size_t place);
  std::vector<Timer*> heap_;
};

class Loop {
  class Key {};

 public:
  static Result<std::unique_ptr<Loop>> make();
  Loop(Key, Descriptor epoll, Descriptor wake);  // through make()
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                             // until stop()
  void run_once(Milliseconds most);       // one round that waits at most so long
  void stop();                            // any thread
  void post(std::function<void()> task);  // any thread; runs on the loop's, in order

  /// The steady time at the start of this round.
  Milliseconds now() const { return now_; }

  Result<void> watch(int fd, std::uint32_t events, Watcher& watcher);
  void change(int fd, std::uint32_t events, Watcher& watcher);
  void unwatch(int fd, Watcher& watcher);  // before the descriptor closes

  Timers& timers() { return timers_; }

 private:
  void dispatch(std::span<epoll_event> batch);
  void clear_wake();
  void run_posted();

  Descriptor epoll_;
  Descriptor wake_;
  Timers timers_;
  Milliseconds now_{0};
  std::span<epoll_event> batch_;  // not yet told
  bool stopping_ = false;

  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace zw
