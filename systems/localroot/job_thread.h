// One thread that does one job after another, for what takes too long on a loop: verifying and writing zones.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "os/memory.h"

namespace zw::localroot {

class JobThread {
 public:
  JobThread() : thread_([this] { work(); }) {}
  /// Ends after the job that is being done; the others are dropped.
  ~JobThread() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

  void add(std::function<void()> job) {
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

 private:
  void work() {
    while (auto job = next()) job();
  }

  // Empty at the end. What jobs leave behind is given back when no other comes for a while, so that thousands
  // of zones in a row pay for it once.
  std::function<void()> next() {
    std::unique_lock lock(mutex_);
    auto called = [this] { return stopping_ || !jobs_.empty(); };
    if (!wake_.wait_for(lock, std::chrono::seconds(1), called)) {
      lock.unlock();
      give_back_memory();
      lock.lock();
      wake_.wait(lock, called);
    }
    if (stopping_) return {};
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace zw::localroot
