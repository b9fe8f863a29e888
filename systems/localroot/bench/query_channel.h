// The sockets of a query load. Not for others.
#pragma once

#include "localroot/bench/query.h"

namespace zw::localroot {

class QueryLoad::Channel : public Watcher {
 public:
  explicit Channel(std::size_t most) : in_flight_(most) {}
  virtual ~Channel() = default;
  virtual Result<void> open(const Address& to, const std::optional<IpAddress>& from) = 0;
  /// Sends what there is room for.
  virtual void fill() = 0;
  InFlight& in_flight() { return in_flight_; }

 protected:
  InFlight in_flight_;
};

/// Memory for one batch of datagrams each way, which all sockets of a load use in turn.
struct QueryBatch;
std::shared_ptr<QueryBatch> make_query_batch();

std::unique_ptr<QueryLoad::Channel> make_udp_channel(QueryLoad& load, Loop& loop, Random& random,
                                                     std::shared_ptr<QueryBatch> batch, std::size_t most);
std::unique_ptr<QueryLoad::Channel> make_tcp_channel(QueryLoad& load, Loop& loop, std::size_t most);

}  // namespace zw::localroot
