// A worker's socket for queries over UDP: datagrams come and go in batches, in memory that is set aside once.
#pragma once

#include <memory>

#include "net/counters.h"
#include "net/handler.h"
#include "net/loop.h"
#include "net/socket.h"

namespace zw {

/// Memory for one batch. One for each worker serves all of its sockets.
struct UdpBatch;
std::shared_ptr<UdpBatch> make_udp_batch();

/// Lives on its loop's thread.
class UdpListener final : public Watcher {
 public:
  /// `fd`: of open_udp_server(at).
  UdpListener(Loop& loop, Descriptor fd, const Address& at, Handler& handler, NetCounters& counters,
              std::shared_ptr<UdpBatch> batch);
  /// Answers what has already come in, then closes.
  ~UdpListener();

  Result<void> start();
  void ready(std::uint32_t events) override;
  /// An answer that was not ready when the handler was asked. `from`: the address that was asked. Lost, and
  /// counted as that, if the kernel does not take it.
  void send_one(Bytes message, const IpAddress& from, const Address& to);

 private:
  std::size_t receive();
  std::size_t answer(std::size_t received);
  bool answer_one(std::size_t i, std::size_t out);
  void send(std::size_t count);

  Loop& loop_;
  Descriptor fd_;
  Address at_;
  Handler& handler_;
  NetCounters& counters_;
  std::shared_ptr<UdpBatch> batch_;
};

}  // namespace zw
