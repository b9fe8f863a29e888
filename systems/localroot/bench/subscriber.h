// One virtual subscriber: a connection from an address of its own, a query, and the stream that answers it,
// taken as fast or as slowly as is wished, to its end or only to a reset in its midst.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "dns/address.h"
#include "localroot/bench/stream_judge.h"
#include "net/frames.h"
#include "net/loop.h"

namespace zw::localroot {

using Micros = std::chrono::microseconds;
/// On a clock that does not step. (The loop's own is too coarse for latencies.)
Micros steady_micros();

/// What a subscriber is to do.
struct Subscription {
  Address to;
  std::optional<IpAddress> from;
  Buffer query;
  std::unique_ptr<StreamJudge> judge;
  std::uint64_t octets_per_second = 0;  // that it takes; 0: all that comes
  std::uint64_t reset_after = 0;        // octets; 0: never
  Milliseconds patience{30'000};        // without any octet
};

class Subscriber final : public Watcher {
 public:
  enum class End : std::uint8_t {
    whole,   // or told that there is nothing newer
    reset,   // by us, as was asked for
    failed,  // see judge()
  };
  /// Called once after start(), from the loop and not from within start(); in it the subscriber may be
  /// started again or destroyed.
  using OnEnd = std::function<void(Subscriber&, End)>;

  /// `inbox`: room for what one read brings, shared by all subscribers of the loop's thread.
  Subscriber(Loop& loop, const Clock& clock, Buffer& inbox, OnEnd on_end);
  ~Subscriber() { stop(); }

  void start(Subscription what);
  void stop();  // without a word
  /// To be called now and then: ends it if its patience is over.
  void check_patience();

  const Subscription& subscription() const { return what_; }
  const StreamJudge& judge() const { return *what_.judge; }
  bool running() const { return static_cast<bool>(fd_); }
  bool connecting() const { return connecting_; }
  std::uint64_t received() const { return received_; }  // octets
  Micros began() const { return began_; }
  /// Zero before it happened.
  Micros connected_at() const { return connected_; }
  Micros first_at() const { return first_; }

 private:
  void ready(std::uint32_t events) override;
  void tick();
  bool connect_ended();
  bool send_query();
  bool read_some(std::size_t most);
  void take(Bytes octets);
  void broke(TransferFault fault, std::string_view what);
  void end(End how);
  bool slow() const { return what_.octets_per_second > 0; }

  Loop& loop_;
  const Clock& clock_;
  Buffer& inbox_;
  OnEnd on_end_;
  Subscription what_;
  Descriptor fd_;
  Timer timer_;
  FrameReader frames_;
  bool connecting_ = false, watched_ = false;
  std::uint64_t received_ = 0;
  std::size_t sent_ = 0;
  Micros began_{0}, connected_{0}, first_{0};
  Milliseconds active_at_{0};
};

}  // namespace zw::localroot
