// A load of queries over UDP or TCP, so many in flight at a time.
#pragma once

#include <memory>
#include <vector>

#include "base/random.h"
#include "dns/transport.h"
#include "localroot/bench/report.h"
#include "localroot/bench/subscriber.h"
#include "localroot/bench/target.h"

namespace zw::localroot {

struct QueryOptions {
  Address target;
  std::optional<AddressRange> sources;
  std::vector<Buffer> queries;  // as of query_list.h, asked one after another and round again
  Transport transport = Transport::udp;
  std::size_t clients = 8;      // sockets
  std::size_t in_flight = 200;  // of all clients together
  double rate = 0;              // queries in a second; 0: as soon as there is room in flight
  std::uint64_t total = 0;      // 0: until the time is over
  Milliseconds limit{5000};     // of the whole run
  Milliseconds patience{2000};  // for one answer
  std::uint64_t seed = 1;
};

/// The queries of one socket that have no answer yet. An ID names a place, and how often that was used, so
/// that a late answer is not taken for the next one.
class InFlight {
 public:
  static constexpr std::size_t kMost = 4096;
  struct Place {
    Micros sent{0};
    const Buffer* query = nullptr;  // null: free
    std::uint8_t turn = 0;
  };

  explicit InFlight(std::size_t most);

  bool full() const { return free_.empty(); }
  std::size_t size() const { return places_.size() - free_.size(); }
  /// The ID to send it with.
  std::uint16_t add(const Buffer& query, Micros now);
  /// Null if no query waits for this ID.
  const Place* find(std::uint16_t id) const;
  void remove(std::uint16_t id);
  /// Removes those that were sent before; gives back how many.
  std::size_t drop_older(Micros than);

 private:
  static constexpr unsigned kTurnShift = 12;
  std::vector<Place> places_;
  std::vector<std::uint16_t> free_;
};

class QueryLoad {
 public:
  /// `done`: called once, from the loop.
  QueryLoad(Loop& loop, const Clock& clock, QueryOptions options, std::function<void()> done);
  ~QueryLoad();

  Result<void> start();
  void stop();
  Report report() const;

  class Channel;

 private:
  friend class UdpChannel;
  friend class TcpChannel;

  // For the channels.
  std::size_t may_send() const;
  const Buffer& next_query();
  void take(Bytes message, InFlight& in_flight, Micros now);
  void lose(std::size_t queries, std::string_view reason, std::string_view what);

  void check();
  void fill();
  double elapsed() const;

  Loop& loop_;
  QueryOptions options_;
  std::function<void()> done_;
  Splitmix random_;
  std::vector<std::unique_ptr<Channel>> channels_;
  Timer pace_, check_;
  Micros began_{0}, ended_{0};
  bool stopped_ = false;

  std::size_t next_ = 0;
  std::uint64_t sent_ = 0, answered_ = 0, lost_ = 0, late_ = 0, truncated_ = 0, sent_octets_ = 0, octets_ = 0;
  std::array<std::uint64_t, 16> rcodes_{};
  LogHistogram latency_;
  Failures failures_;
};

}  // namespace zw::localroot
