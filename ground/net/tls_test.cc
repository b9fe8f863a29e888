// The server and the exchange with TLS in them. What TLS itself decides is in crypto/tls_test.cc.
#include <netinet/tcp.h>

#include <atomic>
#include <thread>

#include "crypto/test_tls.h"
#include "net/exchange.h"
#include "net/testing.h"
#include "os/clock.h"

namespace zw {
namespace {

/// TLS on a blocking client.
struct TlsClient {
  explicit TlsClient(const Address& to, int receive_buffer = 0,
                     const TlsContextPtr& context = test::tls_client())
      : plain(to, SOCK_STREAM, receive_buffer), session(context->start()) {
    set_option(plain.fd(), IPPROTO_TCP, TCP_NODELAY, 1);
    while (session->status() == TlsSession::Status::handshake && turn()) {
    }
    flush();
  }
  void flush() {
    Bytes octets = session->outgoing();
    plain.write(octets);
    session->sent(octets.size());
  }
  /// One read; false at the end.
  bool turn(int wait_ms = 5000) {
    flush();
    Buffer some = plain.read_some(65536, wait_ms);
    if (some.empty()) return false;
    Buffer room(some.size() + TlsSession::kRecordOctets);
    append(heard, Bytes(room).first(session->receive(some, room)));
    return true;
  }
  void write(Bytes octets) {
    session->send(octets);
    flush();
  }
  Buffer read_message() {
    while (heard.size() < 2 || heard.size() - 2 < get16(heard.data()))
      if (!turn()) return {};
    std::size_t size = get16(heard.data());
    Buffer out(heard.begin() + 2, heard.begin() + 2 + static_cast<std::ptrdiff_t>(size));
    heard.erase(heard.begin(), heard.begin() + 2 + static_cast<std::ptrdiff_t>(size));
    return out;
  }
  /// The server said its last word, and that nothing more comes in TLS too.
  bool ended_well() {
    while (session->status() == TlsSession::Status::open && turn()) {
    }
    return session->status() == TlsSession::Status::ended;
  }
  bool open() const { return session->status() == TlsSession::Status::open; }

