// A crowd of secondaries that are told of new versions (RFC 1996): how fast a server tells them all.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "dns/message_writer.h"
#include "dns/tsig.h"
#include "localroot/bench/crowd.h"
#include "localroot/bench/report.h"
#include "localroot/bench/subscriber.h"
#include "net/tcp_listener.h"
#include "net/udp_listener.h"
#include "os/clock.h"
#include "transfer/notify_in.h"

namespace zw::localroot {

struct NotifyOptions {
  Crowd crowd;
  Name zone{};
  TsigKeyring keys{};  // answers to who signs are signed
  Milliseconds slow_after{500};
  Milliseconds quiet{2000};             // all who live were told, and nothing came for so long: that was it
  Milliseconds patience{30'000};        // nothing came at all
  std::optional<Milliseconds> limit{};  // of the whole run
  std::optional<Serial> serial{};       // count only who is told of this version
};

/// Takes NOTIFY over UDP and TCP at its port of every address; an address that is none of the crowd's is not
/// answered. Those that refuse and the slow ones answer over TCP too, but the slow ones at once: there a
/// sender waits for its connection first. The dead take datagrams, and connections that nobody reads from.
/// Measures from the first NOTIFY of the version on: servers may also tell of the one before when they start.
class NotifyLoad final : public Handler {
 public:
  /// `done`: called once, from the loop.
  NotifyLoad(Loop& loop, const Clock& clock, NotifyOptions options, std::function<void()> done);

  Result<void> start();
  void stop();
  Report report() const;
  /// One line for who waits.
  std::string print_waiting() const;

  std::size_t udp(Bytes message, const Peer& peer, MutableBytes answer) override;
  void tcp(Bytes message, const Peer& peer, TcpReply& reply) override;

 private:
  /// What came for one target; times in microseconds since the first message for anybody.
  struct Told {
    std::uint32_t first = 0, last = 0;
    std::uint32_t messages = 0;
  };
  struct LateAnswer {
    Micros due;
    Address from, to;
    Buffer message;
  };
  struct Tally {
    std::vector<Told> told;  // by target
    std::uint64_t messages = 0, over_tcp = 0, unsigned_ones = 0;
    std::size_t living = 0, dead = 0;  // targets with a message
    Micros first{0}, last{0}, last_new{0};
    std::map<std::uint32_t, std::uint64_t> serials;
    LogHistogram repeated_living, repeated_dead;
    Failures failures;
  };
  static constexpr std::size_t kMostSerials = 64;

  Result<void> open(std::uint16_t port, bool takes_connections);
  std::size_t take(Bytes message, const Peer& peer, MutableBytes answer, std::optional<std::size_t>& target);
  void count(std::size_t target, const NotifyRequest& notify, const Peer& peer);
  std::size_t write_answer(const MessageView& message, const TsigRequest& tsig, Rcode rcode,
                           MutableBytes answer);
  void send_late();
  void check();
  bool is_over() const;
  std::size_t living() const { return options_.crowd.size() - options_.crowd.count(CrowdRole::dead); }

  Loop& loop_;
  const Clock& clock_;
  NotifyOptions options_;
  std::function<void()> done_;
  Metrics metrics_;
  NetCounters counters_;
  ConnectionTable table_;
  TcpService connections_;
  std::shared_ptr<UdpBatch> batch_;
  std::unique_ptr<UdpListener> udp_, dead_udp_;
  std::unique_ptr<TcpListener> tcp_;
  Descriptor dead_tcp_;  // never accepted from
  MessageWriter writer_;
  Buffer room_;  // for an answer over TCP
  Timer check_, late_;
  std::deque<LateAnswer> late_answers_;  // all late by the same time
  Tally tally_;
  Micros began_{0}, ended_{0}, heard_{0};
  bool stopped_ = false;
};

}  // namespace zw::localroot
