#include "net/loop.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "os/clock.h"

namespace zw {

Result<std::unique_ptr<Loop>> Loop::make() {
  Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return fail_errno("epoll");
  Descriptor wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake) return fail_errno("eventfd");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // no watcher: somebody posted
  if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) return fail_errno("epoll");
  return std::make_unique<Loop>(Key(), std::move(epoll), std::move(wake));
}

Loop::Loop(Key, Descriptor epoll, Descriptor wake)
    : epoll_(std::move(epoll)), wake_(std::move(wake)), now_(SystemClock().steady()) {}

Result<void> Loop::watch(int fd, std::uint32_t events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return fail_errno("epoll");
  return {};
}

void Loop::change(int fd, std::uint32_t events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  ZW_ASSERT(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void Loop::unwatch(int fd, Watcher& watcher) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  for (epoll_event& event : batch_)
    if (event.data.ptr == &watcher) event.events = 0;
}

void Loop::dispatch(std::span<epoll_event> batch) {
  for (batch_ = batch; !batch_.empty();) {
    epoll_event event = batch_[0];
    batch_ = batch_.subspan(1);
    if (!event.data.ptr)
      clear_wake();
    else if (event.events != 0)
      static_cast<Watcher*>(event.data.ptr)->ready(event.events);
  }
}

void Loop::run_once(Milliseconds most) {
  auto next = timers_.until_next(SystemClock().steady());
  if (next.count() >= 0) most = most.count() < 0 ? next : std::min(most, next);
  most = std::min(most, Milliseconds(3600 * 1000));
  epoll_event events[128];
  int count = epoll_wait(epoll_.get(), events, std::size(events), static_cast<int>(most.count()));
  now_ = SystemClock().steady();
  if (count > 0) dispatch(std::span(events, static_cast<std::size_t>(count)));
  timers_.fire(now_);
  run_posted();
}

void Loop::run() {
  now_ = SystemClock().steady();
  while (!stopping_) run_once(Milliseconds(-1));
  stopping_ = false;
}

void Loop::post(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
    if (posted_.size() > 1) return;  // the first has woken the loop
  }
  std::uint64_t one = 1;
  static_cast<void>(!write(wake_.get(), &one, sizeof one));  // a full counter has woken it too
}

void Loop::clear_wake() {
  std::uint64_t count;
  static_cast<void>(!read(wake_.get(), &count, sizeof count));
}

void Loop::stop() {
  post([this] { stopping_ = true; });
}

void Loop::run_posted() {
  std::vector<std::function<void()>> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (auto& task : tasks) task();
}

}  // namespace zw