  TestClient plain;
  std::unique_ptr<TlsSession> session;
  Buffer heard;
};

struct TlsServer : TestServer {
  explicit TlsServer(EchoHandler::OnTcp on_tcp = nullptr, const TcpLimits& limits = {},
                     const TlsContextPtr& context = test::tls_server())
      : TestServer(std::move(on_tcp), limits) {
    server->set_tls(context);
    Address plain = loopback(), tls = loopback("127.0.0.2");
    REQUIRE(server->listen(std::span(&plain, 1), std::span(&tls, 1)).has_value());
    at = server->listening_tls().front();
  }
};

struct MessagesSource final : MessageSource {
  MessagesSource(std::size_t messages, std::size_t octets, std::atomic<std::size_t>* made)
      : left(messages), body(octets, 0x5a), count(made) {}
  bool next(MessageParts& parts) override {
    if (left == 0) return false;
    --left;
    if (count) ++*count;
    parts.head.assign(14, 1);
    parts.body = body;
    parts.tail.assign(3, static_cast<std::uint8_t>(left));
    return true;
  }
  std::size_t left;
  Buffer body;
  std::atomic<std::size_t>* count;
};

struct Asker {
  Result<void> ask(const Address& to, const TlsContextPtr& tls, Milliseconds idle = Milliseconds(5000)) {
    std::optional<Result<void>> result;
    TcpExchange exchange(*loop);
    exchange.start(
        to, std::nullopt, make_query(7), {.idle = idle},
        [this](Bytes message) {
          answer.assign(message.begin(), message.end());
          return Next::done;
        },
        [&](Result<void> how) {
          in_tls = exchange.has_failed_in_tls();
          result = std::move(how);
        },
        tls);
    for (int i = 0; i < 1000 && !result; ++i) loop->run_once(Milliseconds(10));
    REQUIRE(result.has_value());
    return *result;
  }
  std::unique_ptr<Loop> loop = std::move(Loop::make().value());
  Buffer answer;
  bool in_tls = false;
};

bool has(const Error& error, std::string_view part) { return error.what.find(part) != error.what.npos; }

}  // namespace

TEST_CASE("queries over TLS are answered in order, and the handler knows who asks") {
  std::atomic<int> over_tls = 0;
  TlsServer test(
      [&](Bytes query, const Peer& peer, TcpReply& reply) {
        over_tls += peer.transport == Transport::tls && peer.tls && peer.tls->dot &&
                    peer.tls->names == std::vector<std::string>{"client.test"};
        reply.send(EchoHandler::answer_to(query));
      },
      {}, test::tls_server({test::server_identity(), test::kAuthorityCertificate}));
  TlsClient client(test.at, 0,
                   test::tls_client({.name = "ns.test",
                                     .authorities = test::kAuthorityCertificate,
                                     .identity = test::client_identity()}));
  Buffer stream;
  for (std::uint16_t i = 0; i < 100; ++i) append(stream, frame(make_query(i)));
  client.write(stream);
  for (std::uint16_t i = 0; i < 100; ++i) REQUIRE(get16(client.read_message().data()) == i);
  CHECK(over_tls == 100);
  CHECK(test.metric("zonewright_net_queries_total{transport=\"tls\"}") == 100);
  CHECK(test.metric("zonewright_net_tls_handshakes_total{result=\"opened\"}") == 1);
  CHECK(test.metric("zonewright_net_queries_total{transport=\"tcp\"}") == 0);
}

TEST_CASE("a stream over TLS arrives whole, with messages of any size, and the next query is answered") {
  for (std::size_t octets :
       {std::size_t{0}, std::size_t{16352}, std::size_t{16365}, std::size_t{16366}, std::size_t{16367},
        std::size_t{16384}, std::size_t{40000}, std::size_t{65518}}) {
    CAPTURE(octets);
    TlsServer test([&](Bytes query, const Peer&, TcpReply& reply) {
      if (get16(query.data()) != 1) return reply.send(EchoHandler::answer_to(query));
      reply.stream(std::make_unique<MessagesSource>(40, octets, nullptr));
    });
    TlsClient client(test.at);
    client.write(frame(make_query(1)));
    client.write(frame(make_query(2)));
    for (std::size_t i = 40; i-- > 0;) {
      Buffer message = client.read_message();
      REQUIRE(message.size() == 17 + octets);
      REQUIRE(message.back() == static_cast<std::uint8_t>(i));
    }
    CHECK(get16(client.read_message().data()) == 2);
  }
}

TEST_CASE("a slow reader over TLS makes no more messages than the socket takes") {
  std::atomic<std::size_t> made = 0;
  TlsServer test([&](Bytes, const Peer&, TcpReply& reply) {
    reply.stream(std::make_unique<MessagesSource>(100'000, 16000, &made));
  });
  TlsClient client(test.at, 4096);
  client.write(frame(make_query(1)));
  REQUIRE(eventually([&] { return made > 0; }));
  std::size_t before = 0;
  CHECK(eventually([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return std::exchange(before, made.load()) == made;
  }));
  CHECK(made < 500);  // all would be 1.6 GB
  for (int i = 0; i < 400; ++i) REQUIRE(client.read_message().size() == 16017);
  CHECK(made > 400);
}

TEST_CASE("who never ends the handshake is idle, and who is idle is told that it ends") {
  TlsServer test(nullptr, {.idle = Milliseconds(300)});
  TestClient silent(test.at);
  TestClient half(test.at);
  auto session = test::tls_client()->start();
  half.write(session->outgoing().first(20));
  TlsClient open(test.at);
  REQUIRE(open.open());
  CHECK(open.ended_well());
  CHECK(silent.ended());
  CHECK(half.ended());
  CHECK(eventually([&] { return test.metric("zonewright_net_tcp_ended_total{reason=\"idle\"}") == 3; }));
}

TEST_CASE("a handshake is no activity: it must be over when a silent client would be idle") {
  TlsServer test(nullptr, {.idle = Milliseconds(1000)});
  TestClient late(test.at);
  std::this_thread::sleep_for(Milliseconds(500));
  TestClient silent(test.at);
  std::this_thread::sleep_for(Milliseconds(400));
  late.write(test::tls_client()->start()->outgoing());  // and never more
  CHECK(silent.ended());
  CHECK(test.metric("zonewright_net_tcp_ended_total{reason=\"idle\"}") == 2);  // the late one before it
}

TEST_CASE("octets that are no TLS end the connection, and are counted") {
  TlsServer test;
  TestClient client(test.at);
  client.write(frame(make_query(1)));
  client.read_some(100);  // an alert
  CHECK(client.ended());
  CHECK(test.metric("zonewright_net_tls_handshakes_total{result=\"failed\"}") == 1);
  CHECK(test.metric("zonewright_net_queries_total") == 0);
}

TEST_CASE("a connection that the handler closes gets its answer, and the end in TLS") {
  TlsServer test([](Bytes query, const Peer&, TcpReply& reply) {
    reply.send(EchoHandler::answer_to(query));
    reply.close();
  });
  TlsClient client(test.at);
  client.write(frame(make_query(5)));
  CHECK(get16(client.read_message().data()) == 5);
  CHECK(client.ended_well());
}

TEST_CASE("a client that has ended its side in TLS still gets its answers") {
  TlsServer test;
  TlsClient client(test.at);
  Buffer stream;
  for (std::uint16_t i = 0; i < 3; ++i) append(stream, frame(make_query(i)));
  client.write(stream);
  client.session->end();
  client.flush();
  for (std::uint16_t i = 0; i < 3; ++i) CHECK(get16(client.read_message().data()) == i);
  CHECK(client.ended_well());
}

TEST_CASE("a new certificate is for new sessions, those that are open stay") {
  TlsServer test;
  TlsClient before(test.at);
  test.server->set_tls(test::tls_server({{test::kForeignCertificate, test::kForeignKey}}));
  auto stranger = test::tls_client({"ns.test", test::kStrangerCertificate});
  CHECK(eventually([&] { return TlsClient(test.at, 0, stranger).open(); }));
  before.write(frame(make_query(9)));
  CHECK(get16(before.read_message().data()) == 9);
  test.server->set_tls(nullptr);
  CHECK(eventually([&] { return !TlsClient(test.at, 0, stranger).open(); }));
}

TEST_CASE("an address for TLS opens and closes without the others") {
  TlsServer test;
  Address plain = loopback();
  REQUIRE(test.server->listen(std::span(&plain, 1)).has_value());
  CHECK(test.server->listening_tls().empty());
  CHECK_FALSE(TestClient(test.at).connected());
  TestClient still(test.server->listening().front());
  still.write(frame(make_query(1)));
  CHECK(still.read_message().size() == 17);
}

TEST_CASE("an exchange over TLS asks who is believed, and nobody else hears the question") {
  std::atomic<int> asked = 0;
  TlsServer test([&](Bytes query, const Peer&, TcpReply& reply) {
    ++asked;
    reply.send(EchoHandler::answer_to(query));
  });
  Asker asker;
  CHECK(asker.ask(test.at, test::tls_client()).has_value());
  CHECK(get16(asker.answer.data()) == 7);
  CHECK(asked == 1);

  auto wrong = asker.ask(test.at, test::tls_client({"other.test", test::kAuthorityCertificate}));
  REQUIRE_FALSE(wrong.has_value());
  CHECK(asker.in_tls);
  CHECK(has(wrong.error(), "expected other.test"));
  CHECK(has(wrong.error(), test.at.print()));
  CHECK(asked == 1);

  auto plain = asker.ask(test.server->listening().front(), test::tls_client(), Milliseconds(200));
  REQUIRE_FALSE(plain.has_value());
  CHECK(asked == 1);
}

TEST_CASE("a server that takes the connection and says nothing is a time-out") {
  Descriptor listener = std::move(open_tcp_server(loopback()).value());
  Asker asker;
  auto silent = asker.ask(local_address(listener.get()).value(), test::tls_client(), Milliseconds(100));
  REQUIRE_FALSE(silent.has_value());
  CHECK(silent.error().kind == ErrorKind::timeout);
  CHECK(has(silent.error(), "no TLS session in time"));
}

// Sanitizers keep memory of their own beside each piece of ours.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {
std::size_t resident_octets() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  unsigned long all = 0, resident = 0;
  int read = file ? std::fscanf(file, "%lu %lu", &all, &resident) : 0;
  if (file) std::fclose(file);
  return read == 2 ? resident * 4096 : 0;
}
}  // namespace

TEST_CASE("idle sessions cost what they have to") {
  TlsServer test(nullptr, {.connections = 1000, .of_client = 1000});
  constexpr std::size_t kSessions = 400;
  TlsClient first(test.at);
  std::vector<TestClient> clients;
  clients.reserve(kSessions);
  auto context = test::tls_client();
  std::size_t before = resident_octets();
  for (std::size_t i = 0; i < kSessions; ++i) {
    TlsClient client(test.at, 0, context);
    client.write(frame(make_query(1)));
    REQUIRE(client.read_message().size() == 17);
    clients.push_back(std::move(client.plain));  // the client's session goes; the server's stays
  }
  std::size_t each = (resident_octets() - before) / kSessions;
  MESSAGE("octets of an idle session: about ", each);
  CHECK(each < 32'000);
}
#endif

}  // namespace zw
