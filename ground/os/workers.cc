#include "os/workers.h"

#include <sched.h>

#include <algorithm>
#include <atomic>

namespace zw {

struct ThreadWorkers::Job {
  std::size_t count;
  const std::function<void(std::size_t)>& task;
  std::atomic<std::size_t> next{0};
  std::size_t helpers = 0;  // under mutex_

  bool open() const { return next.load(std::memory_order_relaxed) < count; }
  void work() {
    for (std::size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) task(i);
  }
};

std::size_t usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<std::size_t>(CPU_COUNT(&set));
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

ThreadWorkers::ThreadWorkers(std::size_t width) {
  if (width == 0) width = usable_cores();
  for (std::size_t i = 1; i < width; ++i) threads_.emplace_back([this] { help(); });
}

ThreadWorkers::~ThreadWorkers() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void ThreadWorkers::run(std::size_t count, const std::function<void(std::size_t)>& task) {
  Job job{count, task};
  if (count < 2 || threads_.empty()) return job.work();
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(&job);
  }
  wake_.notify_all();
  job.work();
  std::unique_lock lock(mutex_);
  std::erase(jobs_, &job);
  left_.wait(lock, [&] { return job.helpers == 0; });
}

ThreadWorkers::Job* ThreadWorkers::open_job() {
  auto found = std::ranges::find_if(jobs_, [](Job* job) { return job->open(); });
  return found == jobs_.end() ? nullptr : *found;
}

void ThreadWorkers::help() {
  std::unique_lock lock(mutex_);
  for (;;) {
    Job* job = nullptr;
    wake_.wait(lock, [&] { return stopping_ || (job = open_job()); });
    if (stopping_) return;
    ++job->helpers;
    lock.unlock();
    job->work();
    lock.lock();
    if (--job->helpers == 0) left_.notify_all();
  }
}

}  // namespace zw
