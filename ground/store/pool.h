// Connections that are used again. Not for other rooms. Safe for many threads.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "store/connection.h"

namespace zw {

class ConnectionPool {
 public:
  using Pointer = std::unique_ptr<SqlConnection>;
  /// At most `most` at once, made as they are needed.
  ConnectionPool(std::function<Result<Pointer>()> make, std::size_t most, std::chrono::milliseconds patience)
      : make_(std::move(make)), most_(most), patience_(patience) {}

  /// `timeout` if all are in use for as long as we are patient. Each that is taken must be given back.
  Result<Pointer> take();
  /// One that cannot be used again, or none, is dropped.
  void give(Pointer connection);
  /// Another one for one that cannot be used again. On failure both are gone, and nothing is to be given
  /// back.
  Result<Pointer> exchange(Pointer broken);
  /// Drops those that nobody uses: where one was found broken the others are likely to be.
  void drop_idle();

 private:
  Result<Pointer> make();

  std::function<Result<Pointer>()> make_;
  std::size_t most_;
  std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable given_;
  std::vector<Pointer> idle_;  // the one used last is last
  std::size_t made_ = 0;       // and not dropped
};

}  // namespace zw
