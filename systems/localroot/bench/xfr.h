// A crowd of subscribers that fetch one zone: AXFR and IXFR load.
#pragma once

#include <memory>
#include <vector>

#include "base/random.h"
#include "localroot/bench/report.h"
#include "localroot/bench/subscriber.h"
#include "localroot/bench/target.h"

namespace zw::localroot {

struct XfrOptions {
  Address target;
  std::optional<AddressRange> sources;  // each transfer comes from the next one; absent: the kernel chooses
  Name zone;
  std::optional<Serial> serial;  // ask by IXFR, as who has this version
  std::optional<TsigKey> key;
  std::uint64_t total = 100;          // transfers
  std::size_t clients = 10;           // at once
  double rate = 0;                    // new ones in a second; 0: as soon as there is room for them
  std::optional<Milliseconds> limit;  // of the whole run
  Milliseconds patience{30'000};
  std::uint64_t slow_octets_per_second = 0;
  double slow_share = 0;    // of the transfers, 0 to 1
  double reset_share = 0;   // are reset in their midst
  double verify_share = 1;  // have their TSIG verified
  StreamCheck check = StreamCheck::soa;
  bool edns = true;
  std::uint64_t seed = 1;
};

class XfrLoad {
 public:
  /// `done`: all that was asked for is over. Called once, from the loop.
  XfrLoad(Loop& loop, const Clock& clock, XfrOptions options, std::function<void()> done);

  Result<void> start();
  /// Ends what is under way.
  void stop();
  Report report() const;

 private:
  using Slots = std::vector<std::unique_ptr<Subscriber>>;

  void fill();
  bool may_begin() const;
  void begin_one();
  Subscription make_subscription();
  Subscriber* free_slot();
  void ended(Subscriber& subscriber, Subscriber::End how);
  void count_progress(const Subscriber& subscriber);
  void count_whole(const Subscriber& subscriber);
  void check();
  bool chance(double share);
  double elapsed() const;

  Loop& loop_;
  const Clock& clock_;
  XfrOptions options_;
  std::function<void()> done_;
  Splitmix random_;
  ZonePtr have_;  // of IXFR: nothing but its SOA
  Buffer inbox_;
  VersionBook book_;
  Slots slots_;
  std::vector<Subscriber*> free_;
  std::size_t connecting_ = 0;  // at the last check, and begun since
  Timer pace_, check_;
  Micros began_{0}, ended_{0};
  bool stopped_ = false;

  std::uint64_t begun_ = 0, whole_ = 0, resets_ = 0, unfinished_ = 0, slow_ = 0, verified_ = 0;
  std::uint64_t messages_ = 0, records_ = 0, octets_ = 0;
  std::uint64_t usual_octets_ = 0;  // of the last whole transfer
  std::size_t peak_ = 0;
  LogHistogram connect_, first_, transfer_;
  Failures failures_;
};

}  // namespace zw::localroot
