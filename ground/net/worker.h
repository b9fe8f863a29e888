// One thread of the server: a loop, its handler, and its sockets of every address.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <thread>

#include "net/tcp_listener.h"
#include "net/tcp_service.h"
#include "net/udp_listener.h"

namespace zw {

/// Made, asked and destroyed by the server's thread; what is inside lives on the worker's own.
class Worker {
 public:
  Worker(std::unique_ptr<Loop> loop, std::unique_ptr<Handler> handler, NetCounters counters,
         ConnectionTable& table, const TcpLimits& limits);
  ~Worker();

  /// Begins to serve the sockets; then sets `done`, with an error if the kernel would not watch one.
  void open(std::vector<std::pair<ListenPlace, ServerSockets>> sockets, std::promise<Result<void>> done);
  void close(std::vector<ListenPlace> places, std::promise<Result<void>> done);
  void set_limits(const TcpLimits& limits);
  void set_tls(TlsContextPtr tls);
  void tell(std::function<void(Handler&)> what);
  /// Closes the listening sockets, answering what has come, and serves on who is connected until all have
  /// left; who is idle has to go after `linger`. Then `drained` is called, on this worker's thread.
  void drain(Milliseconds linger, std::function<void()> drained);
  /// Closes the listening sockets and the idle connections, and gives the others up to `grace`. Returns at
  /// once; the destructor waits.
  void finish(Milliseconds grace);

 private:
  struct Listeners {
    std::unique_ptr<UdpListener> udp;
    std::unique_ptr<TcpListener> tcp;
  };
  Result<void> open_one(const ListenPlace& place, ServerSockets sockets);

  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Handler> handler_;
  NetCounters counters_;
  TcpService service_;
  std::shared_ptr<UdpBatch> batch_;
  std::multimap<ListenPlace, Listeners> listeners_;  // several at one place only if they were inherited
  Timer grace_, linger_;
  std::function<void()> drained_;
  bool finishing_ = false;  // of the server's thread
  std::thread thread_;
};

}  // namespace zw
