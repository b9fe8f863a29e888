#include "crypto/tls.h"

#include <doctest/doctest.h>

#include "crypto/test_tls.h"

using namespace zw;
using namespace zw::test;
using Status = TlsSession::Status;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

std::string hear(TlsSession& session, Bytes octets) {
  Buffer plain(octets.size() + TlsSession::kRecordOctets);
  std::size_t size = session.receive(octets, plain);
  return std::string(as_text(Bytes(plain).first(size)));
}

void say(TlsSession& session, std::string_view text) { session.send(as_bytes(text)); }

}  // namespace

TEST_CASE("a client and a server agree on dot, and what they say arrives in pieces of any size") {
  for (std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, std::size_t{1} << 20}) {
    CAPTURE(piece);
    TlsPair pair(tls_server(), tls_client(), piece);
    REQUIRE(pair.server->status() == Status::open);
    REQUIRE(pair.client->status() == Status::open);
    CHECK(pair.server->peer().dot);
    CHECK(pair.client->peer().dot);
    CHECK(pair.server->peer().names.empty());
    CHECK(pair.client->peer().names == std::vector<std::string>{"ns.test", "*.wild.test"});
    std::string longer(50'000, 'z');
    say(*pair.client, "question");
    say(*pair.server, longer);
    pair.talk();
    CHECK(as_text(pair.server_heard) == "question");
    CHECK(as_text(pair.client_heard) == longer);
  }
}

TEST_CASE("the last word of one side is seen by the other, which may still speak") {
  TlsPair pair;
  say(*pair.client, "all");
  pair.client->end();
  pair.client->end();
  pair.talk();
  CHECK(pair.server->status() == Status::ended);
  CHECK(as_text(pair.server_heard) == "all");
  say(*pair.server, "answer");
  pair.server->end();
  pair.talk();
  CHECK(as_text(pair.client_heard) == "answer");
  CHECK(pair.client->status() == Status::ended);
  pair.server->rest();
  CHECK(pair.server->outgoing().empty());
}

TEST_CASE("a server is believed by its name and authority only") {
  struct Case {
    TlsIdentity identity;
    TlsClientSettings client;
    std::string_view fault;  // none: it is believed
  };
  const Case cases[] = {
      {server_identity(), {"ns.test", kAuthorityCertificate}, ""},
      {server_identity(), {"NS.TEST", kAuthorityCertificate}, ""},
      {server_identity(), {"a.wild.test", kAuthorityCertificate}, ""},
      {server_identity(),
       {"a.b.wild.test", kAuthorityCertificate},
       "the certificate is for ns.test, *.wild.test"},
      {server_identity(), {"server", kAuthorityCertificate}, "expected server"},  // its subject is no name
      {server_identity(), {"other.test", kAuthorityCertificate}, "expected other.test"},
      {server_identity(), {"ns.test", kStrangerCertificate}, "unable to get local issuer certificate"},
      {{kForeignCertificate, kForeignKey}, {"ns.test", kAuthorityCertificate}, "local issuer"},
      {{kExpiredCertificate, kExpiredKey}, {"ns.test", kAuthorityCertificate}, "certificate has expired"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.client.name);
    CAPTURE(each.fault);
    TlsPair pair(tls_server({each.identity}), tls_client(each.client));
    bool good = each.fault.empty();
    CHECK(pair.client->status() == (good ? Status::open : Status::failed));
    CHECK(pair.server->status() == (good ? Status::open : Status::failed));
    CHECK(has(pair.client->error().what, each.fault));
    if (good) continue;
    CHECK(pair.client->error().kind == ErrorKind::refused);
    CHECK(has(pair.server->error().what, "alert"));  // the server hears why
  }
}

TEST_CASE("a pin needs no authority, and beside one both must hold") {
  auto pin = parse_tls_pin(kServerPin);
  REQUIRE(pin);
  auto other = *pin;
  other[31] ^= 1;
  struct Case {
    TlsClientSettings client;
    bool good;
  };
  const Case cases[] = {
      {{.pin = pin}, true},
      {{.pin = other}, false},
      {{.name = "ns.test", .authorities = kAuthorityCertificate, .pin = pin}, true},
      {{.name = "ns.test", .authorities = kAuthorityCertificate, .pin = other}, false},
      {{.name = "other.test", .authorities = kAuthorityCertificate, .pin = pin}, false},
      {{.name = "other.test", .pin = pin}, true},  // the name is only told to the server
  };
  for (const Case& each : cases) {
    TlsPair pair(tls_server(), tls_client(each.client));
    CHECK(pair.client->status() == (each.good ? Status::open : Status::failed));
  }
  CHECK_FALSE(parse_tls_pin("c2hvcnQ="));
  CHECK_FALSE(parse_tls_pin("no base 64 at all, although it is as long as a pin"));
}

