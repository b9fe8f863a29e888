// A worker's listening socket.
#pragma once

#include "net/loop.h"
#include "net/tcp_service.h"

namespace zw {

/// Lives on its loop's thread.
class TcpListener final : public Watcher {
 public:
  /// `fd`: of open_tcp_server(at). `transport`: tcp or tls.
  TcpListener(Loop& loop, Descriptor fd, const Address& at, Transport transport, TcpService& service);
  /// Takes in who has already connected, then closes.
  ~TcpListener();

  Result<void> start();
  void ready(std::uint32_t events) override;

 private:
  enum class Accepted { one, none, no_room };
  Accepted accept_one();
  void rest();

  Loop& loop_;
  Descriptor fd_;
  Address at_;
  Transport transport_;
  TcpService& service_;
  Timer rested_;
};

}  // namespace zw
