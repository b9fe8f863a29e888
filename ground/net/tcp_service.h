// The TCP connections of one worker (RFC 7766): who is idle, who is being sent to, and who has to go.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "net/connection.h"
#include "net/connection_table.h"
#include "net/counters.h"
#include "net/handler.h"
#include "net/loop.h"
#include "net/socket.h"

namespace zw {

/// Where to listen, and for what.
struct ListenPlace {
  Address at;
  bool tls = false;  // TLS alone; else UDP and TCP
  auto operator<=>(const ListenPlace&) const = default;
};

/// The sockets of one worker at one place.
struct ServerSockets {
  Descriptor udp;  // none for TLS
  Descriptor tcp;
};

struct TcpLimits {
  std::size_t connections = 4096;  // in all workers together; when full, the longest idle one makes room
  std::size_t of_client = 64;      // of one IPv4 address or IPv6 /64
  Milliseconds idle{10'000};       // since the last whole message came, or was sent
  Milliseconds keep_alive{
      30'000};  // the same for clients with edns-tcp-keepalive; at most 6,553 s (RFC 7828 §3.1)
  Milliseconds progress{10'000};           // a client that is sent to must in each such span acknowledge …
  std::size_t progress_octets = 4096;      // … at least this much, or all there is
  std::size_t query_octets = kMaxMessage;  // longer messages end the connection
};

/// Lives on its loop's thread.
class TcpService {
 public:
  TcpService(Loop& loop, Handler& handler, NetCounters& counters, ConnectionTable& table,
             const TcpLimits& limits);
  ~TcpService();

  /// Takes a connection in, or closes it if it is above a limit, or is to be `tls` while there is no
  /// certificate.
  void adopt(Descriptor fd, const Address& peer, const Address& local, Transport transport);
  /// Ends the connection that is idle for longest; false if none is idle.
  bool displace();
  void set_limits(const TcpLimits& limits);
  /// Clients are to leave.
  bool is_leaving() const { return static_cast<bool>(finished_); }
  /// For new sessions; null: none is opened.
  void set_tls(TlsContextPtr tls) { tls_ = std::move(tls); }
  /// Nobody new is taken in. Who is there is served on as usual, and told to leave where that can be told
  /// (RFC 7828 §3.2.2); when the last one has left, calls `finished`.
  void drain(std::function<void()> finished);
  /// Ends what is idle, and everything else as soon as what it is being sent is out; then calls `finished`.
  void finish(std::function<void()> finished);

 private:
  friend class Connection;

  void sort(Connection& connection);  // into the list where it belongs now
  void end(Connection& connection);
  void check();
  void check_idle(std::list<Connection>& list, Milliseconds most);
  void check_sending();
  std::list<Connection>& list_of(const Connection& connection);
  Milliseconds check_interval() const;
  std::size_t open() const { return idle_.size() + kept_.size() + sending_.size(); }

  Loop& loop_;
  Handler& handler_;
  NetCounters& counters_;
  ConnectionTable& table_;
  TcpLimits limits_;
  // In the order of their last activity, and those that are sent to in the order of their next check.
  std::list<Connection> idle_, kept_, sending_;
  Timer check_timer_;
  std::function<void()> finished_;  // nobody new is taken in
  bool ending_ = false;             // who is idle has to go
  TlsContextPtr tls_;
  Wire::Room room_;
  Buffer outbox_;  // lent to the connection whose turn it is
};

}  // namespace zw
