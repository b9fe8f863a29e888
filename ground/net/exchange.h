// The asking side: one query out, one answer or many in. Everything happens on the loop's thread.
//
// An exchange is one conversation at a time, kept by who asks; destroying it ends it without a word. `on_end`
// is called once for each start(), always from the loop and never from within start(); in it the exchange may
// be started again or destroyed. In `on_message` it may not: return `done`, and `on_end` follows.
#pragma once

#include <functional>
#include <optional>

#include "base/random.h"
#include "dns/address.h"
#include "net/frames.h"
#include "net/loop.h"
#include "net/wire.h"

namespace zw {

enum class Next {
  more,  // not what was asked for, or not all of it: wait on
  done,
};
using OnMessage = std::function<Next(Bytes message)>;
/// `timeout`; `refused`: nobody is at that port; `limit`; `malformed`; `io`. Well after `done`.
using OnEnd = std::function<void(Result<void> result)>;

/// A datagram from a fresh socket at a random port (RFC 5452 §4.5), and datagrams back from that address and
/// port with QR = 1 and the query's ID. Answers must still be compared with the question. Does not repeat
/// itself.
class UdpExchange final : public Watcher {
 public:
  UdpExchange(Loop& loop, Random& random)
      : loop_(loop), random_(random), timer_(loop, [this] { time_is_up(); }) {}
  ~UdpExchange() { stop(); }

  /// `query`: at least a header; its ID is from the caller's Random. `from`: an address of ours to send from.
  void start(const Address& to, const std::optional<IpAddress>& from, Bytes query, Milliseconds timeout,
             OnMessage on_message, OnEnd on_end);
  void stop();  // on_end is not called
  bool running() const { return timer_.running(); }

 private:
  void ready(std::uint32_t events) override;
  Result<void> open(const Address& to, const std::optional<IpAddress>& from, Bytes query);
  void time_is_up();
  void end(Result<void> result);

  Loop& loop_;
  Random& random_;
  Timer timer_;
  Descriptor fd_;
  Address to_;
  std::uint16_t id_ = 0;
  Result<void> failed_;  // to be told by the loop
  OnMessage on_message_;
  OnEnd on_end_;
};

struct TcpExchangeLimits {
  Milliseconds connect{5'000};
  Milliseconds idle{10'000};       // between octets
  Milliseconds overall{300'000};   // of the whole exchange
  std::size_t octets = 256 << 20;  // of all messages together, with their lengths
};

/// A connection of its own, one message out, and each message that comes back, until the caller has enough.
/// If the other side ends first, the result is `io`. With TLS, nothing is said before the other side is known
/// to be who it should be; if it is not, the result is that of the session (see TlsSession::error).
class TcpExchange final : public Watcher {
 public:
  explicit TcpExchange(Loop& loop)
      : loop_(loop),
        idle_(loop, [this] { time_is_up("idle"); }),
        overall_(loop, [this] { time_is_up("all"); }) {}
  ~TcpExchange() { stop(); }

  void start(const Address& to, const std::optional<IpAddress>& from, Bytes query,
             const TcpExchangeLimits& limits, OnMessage on_message, OnEnd on_end,
             TlsContextPtr tls = nullptr);
  /// One more message on the same connection. For on_message.
  void send(Bytes message);
  void stop();
  bool running() const { return overall_.running(); }
  /// In on_end: it was TLS that failed.
  bool has_failed_in_tls() const { return failed_in_tls_; }

 private:
  void ready(std::uint32_t events) override;
  void connected();
  bool write();
  bool read();
  bool take(Bytes message);
  bool broken(const Error& error);
  void want(std::uint32_t events);
  void time_is_up(const char* which);
  void end(Result<void> result);

  Loop& loop_;
  Timer idle_, overall_;
  Wire wire_;
  TlsContextPtr tls_;
  Address to_;
  TcpExchangeLimits limits_;
  bool connecting_ = false, failed_in_tls_ = false;
  std::uint32_t events_ = 0;
  std::size_t received_ = 0;
  FrameReader frames_;
  std::unique_ptr<Wire::Room> room_;  // while it runs
  Buffer out_;
  std::size_t sent_ = 0;
  std::optional<Result<void>> result_;  // once it is decided
  OnMessage on_message_;
  OnEnd on_end_;
};

}  // namespace zw
