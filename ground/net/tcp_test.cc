#include <linux/tcp.h>

#include <atomic>
#include <fstream>

#include "net/testing.h"
#include "os/files.h"

namespace zw {
namespace {

/// A transfer of `count` messages of `size` octets that tell their number; counts what was asked of it.
struct CountedSource final : MessageSource {
  CountedSource(std::size_t n, std::size_t octets, std::atomic<std::size_t>* made_so_far)
      : count(n), body(octets, 0x5a), made(made_so_far) {}
  ~CountedSource() override {
    if (alive) --*alive;
  }
  bool next(MessageParts& parts) override {
    if (at == count) return false;
    parts.head.resize(14);
    set16(parts.head.data(), static_cast<std::uint16_t>(at));
    set16(parts.head.data() + 2, 0x8000);
    parts.body = body;
    parts.tail.assign(3, static_cast<std::uint8_t>(at));
    ++at;
    parts.more = at < count;
    if (made) ++*made;
    return true;
  }
  std::size_t count, at = 0;
  Buffer body;
  std::atomic<std::size_t>* made;
  std::atomic<int>* alive = nullptr;
};

TEST_CASE("queries that come byte by byte, and many that come at once, are answered in order") {
  TestServer test;
  TestClient client(test.at);
  Buffer stream;
  for (std::uint16_t i = 0; i < 5; ++i) append(stream, frame(make_query(i, i)));
  for (std::uint8_t octet : stream) {
    client.write(Bytes(&octet, 1));
    std::this_thread::sleep_for(Milliseconds(1));
  }
  for (std::uint16_t i = 0; i < 5; ++i)
    CHECK(client.read_message() == EchoHandler::answer_to(make_query(i, i)));
  stream.clear();
  for (std::uint16_t i = 0; i < 1000; ++i) append(stream, frame(make_query(i)));
  client.write(stream);
  for (std::uint16_t i = 0; i < 1000; ++i)
    CHECK(client.read_message() == EchoHandler::answer_to(make_query(i)));
}

TEST_CASE("the largest message goes in and out") {
  TestServer test;
  TestClient client(test.at);
  Buffer query = make_query(9, kMaxMessage - 12);
  client.write(frame(query));
  CHECK(client.read_message() == EchoHandler::answer_to(query));
}

TEST_CASE("a client that has said its last word still gets its answers, and then the end") {
  TestServer test;
  TestClient client(test.at);
  Buffer stream;
  for (std::uint16_t i = 0; i < 3; ++i) append(stream, frame(make_query(i)));
  stream.push_back(0);  // and half a length, which will not come
  client.write(stream);
  shutdown(client.fd(), SHUT_WR);
  for (std::uint16_t i = 0; i < 3; ++i) CHECK(get16(client.read_message().data()) == i);
  CHECK(client.ended());
}

TEST_CASE("a message without a header, an answer, or one above the limit ends the connection") {
  TestServer test(nullptr, {.query_octets = 100});
  for (const Buffer& bad : {Buffer(11, 0), EchoHandler::answer_to(make_query(1)), make_query(1, 89)}) {
    TestClient client(test.at);
    client.write(frame(make_query(5)));
    CHECK(client.read_message().size() == 17);
    client.write(frame(bad));
    CHECK(client.ended());
  }
  TestClient announcer(test.at);
  announcer.write(Buffer{0xff, 0xff});
  CHECK(announcer.ended());
  CHECK(test.metric("zonewright_net_tcp_ended_total{reason=\"malformed\"}") == 4);
}

TEST_CASE("a stream arrives whole and in order, and the next query is answered after it") {
  TestServer test([](Bytes query, const Peer&, TcpReply& reply) {
    if (get16(query.data()) != 1) return reply.send(EchoHandler::answer_to(query));
    reply.send(EchoHandler::answer_to(query));
    reply.stream(std::make_unique<CountedSource>(100, 16000, nullptr));
  });
  TestClient client(test.at);
  Buffer stream;
  for (std::uint16_t id : {1, 1, 2}) append(stream, frame(make_query(id)));
  client.write(stream);
  for (int transfer = 0; transfer < 2; ++transfer) {
    CHECK(get16(client.read_message().data()) == 1);
    for (std::uint16_t i = 0; i < 100; ++i) {
      Buffer message = client.read_message();
      REQUIRE(message.size() == 14 + 16000 + 3);
      CHECK(get16(message.data()) == i);
      CHECK(message[14] == 0x5a);
      CHECK(message.back() == static_cast<std::uint8_t>(i));
    }
  }
  CHECK(get16(client.read_message().data()) == 2);
}

TEST_CASE("messages of a stream fill segments together, and the last one is not kept back") {
  TestServer test([](Bytes, const Peer&, TcpReply& reply) {
    reply.stream(std::make_unique<CountedSource>(3, 50, nullptr));
  });
  TestClient client(test.at);
  auto begun = std::chrono::steady_clock::now();
  for (std::uint16_t id = 0; id < 20; ++id) {
    client.write(frame(make_query(id)));
    for (int i = 0; i < 3; ++i) CHECK(client.read_message().size() == 14 + 50 + 3);
  }
  // A kernel would keep each back for 200 ms.
  CHECK(std::chrono::steady_clock::now() - begun < Milliseconds(20 * 100));
  tcp_info info{};
  socklen_t size = sizeof info;
  REQUIRE(getsockopt(client.fd(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
  CHECK(info.tcpi_data_segs_in == 20);
}

TEST_CASE("a slow reader is asked nothing more of: neither its stream nor its answers grow in memory") {
  std::atomic<std::size_t> made = 0, answers = 0;
  TestServer test([&](Bytes query, const Peer&, TcpReply& reply) {
    if (get16(query.data()) == 1) return reply.stream(std::make_unique<CountedSource>(100000, 16000, &made));
    ++answers;
    reply.send(Buffer(16000));
  });
  TestClient transfer(test.at, SOCK_STREAM, 4096);
  transfer.write(frame(make_query(1)));
  REQUIRE(eventually([&] { return made > 0; }));
  TestClient queries(test.at, SOCK_STREAM, 4096);
  set_option(queries.fd(), SOL_SOCKET, SO_SNDTIMEO, 0);
  Buffer many;
  for (std::uint16_t i = 0; i < 3000; ++i) append(many, frame(make_query(2)));
  std::thread writer([&] { queries.write(many); });
  REQUIRE(eventually([&] { return answers > 0; }));
  std::size_t made_then = 0, answers_then = 0;
  // Both stand still soon: 100,000 messages would be 1.6 GB.
  CHECK(eventually([&] {
    std::this_thread::sleep_for(Milliseconds(100));
    bool still = made == made_then && answers == answers_then;
    made_then = made;
    answers_then = answers;
    return still;
  }));
  CHECK(made < 400);
  CHECK(answers < 400);
  // They go on as soon as the client reads, and nothing is lost.
  for (std::uint16_t i = 0; i < 1000; ++i) CHECK(get16(transfer.read_message().data()) == i);
  for (int i = 0; i < 3000; ++i) REQUIRE(queries.read_message().size() == 16000);
  writer.join();
}

TEST_CASE("a client that takes nothing in time is ended, one that takes a little stays") {
  std::atomic<int> alive = 2;
  TestServer test(
      [&](Bytes, const Peer&, TcpReply& reply) {
        auto source = std::make_unique<CountedSource>(2000, 16000, nullptr);
        source->alive = &alive;
        reply.stream(std::move(source));
      },
      {.progress = Milliseconds(300), .progress_octets = 1000});
  TestClient stuck(test.at, SOCK_STREAM, 4096), slow(test.at, SOCK_STREAM, 4096);
  stuck.write(frame(make_query(1)));
  slow.write(frame(make_query(1)));
  auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < Milliseconds(1500)) {
    REQUIRE(!slow.read_some(8192).empty());
    std::this_thread::sleep_for(Milliseconds(20));
  }
  CHECK(alive == 1);
  CHECK(test.metric("zonewright_net_tcp_ended_total{reason=\"slow\"}") == 1);
  CHECK(test.metric("zonewright_net_tcp_connections") == 1);
}

TEST_CASE("an idle connection ends in its time, and half a query now and then does not help it") {
  TestServer test(nullptr, {.idle = Milliseconds(500)});
  TestClient idle(test.at), dripping(test.at), active(test.at);
  auto start = std::chrono::steady_clock::now();
  Buffer query = frame(make_query(1, 1000));
  std::size_t dripped = 0;
  while (std::chrono::steady_clock::now() - start < Milliseconds(1200)) {
    dripping.write(Bytes(query).subspan(dripped++, 1));
    active.write(frame(make_query(1)));
    CHECK(active.read_message().size() == 17);
    std::this_thread::sleep_for(Milliseconds(20));
  }
  CHECK(idle.ended(0));
  CHECK(dripping.ended(0));
  CHECK(test.metric("zonewright_net_tcp_ended_total{reason=\"idle\"}") == 2);
}

TEST_CASE("a client that knows keepalive may be idle for longer, while connections are not scarce") {
  std::atomic<int> told{-1};
  TestServer test(
      [&](Bytes query, const Peer&, TcpReply& reply) {
        told = static_cast<int>(reply.keep_alive().count());
        reply.send(EchoHandler::answer_to(query));
      },
      {.connections = 4, .idle = Milliseconds(100), .keep_alive = Milliseconds(2000)});
  TestClient kept(test.at);
  kept.write(frame(make_query(1)));
  CHECK(kept.read_message().size() == 17);
  CHECK(told == 2000);
  CHECK_FALSE(kept.ended(500));
  TestClient second(test.at), third(test.at);
  third.write(frame(make_query(1)));
  CHECK(third.read_message().size() == 17);
  CHECK(told == 0);
  CHECK(third.ended());
}

TEST_CASE("a client has no more connections than its limit; an IPv6 site counts as one") {
  TestServer test(nullptr, {.of_client = 3}, 2, loopback("::1"));
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<TestClient>(test.at));
    clients.back()->write(frame(make_query(1)));
    CHECK(clients.back()->read_message().size() == 17);
  }
  TestClient fourth(test.at);
  CHECK(fourth.ended());
  clients.pop_back();
  CHECK(eventually([&] { return test.metric("zonewright_net_tcp_connections") == 2; }));
  TestClient fifth(test.at);
  fifth.write(frame(make_query(1)));
  CHECK(fifth.read_message().size() == 17);
  ConnectionTable table(10, 1);
  CHECK(table.admit(*IpAddress::parse("2001:db8::1")) == ConnectionTable::Verdict::admitted);
  CHECK(table.admit(*IpAddress::parse("2001:db8::ffff:1")) == ConnectionTable::Verdict::client_full);
  CHECK(table.admit(*IpAddress::parse("2001:db8:0:1::1")) == ConnectionTable::Verdict::admitted);
  CHECK(table.admit(*IpAddress::parse("192.0.2.1")) == ConnectionTable::Verdict::admitted);
  CHECK(table.admit(*IpAddress::parse("192.0.2.2")) == ConnectionTable::Verdict::admitted);
  table.release(*IpAddress::parse("2001:db8::ffff:1"));
  CHECK(table.admit(*IpAddress::parse("2001:db8::2")) == ConnectionTable::Verdict::admitted);
}

TEST_CASE("when all connections are taken the longest idle one makes room, never one that is being sent to") {
  TestServer test(
      [](Bytes query, const Peer&, TcpReply& reply) {
        if (get16(query.data()) == 1)
          return reply.stream(std::make_unique<CountedSource>(5000, 16000, nullptr));
        reply.send(EchoHandler::answer_to(query));
      },
      {.connections = 3});
  TestClient busy(test.at, SOCK_STREAM, 4096);
  busy.write(frame(make_query(1)));
  REQUIRE(busy.read_message().size() == 16017);
  TestClient first(test.at), second(test.at);
  auto ask = [](TestClient& client) {
    client.write(frame(make_query(2)));
    return client.read_message().size() == 17;
  };
  REQUIRE(ask(first));
  REQUIRE(ask(second));
  REQUIRE(ask(first));  // now the second is idle for longer
  TestClient third(test.at);
  CHECK(ask(third));
  CHECK(second.ended());
  CHECK(ask(first));
  CHECK(get16(busy.read_message().data()) == 1);
  CHECK(test.metric("zonewright_net_tcp_ended_total{reason=\"displaced\"}") == 1);
}

TEST_CASE("close() ends the connection after what was sent before it") {
  TestServer test([](Bytes query, const Peer&, TcpReply& reply) {
    reply.send(EchoHandler::answer_to(query));
    reply.close();
    reply.send(EchoHandler::answer_to(query));
  });
  TestClient client(test.at);
  Buffer stream;
  for (std::uint16_t i = 0; i < 2; ++i) append(stream, frame(make_query(i)));
  client.write(stream);
  CHECK(get16(client.read_message().data()) == 0);
  CHECK(client.ended());
}

TEST_CASE("a source goes when its client goes") {
  std::atomic<int> alive = 1;
  TestServer test([&](Bytes, const Peer&, TcpReply& reply) {
    auto source = std::make_unique<CountedSource>(100000, 16000, nullptr);
    source->alive = &alive;
    reply.stream(std::move(source));
  });
  {
    TestClient client(test.at);
    client.write(frame(make_query(1)));
    REQUIRE(client.read_message().size() == 16017);
  }
  CHECK(eventually([&] { return alive == 0; }));
}

TEST_CASE("two thousand idle connections cost little, and the server answers beside them") {
  std::size_t files = raise_open_files();
  REQUIRE(files > 4200);
  TestServer test(nullptr, {.connections = 3000, .of_client = 3000});
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 2000; ++i) {
    clients.push_back(std::make_unique<TestClient>(test.at));
    REQUIRE(clients.back()->connected());
    clients.back()->write(frame(make_query(1)));
    REQUIRE(clients.back()->read_message().size() == 17);
  }
  CHECK(test.metric("zonewright_net_tcp_connections") == 2000);
  for (auto& client : clients) {
    client->write(frame(make_query(2)));
    REQUIRE(client->read_message().size() == 17);
  }
  CHECK(sizeof(Connection) <= 288);
  MESSAGE("octets of a connection object: ", sizeof(Connection));
}

}  // namespace
}  // namespace zw
