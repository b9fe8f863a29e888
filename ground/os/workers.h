// The cores of this machine behind core's Workers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/workers.h"

namespace zw {

/// A fixed pool. Threads take the next task by an atomic counter, so uneven tasks even out; the caller of
/// run() works too. run() may be called from many threads at once and from inside a task: a caller never
/// waits for anything but its own tasks.
class ThreadWorkers final : public Workers {
 public:
  /// `width`: threads at work, the caller's among them; 0 = as many as this process may run on.
  explicit ThreadWorkers(std::size_t width = 0);
  ~ThreadWorkers() override;
  ThreadWorkers(const ThreadWorkers&) = delete;
  ThreadWorkers& operator=(const ThreadWorkers&) = delete;

  std::size_t width() const override { return threads_.size() + 1; }
  void run(std::size_t count, const std::function<void(std::size_t)>& task) override;

 private:
  struct Job;
  void help();
  Job* open_job();

  std::mutex mutex_;
  std::condition_variable wake_;  // a job came, or we stop
  std::condition_variable left_;  // a helper left its job
  std::vector<Job*> jobs_;        // on the stacks of their callers
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// Cores that this process may run on (its affinity mask); at least 1.
std::size_t usable_cores();

}  // namespace zw
