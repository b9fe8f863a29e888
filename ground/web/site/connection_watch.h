// The connections of a listener of libmicrohttpd: who may open one, and who has kept one for too long without
// asking anything. The library ends those that are silent; this ends those that drip.
#pragma once

#include <list>
#include <mutex>

#include "base/time.h"
#include "net/connection_table.h"
#include "web/site/client_address.h"

namespace zw {

/// Safe for many threads.
class ConnectionWatch {
 public:
  /// Connections beyond the limit, while those that were ended for them are still going.
  static constexpr std::size_t kSlack = 128;
  struct Limits {
    std::size_t connections, of_client;
    Milliseconds request;  // to wait for a whole request
    std::size_t of_proxy = 0;
    ProxyTrust trust{};  // whose connections count as those of proxies
  };
  struct Entry {
    int fd = -1;
    IpAddress client;
    Milliseconds since{0};
    bool waiting = true, counted = false;
    std::list<Entry>::iterator place{};
  };

  explicit ConnectionWatch(const Limits& limits)
      : limits_(limits),
        clients_(limits.connections + kSlack, limits.of_client),
        proxies_(limits.connections + kSlack, limits.of_proxy) {}

  /// Before a connection is taken. Ends others where there is no room, or time is over. False: not this one.
  bool may_open(const IpAddress& client, Milliseconds now);
  /// `fd` stays open until closed() returns.
  Entry* opened(int fd, const IpAddress& client, Milliseconds now);
  void closed(Entry* entry);
  /// A whole request is there, and is being answered.
  void asked(Entry* entry);
  /// It is answered; the next one is waited for.
  void answered(Entry* entry, Milliseconds now);

  std::size_t open() const { return clients_.open() + proxies_.open(); }
  std::uint64_t refused() const;
  std::uint64_t displaced() const;

 private:
  void end(Entry& entry);
  ConnectionTable& table_of(const IpAddress& client) {
    return limits_.trust.trusts(client) ? proxies_ : clients_;
  }

  const Limits limits_;
  ConnectionTable clients_, proxies_;
  mutable std::mutex mutex_;
  std::list<Entry> waiting_, asking_;  // who has waited for longest first
  std::uint64_t refused_ = 0, displaced_ = 0;
};

}  // namespace zw
