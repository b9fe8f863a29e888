// Threads that hash and check passwords, so that those who serve never wait for it, with a bounded queue in
// front of them, so that a flood of passwords takes no more than these threads and their memory (threads *
// cost.memory).
//
// Work is handed in under a key, which is where it comes from: the client's network, or the account. Keys
// take turns, and each has room for a few only, so that one who floods delays himself.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "crypto/password_hash.h"
#include "web/factors/password.h"

namespace zw {

struct PasswordPoolLimits {
  std::size_t threads = 2;   // at least 1
  std::size_t waiting = 64;  // of all keys
  std::size_t waiting_of_key = 4;
};

/// What a check found.
struct PasswordVerdict {
  bool matches = false;
  /// Where it matches, and the kept hash has another cost than the pool: keep this one from now on.
  std::optional<std::string> rehashed;
};

/// Safe for many threads.
class PasswordPool {
 public:
  enum class Submitted { yes, busy };  // busy: "try again in a moment"; nothing will be called

  /// Fails as hash_password() does.
  static Result<std::unique_ptr<PasswordPool>> make(PasswordCost cost, PasswordPoolLimits limits = {});
  /// Ends the work that runs; what waits is told `conflict` on the caller's thread.
  ~PasswordPool();
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  /// Checks `password` against `hash`, what is kept for the account. Without a hash (there is no such
  /// account, or it has no password) the answer is that it does not match. What does not match takes the same
  /// work, whatever the hash cost: that of the pool's cost, or of the dearest hash that was seen if that is
  /// more, as after the cost was lowered. `done` is called once, on a thread of the pool; it does not throw,
  /// and should be quick. Fails like matches_password().
  Submitted check(std::string key, Password password, std::optional<std::string> hash,
                  const std::function<void(Result<PasswordVerdict>)>& done);
  /// Makes the hash to keep for a new password. As above; fails like hash_password().
  Submitted hash(std::string key, Password password, const std::function<void(Result<std::string>)>& done);

  /// For metrics: how much waits now.
  std::size_t waiting() const;
  /// The same: what was done for checks so far, in passes over KiB.
  std::uint64_t checked_work() const { return checked_work_; }

 private:
  struct Job {
    std::function<void()> work;
    std::function<void()> drop;
  };
  PasswordPool(PasswordCost cost, PasswordPoolLimits limits, std::string nobody);
  Submitted submit(std::string key, Job job);
  Job take_next();
  void serve();
  Result<PasswordVerdict> verdict(const Password& password, const std::optional<std::string>& hash);
  Result<void> work_off(std::uint64_t work);

  const PasswordCost cost_;
  const PasswordPoolLimits limits_;
  const std::string nobody_;                                 // the hash of a password that nobody knows
  std::atomic<std::uint64_t> most_work_, checked_work_ = 0;  // of one check that fails; of all

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, std::deque<Job>> jobs_;  // no queue is empty
  std::deque<std::string> turns_;                // each key of jobs_ once
  std::size_t waiting_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace zw
