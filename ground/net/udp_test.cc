#include <netinet/ip.h>

#include <set>

#include "net/testing.h"

namespace zw {
namespace {

Buffer ask_udp(const Address& at, Bytes query, int wait_ms = 5000) {
  TestClient client(at, SOCK_DGRAM);
  client.write(query);
  return client.read_some(65536, wait_ms);
}

TEST_CASE("each of many datagrams gets its answer") {
  TestServer test(nullptr, {}, 2);
  TestClient client(test.at, SOCK_DGRAM);
  std::set<std::uint16_t> answered;
  for (std::uint16_t burst = 0; burst < 20; ++burst) {
    for (std::uint16_t i = 0; i < 50; ++i)
      client.write(make_query(static_cast<std::uint16_t>(burst * 50 + i)));
    for (int i = 0; i < 50; ++i) {
      Buffer answer = client.read_some();
      REQUIRE(answer.size() == 17);
      CHECK((answer[2] & 0x80) != 0);
      answered.insert(get16(answer.data()));
    }
  }
  CHECK(answered.size() == 1000);
  CHECK(test.metric("zonewright_net_queries_total{transport=\"udp\"}") == 1000);
  CHECK(eventually([&] { return test.metric("zonewright_net_answers_total{transport=\"udp\"}") == 1000; }));
}

TEST_CASE("answers, fragments of a header and datagrams that are too long are dropped without an answer") {
  TestServer test;
  Buffer answer = EchoHandler::answer_to(make_query(1));
  CHECK(ask_udp(test.at, answer, 50).empty());
  CHECK(ask_udp(test.at, Bytes(answer).first(11), 50).empty());
  CHECK(ask_udp(test.at, make_query(1, kMaxUdpQuery - 11), 50).empty());
  CHECK(ask_udp(test.at, make_query(1, kMaxUdpQuery - 12)).size() == kMaxUdpQuery);
  CHECK(test.metric("zonewright_net_udp_dropped_total{reason=\"malformed\"}") == 3);
}

TEST_CASE("a socket bound to the wildcard answers from the address that was asked") {
  TestServer test(nullptr, {}, 1, loopback("0.0.0.0"));
  // A connected client takes answers from the address that it asked and from no other.
  for (const char* ip : {"127.0.0.1", "127.0.0.2", "127.9.8.7"})
    CHECK(ask_udp(loopback(ip, test.at.port), make_query(7)).size() == 17);
  TestServer six(nullptr, {}, 1, loopback("::"));
  CHECK(ask_udp(loopback("::1", six.at.port), make_query(7)).size() == 17);
}

TEST_CASE("the handler is told who asks and at which address") {
  struct Teller final : Handler {
    std::size_t udp(Bytes, const Peer& peer, MutableBytes answer) override {
      std::string text = peer.address.ip.print() + ">" + peer.local.print();
      std::copy(text.begin(), text.end(), answer.begin());
      return text.size();
    }
    void tcp(Bytes, const Peer& peer, TcpReply& reply) override {
      reply.send(as_bytes(peer.address.ip.print() + ">" + peer.local.print()));
    }
  };
  Metrics metrics(1);
  auto server = Server::make(1, [](std::size_t) { return std::make_unique<Teller>(); }, metrics, {});
  REQUIRE(server.has_value());
  Address wildcard = loopback("0.0.0.0");
  REQUIRE((*server)->listen(std::span(&wildcard, 1)));
  std::uint16_t port = (*server)->listening()[0].port;
  std::string expected = "127.0.0.1>127.0.0.1@" + std::to_string(port);
  CHECK(as_text(ask_udp(loopback("127.0.0.1", port), make_query(1))) == expected);
  TestClient tcp(loopback("127.0.0.1", port));
  tcp.write(frame(make_query(1)));
  CHECK(as_text(tcp.read_message()) == expected);
}

TEST_CASE("a handler that answers nothing sends nothing") {
  struct Silent final : Handler {
    std::size_t udp(Bytes, const Peer&, MutableBytes) override { return 0; }
    void tcp(Bytes, const Peer&, TcpReply&) override {}
  };
  Metrics metrics(1);
  auto server = Server::make(1, [](std::size_t) { return std::make_unique<Silent>(); }, metrics, {});
  REQUIRE(server.has_value());
  Address at = loopback();
  REQUIRE((*server)->listen(std::span(&at, 1)));
  CHECK(ask_udp((*server)->listening()[0], make_query(1), 50).empty());
}

}  // namespace
}  // namespace zw
