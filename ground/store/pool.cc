#include "store/pool.h"

namespace zw {

Result<ConnectionPool::Pointer> ConnectionPool::take() {
  std::unique_lock lock(mutex_);
  if (!given_.wait_for(lock, patience_, [&] { return !idle_.empty() || made_ < most_; }))
    return fail(ErrorKind::timeout, "database: all {} connections were in use for {} ms", most_,
                patience_.count());
  if (idle_.empty()) {
    ++made_;
    lock.unlock();
    return make();
  }
  Pointer out = std::move(idle_.back());
  idle_.pop_back();
  return out;
}

Result<ConnectionPool::Pointer> ConnectionPool::make() {
  auto made = make_();
  if (!made) give(nullptr);
  return made;
}

Result<ConnectionPool::Pointer> ConnectionPool::exchange(Pointer broken) {
  broken.reset();
  return make();
}

void ConnectionPool::give(Pointer connection) {
  bool usable = connection && connection->usable();
  if (!usable) connection.reset();  // not under the lock: it may talk to the server
  {
    std::lock_guard lock(mutex_);
    if (usable)
      idle_.push_back(std::move(connection));
    else
      --made_;
  }
  given_.notify_one();
}

void ConnectionPool::drop_idle() {
  std::vector<Pointer> dropped;
  {
    std::lock_guard lock(mutex_);
    dropped.swap(idle_);
    made_ -= dropped.size();
  }
  given_.notify_all();
}

}  // namespace zw