TEST_CASE("clients show a certificate if they are asked, and a bad one ends it") {
  TlsServerSettings asking{server_identity(), kAuthorityCertificate};
  TlsClientSettings showing{"ns.test", kAuthorityCertificate};
  TlsPair without(tls_server(asking), tls_client(showing));
  REQUIRE(without.server->status() == Status::open);
  CHECK(without.server->peer().names.empty());

  showing.identity = client_identity();
  TlsPair with(tls_server(asking), tls_client(showing));
  REQUIRE(with.server->status() == Status::open);
  CHECK(with.server->peer().names == std::vector<std::string>{"client.test"});

  TlsPair unasked(tls_server(), tls_client(showing));
  REQUIRE(unasked.server->status() == Status::open);
  CHECK(unasked.server->peer().names.empty());

  showing.identity = {kForeignCertificate, kForeignKey};
  TlsPair bad(tls_server(asking), tls_client(showing));
  CHECK(bad.server->status() == Status::failed);
  CHECK(has(bad.server->error().what, "not believed"));
  CHECK(bad.client->status() == Status::failed);  // it hears so after its own handshake was over
}

TEST_CASE("what is not TLS 1.3 is refused with a reason") {
  auto server = tls_server()->start();
  hear(*server, as_bytes("GET / HTTP/1.1\r\nHost: ns.test\r\n\r\n"));
  CHECK(server->status() == Status::failed);
  CHECK(has(server->error().what, "HTTP"));

  server = tls_server()->start();
  Buffer query(40, 0);
  query[1] = 38;
  hear(*server, query);
  CHECK(server->status() == Status::failed);
  CHECK(server->error().kind == ErrorKind::malformed);
  CHECK(hear(*server, query) == "");  // and stays so
  server->end();
}

TEST_CASE("a bent octet anywhere ends the session, and never becomes plain text") {
  TlsPair first;
  say(*first.client, "question");
  std::size_t size = first.client->outgoing().size();
  for (std::size_t at = 0; at < size; ++at) {
    CAPTURE(at);
    TlsPair pair;
    say(*pair.client, "question");
    Buffer octets(pair.client->outgoing().begin(), pair.client->outgoing().end());
    octets[at] ^= 0x10;
    CHECK(hear(*pair.server, octets) == "");
    bool waits = pair.server->status() == Status::open && (at == 3 || at == 4);  // its length grew
    CHECK((waits || pair.server->status() == Status::failed));
  }
}

TEST_CASE("a handshake that never ends is bounded") {
  auto server = tls_server()->start();
  // Records of a ClientHello that announces 100,000 octets.
  Buffer record = {22, 3, 1, 0x40, 0};
  record.resize(5 + 0x4000);
  record[5] = 1;
  record[6] = 1;
  record[7] = 0x86;
  record[8] = 0xa0;
  for (int i = 0; i < 8 && server->status() == Status::handshake; ++i) {
    hear(*server, record);
    for (std::size_t at : {5u, 6u, 7u, 8u}) record[at] = 0;
  }
  CHECK(server->status() == Status::failed);
}

TEST_CASE("a truncated handshake waits, and says nothing") {
  TlsPair whole;
  auto client = tls_client()->start();
  Bytes hello = client->outgoing();
  auto server = tls_server()->start();
  hear(*server, hello.first(hello.size() - 1));
  CHECK(server->status() == Status::handshake);
  CHECK(server->outgoing().empty());
  hear(*server, hello.last(1));
  CHECK_FALSE(server->outgoing().empty());
}

TEST_CASE("a session outlives its context") {
  auto server_context = tls_server();
  auto client_context = tls_client();
  TlsPair pair(server_context, client_context);
  server_context.reset();
  client_context.reset();
  say(*pair.server, "still here");
  pair.talk();
  CHECK(as_text(pair.client_heard) == "still here");
}

TEST_CASE("a certificate and a key that do not go together are told apart from what is none") {
  auto fault = [](TlsIdentity identity) {
    auto made = TlsContext::make_server({identity});
    REQUIRE_FALSE(made.has_value());
    return made.error().what;
  };
  CHECK(has(fault({kServerCertificate, kClientKey}), "not that of the certificate"));
  CHECK(has(fault({"", kServerKey}), "no certificate"));
  CHECK(has(fault({kServerKey, kServerKey}), "no certificate"));
  CHECK(has(fault({kServerCertificate, ""}), "no private key"));
  CHECK(has(fault({kServerCertificate, kServerCertificate}), "no private key"));
  std::string broken = kServerCertificate;
  broken[40] = '!';
  CHECK(has(fault({broken, kServerKey}), "broken"));
  CHECK(has(TlsContext::make_server({server_identity(), "nothing"}).error().what, "no certificate"));
  CHECK(tls_server()->certificate_ends() == parse_time("2126-01-01T00:00:00Z"));
  CHECK_FALSE(tls_client()->certificate_ends());
}
