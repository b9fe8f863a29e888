// What the tests of this room share: queries, a plain blocking client, and handlers.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <thread>

#include "net/frames.h"
#include "net/handler.h"
#include "net/server.h"
#include "net/socket.h"

namespace zw {

inline Address loopback(const char* ip = "127.0.0.1", std::uint16_t port = 0) {
  return {*IpAddress::parse(ip), port};
}

/// A header with this ID, and `more` octets that say nothing.
inline Buffer make_query(std::uint16_t id, std::size_t more = 5) {
  std::uint8_t header[12] = {0, 0, 1};
  set16(header, id);
  Buffer out(header, header + 12);
  out.insert(out.end(), more, 0x2a);
  return out;
}

inline Buffer frame(Bytes message) {
  Buffer out;
  append_frame(out, message);
  return out;
}

/// Waits up to five seconds for what another thread does.
inline bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

/// Blocking, with a limit of five seconds on each wait.
class TestClient {
 public:
  explicit TestClient(const Address& to, int type = SOCK_STREAM, int receive_buffer = 0)
      : fd_(socket(to.ip.is_v4() ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) set_option(fd_.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
    SocketAddress address(to);
    connected_ = connect(fd_.get(), &address.any, address.size) == 0;
  }
  bool connected() const { return connected_; }
  int fd() const { return fd_.get(); }

  bool write(Bytes octets) {
    while (!octets.empty()) {
      ssize_t put = ::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      octets = octets.subspan(static_cast<std::size_t>(put));
    }
    return true;
  }
  /// What comes next, at most `most` octets; empty at the end, on an error, or if nothing comes.
  Buffer read_some(std::size_t most = 65536, int wait_ms = 5000) {
    pollfd ready{fd_.get(), POLLIN, 0};
    if (poll(&ready, 1, wait_ms) <= 0) return {};
    Buffer out(most);
    ssize_t got = recv(fd_.get(), out.data(), out.size(), 0);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  Buffer read_exactly(std::size_t count) {
    Buffer out;
    while (out.size() < count) {
      Buffer some = read_some(count - out.size());
      if (some.empty()) break;
      append(out, some);
    }
    return out;
  }
  /// The next message of a stream; empty if the connection ended.
  Buffer read_message() {
    Buffer length = read_exactly(2);
    return length.size() == 2 ? read_exactly(get16(length.data())) : Buffer();
  }
  /// The other side has ended the connection, by its end or by a reset.
  bool ended(int wait_ms = 5000) {
    pollfd ready{fd_.get(), POLLIN, 0};
    if (poll(&ready, 1, wait_ms) <= 0) return false;
    std::uint8_t octet;
    return recv(fd_.get(), &octet, 1, 0) <= 0;
  }

 private:
  Descriptor fd_;
  bool connected_ = false;
};

/// Gives the query back with QR = 1. Where `on_tcp` is set, that answers over TCP.
struct EchoHandler final : Handler {
  using OnTcp = std::function<void(Bytes, const Peer&, TcpReply&)>;
  explicit EchoHandler(OnTcp tcp_answer = nullptr) : on_tcp(std::move(tcp_answer)) {}

  static Buffer answer_to(Bytes query) {
    Buffer out(query.begin(), query.end());
    out[2] |= 0x80;
    return out;
  }
  std::size_t udp(Bytes query, const Peer&, MutableBytes answer) override {
    Buffer out = answer_to(query);
    std::copy(out.begin(), out.end(), answer.begin());
    return out.size();
  }
  void tcp(Bytes query, const Peer& peer, TcpReply& reply) override {
    if (on_tcp) return on_tcp(query, peer, reply);
    reply.send(answer_to(query));
  }
  OnTcp on_tcp;
};

/// A server at one loopback address.
struct TestServer {
  explicit TestServer(EchoHandler::OnTcp on_tcp = nullptr, const TcpLimits& limits = {},
                      std::size_t workers = 1, const Address& at_address = loopback())
      : metrics(workers) {
    auto made = Server::make(
        workers, [&](std::size_t) { return std::make_unique<EchoHandler>(on_tcp); }, metrics, limits);
    REQUIRE(made.has_value());
    server = std::move(*made);
    REQUIRE(server->listen(std::span(&at_address, 1)).has_value());
    at = server->listening().front();
  }
  /// The sum of all series whose line begins so.
  double metric(const std::string& start) const {
    std::string text = "\n" + metrics.exposition();
    double sum = 0;
    for (std::size_t at_line = text.find("\n" + start); at_line != std::string::npos;
         at_line = text.find("\n" + start, at_line + 1))
      sum += std::stod(text.substr(text.find(' ', at_line)));
    return sum;
  }

  Metrics metrics;
  std::unique_ptr<Server> server;
  Address at;
};

}  // namespace zw
