#include "net/exchange.h"

#include <atomic>

#include "net/testing.h"
#include "os/clock.h"

namespace zw {
namespace {

struct Asker {
  Asker() : loop(std::move(Loop::make().value())) {}
  /// Runs the loop until the exchange has ended.
  Result<void> wait() {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!result && std::chrono::steady_clock::now() < end) loop->run_once(Milliseconds(10));
    REQUIRE(result.has_value());
    return *result;
  }
  OnMessage keep(std::size_t until) {
    return [this, until](Bytes message) {
      messages.emplace_back(message.begin(), message.end());
      return messages.size() == until ? Next::done : Next::more;
    };
  }
  OnEnd end() {
    return [this](Result<void> how) {
      CHECK_FALSE(result.has_value());
      result = std::move(how);
    };
  }
  std::unique_ptr<Loop> loop;
  SystemRandom random;
  std::vector<Buffer> messages;
  std::optional<Result<void>> result;
};

/// A socket of ours that plays the other side.
struct FakeUdp {
  FakeUdp() : fd(std::move(open_udp_server(loopback()).value())), at(local_address(fd.get()).value()) {}
  SocketAddress take(Buffer& query) {
    SocketAddress from;
    pollfd ready{fd.get(), POLLIN, 0};
    REQUIRE(poll(&ready, 1, 5000) == 1);
    query.resize(65536);
    from.size = sizeof from.v6;
    ssize_t got = recvfrom(fd.get(), query.data(), query.size(), 0, &from.any, &from.size);
    REQUIRE(got > 0);
    query.resize(static_cast<std::size_t>(got));
    return from;
  }
  void send(Bytes message, const SocketAddress& to) {
    REQUIRE(sendto(fd.get(), message.data(), message.size(), 0, &to.any, to.size) > 0);
  }
  Descriptor fd;
  Address at;
};

TEST_CASE("a datagram gets its answer, from the address that was asked for as source") {
  TestServer test;
  Asker asker;
  UdpExchange exchange(*asker.loop, asker.random);
  exchange.start(test.at, IpAddress::parse("127.0.0.5"), make_query(77), Milliseconds(5000), asker.keep(1),
                 asker.end());
  CHECK(asker.wait().has_value());
  REQUIRE(asker.messages.size() == 1);
  CHECK(get16(asker.messages[0].data()) == 77);
  CHECK_FALSE(exchange.running());
}

TEST_CASE("answers with another ID, queries, fragments and strangers are not taken for the answer") {
  FakeUdp server, stranger;
  Asker asker;
  UdpExchange exchange(*asker.loop, asker.random);
  exchange.start(server.at, std::nullopt, make_query(77), Milliseconds(5000), asker.keep(1), asker.end());
  Buffer query;
  SocketAddress client = server.take(query);
  CHECK(query == make_query(77));
  Buffer right = EchoHandler::answer_to(query), wrong = right;
  wrong[1] ^= 1;
  server.send(wrong, client);
  server.send(query, client);
  server.send(Bytes(right).first(11), client);
  stranger.send(right, client);
  for (int i = 0; i < 5; ++i) asker.loop->run_once(Milliseconds(10));
  CHECK(asker.messages.empty());
  CHECK_FALSE(asker.result.has_value());
  server.send(right, client);
  CHECK(asker.wait().has_value());
  CHECK(asker.messages == std::vector<Buffer>{right});
}

TEST_CASE("an answer that the caller does not accept leaves the exchange waiting for a better one") {
  FakeUdp server;
  Asker asker;
  UdpExchange exchange(*asker.loop, asker.random);
  exchange.start(server.at, std::nullopt, make_query(77), Milliseconds(5000), asker.keep(3), asker.end());
  Buffer query;
  SocketAddress client = server.take(query);
  for (int i = 0; i < 3; ++i) server.send(EchoHandler::answer_to(query), client);
  CHECK(asker.wait().has_value());
  CHECK(asker.messages.size() == 3);
}

TEST_CASE("no answer is a time-out, a closed port is refused at once, no way is an error") {
  FakeUdp silent;
  Asker asker;
  UdpExchange exchange(*asker.loop, asker.random);
  auto start = std::chrono::steady_clock::now();
  exchange.start(silent.at, std::nullopt, make_query(1), Milliseconds(100), asker.keep(1), asker.end());
  CHECK(asker.wait().error().kind == ErrorKind::timeout);
  CHECK(std::chrono::steady_clock::now() - start >= Milliseconds(99));
  Address closed = silent.at;
  silent.fd.close();
  asker.result.reset();
  exchange.start(closed, std::nullopt, make_query(1), Milliseconds(5000), asker.keep(1), asker.end());
  CHECK(asker.wait().error().kind == ErrorKind::refused);
  asker.result.reset();
  exchange.start(closed, IpAddress::parse("192.0.2.1"), make_query(1), Milliseconds(5000), asker.keep(1),
                 asker.end());
  CHECK_FALSE(asker.result.has_value());  // not from within start()
  CHECK(asker.wait().error().kind == ErrorKind::io);
}

TEST_CASE("source ports differ from one exchange to the next") {
  FakeUdp server;
  Asker asker;
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < 20; ++i) {
    UdpExchange exchange(*asker.loop, asker.random);
    exchange.start(server.at, std::nullopt, make_query(1), Milliseconds(5000), asker.keep(1), asker.end());
    Buffer query;
    ports.push_back(server.take(query).address().port);
  }
  std::sort(ports.begin(), ports.end());
  CHECK(std::unique(ports.begin(), ports.end()) - ports.begin() >= 19);
}

