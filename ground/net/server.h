// A server of DNS messages over UDP, TCP and TLS: one thread for each core, each with sockets of its own at
// every address, between which the kernel spreads the clients (SO_REUSEPORT). Threads share nothing on the
// path of a query.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "metrics/metrics.h"
#include "net/connection_table.h"
#include "net/handler.h"
#include "net/tcp_service.h"

namespace zw {

class Worker;

/// What one worker listens with at one place, in the process that shares it.
struct SharedSockets {
  ListenPlace asked;
  Address bound;
  int udp = -1, tcp = -1;  // -1: none
};

/// The same, in the process that it was given to.
struct InheritedSockets {
  ListenPlace asked;
  Address bound;
  ServerSockets sockets;
};

class Server {
  class Key {};

 public:
  using MakeHandler = std::function<std::unique_ptr<Handler>(std::size_t worker)>;

  /// Starts `workers` threads; they count as owners 0 … workers - 1 of `metrics`, which outlives the server.
  /// No address is open yet. One process has one server: the limits of open files and memory are the
  /// process's.
  static Result<std::unique_ptr<Server>> make(std::size_t workers, const MakeHandler& make_handler,
                                              Metrics& metrics, const TcpLimits& limits);
  Server(Key, const TcpLimits& limits);  // through make()
  ~Server();                             // stop() without grace
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Below: one thread at a time.

  /// Opens these addresses and no others. Sockets of addresses that stay are not touched; what has come in on
  /// sockets that go is answered first. If an address cannot be opened, nothing changes and the error names
  /// it. Port 0 becomes a free port, the same for UDP and TCP, that listening() tells.
  /// At `tls` it listens for TLS, and for nothing else.
  Result<void> listen(std::span<const Address> addresses, std::span<const Address> tls = {});
  /// Of another process, which is about to end: the next listen() uses them where it is to listen at the same
  /// places, so that no query is lost in between, and closes the others.
  void inherit(std::vector<InheritedSockets> sockets) { inherited_ = std::move(sockets); }
  /// All listening sockets, to be sent to another process; good until the next listen(), drain() or stop().
  std::vector<SharedSockets> shared() const;
  std::vector<Address> listening() const;
  std::vector<Address> listening_tls() const;

  /// For new connections at once, for open ones from their next check.
  void set_limits(const TcpLimits& limits);
  /// For new sessions; those that are open stay as they are. Null, as at first: no session is opened.
  void set_tls(const TlsContextPtr& tls);

  /// Runs `what` once on the thread of each worker, in order with what was told before and between two
  /// batches of queries: this is how a new snapshot reaches the handlers without a lock. Does not wait.
  void tell(const std::function<void(std::size_t worker, Handler& handler)>& what);

  /// Closes all listening sockets; what has come in on them is answered before this returns. Who is connected
  /// is served on for as long as he likes to stay, but when `linger` is over nobody stays idle. `drained` is
  /// called, on a worker's thread, when the last one has left. stop() still ends everything.
  Result<void> drain(Milliseconds linger, const std::function<void()>& drained);
  /// No new queries; answers and transfers that are on their way get up to `grace`. Returns when all is over.
  void stop(Milliseconds grace);

  struct Opened;

 private:
  std::vector<Address> bound(bool tls) const;
  Result<void> hand_over(std::map<ListenPlace, Opened>& opened);
  Result<void> close(const std::vector<ListenPlace>& places);
  Result<void> on_each_worker(
      const std::function<void(std::size_t, Worker&, std::promise<Result<void>>)>& what);

  ConnectionTable table_;
  std::vector<std::unique_ptr<Worker>> workers_;
  struct Open {
    Address bound;
    std::vector<std::pair<int, int>> sockets;  // of each worker, UDP and TCP; they are the workers'
  };
  std::map<ListenPlace, Open> open_;  // as asked for
  std::vector<InheritedSockets> inherited_;
};

}  // namespace zw
