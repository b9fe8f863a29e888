#include "net/server.h"

#include <sys/stat.h>

#include <atomic>

#include "net/testing.h"

namespace zw {
namespace {

bool answers_udp(const Address& at, int wait_ms = 5000) {
  TestClient client(at, SOCK_DGRAM);
  client.write(make_query(1));
  return client.read_some(65536, wait_ms).size() == 17;
}

bool answers_tcp(const Address& at) {
  TestClient client(at);
  return client.connected() && client.write(frame(make_query(1))) && client.read_message().size() == 17;
}

TEST_CASE("addresses that stay configured lose nothing while others come and go") {
  TestServer test(nullptr, {}, 2);
  Address kept = loopback(), other = loopback("127.0.0.2", test.at.port);
  std::atomic<bool> ending = false;
  std::atomic<int> asked = 0, lost = 0;
  TestClient tcp(test.at);
  std::thread asker([&] {
    for (; !ending; ++asked)
      if (!answers_udp(test.at)) ++lost;
  });
  for (int i = 0; i < 20 || (asked <= 20 && i < 2000); ++i) {
    Address both[] = {kept, other};
    REQUIRE(test.server->listen(both));
    CHECK(answers_tcp(other));
    CHECK(answers_udp(other));
    REQUIRE(test.server->listen(std::span(&kept, 1)));
    CHECK_FALSE(TestClient(other).connected());
    CHECK_FALSE(answers_udp(other, 20));
  }
  ending = true;
  asker.join();
  CHECK(asked > 20);
  CHECK(lost == 0);
  tcp.write(frame(make_query(1)));
  CHECK(tcp.read_message().size() == 17);
}

TEST_CASE("when one address cannot be opened nothing changes and the error names it") {
  TestServer test;
  Address wanted[] = {loopback("127.0.0.3"), {*IpAddress::parse("192.0.2.1"), 5353}};
  auto done = test.server->listen(wanted);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().what.find("192.0.2.1@5353") != std::string::npos);
  CHECK(test.server->listening() == std::vector<Address>{test.at});
  CHECK(answers_udp(test.at));
  CHECK(answers_tcp(test.at));
}

TEST_CASE("every worker is told once, on its own thread and in order") {
  TestServer test(nullptr, {}, 3);
  std::vector<int> told[3];
  std::atomic<int> all = 0;
  for (int i = 0; i < 10; ++i)
    test.server->tell([&, i](std::size_t worker, Handler&) {
      told[worker].push_back(i);
      ++all;
    });
  REQUIRE(eventually([&] { return all == 30; }));
  for (auto& mine : told) CHECK(mine == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

struct Slow final : MessageSource {
  std::size_t left = 200;
  bool next(MessageParts& parts) override {
    parts.head.assign(16000, 0x80);
    return left-- > 0;
  }
};

// As if the other server were in another process.
std::vector<InheritedSockets> copies(const Server& server) {
  std::vector<InheritedSockets> out;
  for (const SharedSockets& one : server.shared()) {
    InheritedSockets& copy = out.emplace_back();
    copy.asked = one.asked;
    copy.bound = one.bound;
    if (one.udp >= 0) copy.sockets.udp = Descriptor(dup(one.udp));
    copy.sockets.tcp = Descriptor(dup(one.tcp));
  }
  return out;
}

TEST_CASE("another server takes the sockets over, and nothing is lost, whatever the number of workers") {
  for (std::size_t workers : {1u, 2u, 4u}) {
    TestServer old(nullptr, {}, 2);
    TestServer young(nullptr, {}, workers);
    auto staying = std::make_unique<TestClient>(old.at);
    std::atomic<bool> ending = false;
    std::atomic<int> asked = 0, lost = 0;
    std::thread asker([&] {
      for (; !ending; ++asked)
        if (!answers_udp(old.at) || !answers_tcp(old.at)) ++lost;
    });
    REQUIRE(eventually([&] { return asked > 5; }));
    REQUIRE(young.server->listen({}));
    Address at = loopback();  // a place is known by how it was asked for: port 0
    young.server->inherit(copies(*old.server));
    REQUIRE(young.server->listen(std::span(&at, 1)));
    CHECK(young.server->listening() == std::vector<Address>{old.at});
    auto same_socket = [](int a, int b) {
      struct stat one{}, other{};
      return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino;
    };
    CHECK(same_socket(old.server->shared()[0].udp, young.server->shared()[0].udp));
    CHECK(same_socket(old.server->shared()[0].tcp, young.server->shared()[0].tcp));
    std::atomic<bool> drained = false;
    REQUIRE(old.server->drain(Milliseconds(60'000), [&] { drained = true; }));
    CHECK(old.server->listening().empty());
    int before = asked;
    REQUIRE(eventually([&] { return asked > before + 5; }));
    ending = true;
    asker.join();
    CHECK(lost == 0);
    CHECK_FALSE(drained);
    staying->write(frame(make_query(1)));
    CHECK(staying->read_message().size() == 17);
    staying.reset();
    CHECK(eventually([&] { return drained.load(); }));
  }
}

TEST_CASE("who lingers while a server drains has to go") {
  TestServer test;
  TestClient idle(test.at);
  idle.write(frame(make_query(1)));
  CHECK(idle.read_message().size() == 17);
  std::atomic<int> drained = 0;
  REQUIRE(test.server->drain(Milliseconds(50), [&] { ++drained; }));
  CHECK(idle.ended());
  CHECK(eventually([&] { return drained == 1; }));
  test.server->stop(Milliseconds(0));
  CHECK(drained == 1);
}

TEST_CASE("stopping lets a transfer end within the grace, and ends idle connections at once") {
  TestServer test([](Bytes, const Peer&, TcpReply& reply) { reply.stream(std::make_unique<Slow>()); });
  TestClient idle(test.at), reader(test.at);
  reader.write(frame(make_query(1)));
  CHECK(reader.read_message().size() == 16000);
  std::atomic<bool> stopped = false;
  std::thread stopper([&] {
    test.server->stop(Milliseconds(5000));
    stopped = true;
  });
  CHECK(idle.ended());
  CHECK_FALSE(stopped);
  for (int i = 1; i < 200; ++i) REQUIRE(reader.read_message().size() == 16000);
  CHECK(reader.ended());
  stopper.join();
}

TEST_CASE("stopping does not wait longer than the grace for a client that takes nothing") {
  TestServer test([](Bytes, const Peer&, TcpReply& reply) {
    auto source = std::make_unique<Slow>();
    source->left = 100000;
    reply.stream(std::move(source));
  });
  TestClient stuck(test.at, SOCK_STREAM, 4096);
  stuck.write(frame(make_query(1)));
  CHECK(!stuck.read_some(100).empty());
  auto start = std::chrono::steady_clock::now();
  test.server->stop(Milliseconds(100));
  auto took = std::chrono::steady_clock::now() - start;
  CHECK(took >= Milliseconds(99));
  CHECK(took < Milliseconds(3000));
  CHECK_FALSE(TestClient(test.at).connected());
}

TEST_CASE("new limits hold for connections that are open already") {
  TestServer test(nullptr, {.idle = Milliseconds(60'000)});
  TestClient client(test.at);
  client.write(frame(make_query(1)));
  CHECK(client.read_message().size() == 17);
  test.server->set_limits({.of_client = 1, .idle = Milliseconds(50)});
  CHECK(TestClient(test.at).ended());
  CHECK(client.ended());
}

}  // namespace
}  // namespace zw