TEST_CASE("a transfer is delivered message by message, and more can be asked on the same connection") {
  TestServer test([](Bytes query, const Peer&, TcpReply& reply) {
    for (std::uint16_t i = 0; i < 200; ++i)
      reply.send(EchoHandler::answer_to(make_query(i, query.size() * 300)));
  });
  Asker asker;
  TcpExchange exchange(*asker.loop);
  std::size_t count = 0;
  bool in_order = true;
  exchange.start(
      test.at, std::nullopt, make_query(1), {},
      [&](Bytes message) {
        in_order = in_order && get16(message.data()) == count % 200;
        if (++count == 200) exchange.send(make_query(2));
        return count == 400 ? Next::done : Next::more;
      },
      asker.end());
  CHECK(asker.wait().has_value());
  CHECK(count == 400);
  CHECK(in_order);
  CHECK_FALSE(exchange.running());
}

TEST_CASE("an exchange ends when the other side does, says too much or too little, or nobody is there") {
  auto run = [](EchoHandler::OnTcp on_tcp, const TcpExchangeLimits& limits, std::size_t until) {
    TestServer test(std::move(on_tcp));
    Asker asker;
    TcpExchange exchange(*asker.loop);
    exchange.start(test.at, std::nullopt, make_query(1), limits, asker.keep(until), asker.end());
    return asker.wait();
  };
  auto once_and_close = [](Bytes query, const Peer&, TcpReply& reply) {
    reply.send(EchoHandler::answer_to(query));
    reply.close();
  };
  auto silence = [](Bytes, const Peer&, TcpReply&) {};
  struct Endless final : MessageSource {
    bool next(MessageParts& parts) override { return parts.head.assign(1000, 0x80), true; }
  };
  auto endless = [](Bytes, const Peer&, TcpReply& reply) { reply.stream(std::make_unique<Endless>()); };
  auto no_header = [](Bytes, const Peer&, TcpReply& reply) { reply.send(Buffer(11)); };
  CHECK(run(once_and_close, {}, 1).has_value());
  CHECK(run(once_and_close, {}, 2).error().kind == ErrorKind::io);
  CHECK(run(silence, {.idle = Milliseconds(50)}, 1).error().kind == ErrorKind::timeout);
  CHECK(run(endless, {.octets = 100'000}, ~std::size_t{0}).error().kind == ErrorKind::limit);
  CHECK(
      run(endless, {.overall = Milliseconds(50), .octets = ~std::size_t{0}}, ~std::size_t{0}).error().kind ==
      ErrorKind::timeout);
  CHECK(run(no_header, {}, 1).error().kind == ErrorKind::malformed);
  Asker asker;
  TcpExchange exchange(*asker.loop);
  Address closed;
  {
    TestServer gone;
    closed = gone.at;
  }
  exchange.start(closed, std::nullopt, make_query(1), {}, asker.keep(1), asker.end());
  CHECK(asker.wait().error().kind == ErrorKind::refused);
}

TEST_CASE("an exchange may be started again or destroyed when it is told its end") {
  TestServer test;
  Asker asker;
  int rounds = 0;
  auto exchange = std::make_unique<TcpExchange>(*asker.loop);
  std::function<void(Result<void>)> again = [&](Result<void> how) {
    CHECK(how.has_value());
    if (++rounds == 3) {
      exchange.reset();
      asker.result = how;
      return;
    }
    asker.messages.clear();
    exchange->start(test.at, std::nullopt, make_query(1), {}, asker.keep(1), again);
  };
  exchange->start(test.at, std::nullopt, make_query(1), {}, asker.keep(1), again);
  CHECK(asker.wait().has_value());
  CHECK(rounds == 3);
  CHECK(exchange == nullptr);
}

}  // namespace
}  // namespace zw
