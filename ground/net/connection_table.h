// How many TCP connections there are, in all and of each client: the workers of one server share it.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "dns/address.h"

namespace zw {

/// Safe for many threads. Used when a connection opens and closes, not on the path of a query.
class ConnectionTable {
 public:
  enum class Verdict { admitted, full, client_full };

  ConnectionTable(std::size_t most, std::size_t most_of_client)
      : most_(most), most_of_client_(most_of_client) {}

  /// Counts one more connection of `client` (for IPv6 all of its /64 are one client), if there is room.
  Verdict admit(const IpAddress& client);
  void release(const IpAddress& client);
  /// What is open above a lower limit stays open.
  void set_limits(std::size_t most, std::size_t most_of_client);

  std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  /// Three quarters of the room are taken.
  bool scarce() const { return open() * 4 >= most_.load(std::memory_order_relaxed) * 3; }

 private:
  std::atomic<std::size_t> most_;
  std::size_t most_of_client_;
  std::atomic<std::size_t> open_ = 0;
  std::mutex mutex_;
  std::unordered_map<IpAddress, std::size_t> clients_;
};

}  // namespace zw
