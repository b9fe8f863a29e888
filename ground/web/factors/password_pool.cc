#include "web/factors/password_pool.h"

#include <algorithm>

#include "os/clock.h"

namespace zw {
namespace {

constexpr std::size_t kWorkOctets = 1024, kLeastMemory = 8 << 10, kMostPasses = 64;

/// In passes over KiB: Argon2 takes so long, whichever of the two is more.
std::uint64_t work_of(PasswordCost cost) { return std::uint64_t{cost.passes} * (cost.memory / kWorkOctets); }

}  // namespace

Result<std::unique_ptr<PasswordPool>> PasswordPool::make(PasswordCost cost, PasswordPoolLimits limits) {
  ZW_ASSERT(limits.threads > 0);
  SecretBuffer unknown(32);
  SystemRandom().fill(unknown);
  ZW_TRY(std::string nobody, hash_password(unknown, cost));
  return std::unique_ptr<PasswordPool>(new PasswordPool(cost, limits, std::move(nobody)));
}

PasswordPool::PasswordPool(PasswordCost cost, PasswordPoolLimits limits, std::string nobody)
    : cost_(cost), limits_(limits), nobody_(std::move(nobody)), most_work_(work_of(cost)) {
  for (std::size_t i = 0; i < limits.threads; ++i) threads_.emplace_back([this] { serve(); });
}

PasswordPool::~PasswordPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  for (auto& [key, jobs] : jobs_)
    for (Job& job : jobs) job.drop();
}

// std::function wants what it holds to be copyable, so each job shares its password.
PasswordPool::Submitted PasswordPool::check(std::string key, Password password,
                                            std::optional<std::string> hash,
                                            const std::function<void(Result<PasswordVerdict>)>& done) {
  auto secret = std::make_shared<const Password>(std::move(password));
  return submit(std::move(key),
                {[this, secret, hash = std::move(hash), done] { done(verdict(*secret, hash)); },
                 [done] { done(fail(ErrorKind::conflict, "the service is stopping")); }});
}

PasswordPool::Submitted PasswordPool::hash(std::string key, Password password,
                                           const std::function<void(Result<std::string>)>& done) {
  auto secret = std::make_shared<const Password>(std::move(password));
  return submit(std::move(key), {[this, secret, done] { done(hash_password(secret->octets(), cost_)); },
                                 [done] { done(fail(ErrorKind::conflict, "the service is stopping")); }});
}

std::size_t PasswordPool::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_;
}

Result<PasswordVerdict> PasswordPool::verdict(const Password& password,
                                              const std::optional<std::string>& hash) {
  ZW_TRY(PasswordCost kept, cost_of(hash ? *hash : nobody_));
  std::uint64_t work = work_of(kept);
  checked_work_ += work;
  for (std::uint64_t most = most_work_; most < work && !most_work_.compare_exchange_weak(most, work);) {
  }
  ZW_TRY(bool matches, matches_password(hash ? *hash : nobody_, password.octets()));
  PasswordVerdict out{matches && hash, std::nullopt};
  if (!out.matches) {
    ZW_CHECK(work_off(most_work_ - work));
    return out;
  }
  if (kept == cost_) return out;
  // Without memory for the new hash the old one is as good as it was.
  if (auto made = hash_password(password.octets(), cost_)) out.rehashed = std::move(*made);
  return out;
}

/// In whole passes over the pool's memory, and one over what is left.
Result<void> PasswordPool::work_off(std::uint64_t work) {
  const std::uint64_t memory = cost_.memory / kWorkOctets;
  while (work * kWorkOctets >= kLeastMemory) {
    auto passes = static_cast<std::uint32_t>(std::min<std::uint64_t>(work / memory, kMostPasses));
    PasswordCost piece =
        passes > 0 ? PasswordCost{passes, cost_.memory} : PasswordCost{1, work * kWorkOctets};
    ZW_CHECK(hash_password(as_bytes("nobody's"), piece));
    work -= work_of(piece);
    checked_work_ += work_of(piece);
  }
  return {};
}

PasswordPool::Submitted PasswordPool::submit(std::string key, Job job) {
  {
    std::lock_guard lock(mutex_);
    auto place = jobs_.find(key);
    std::size_t of_key = place == jobs_.end() ? 0 : place->second.size();
    if (waiting_ >= limits_.waiting || of_key >= limits_.waiting_of_key) return Submitted::busy;
    if (of_key == 0) turns_.push_back(key);
    jobs_[std::move(key)].push_back(std::move(job));
    ++waiting_;
  }
  wake_.notify_one();
  return Submitted::yes;
}

PasswordPool::Job PasswordPool::take_next() {
  std::string key = std::move(turns_.front());
  turns_.pop_front();
  auto place = jobs_.find(key);
  Job job = std::move(place->second.front());
  place->second.pop_front();
  if (place->second.empty())
    jobs_.erase(place);
  else
    turns_.push_back(std::move(key));
  --waiting_;
  return job;
}

void PasswordPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || waiting_ > 0; });
    if (stopping_) return;
    Job job = take_next();
    lock.unlock();
    job.work();
    job = {};  // its password is wiped outside the lock
    lock.lock();
  }
}

}  // namespace zw
