// Octets of strangers in a TLS session: a server's before and in the handshake, a client's as the answer to
// its hello. The first octet says who hears them, the second how they are cut.
#include <cstdlib>

#include "crypto/test_tls.h"

using namespace zw;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void hear(TlsSession& session, Bytes octets, std::size_t piece) {
  while (!octets.empty()) {
    Bytes some = octets.first(std::min(piece, octets.size()));
    octets = octets.subspan(some.size());
    Buffer plain(some.size() + TlsSession::kRecordOctets);
    // Nobody without the keys of the session can make it hear a word.
    expect(session.receive(some, plain) == 0);
    expect(session.outgoing().size() < (128 << 10));
    session.sent(session.outgoing().size());
    bool failed = session.status() == TlsSession::Status::failed;
    expect(failed == !session.error().what.empty());
  }
  session.end();
  session.sent(session.outgoing().size());
  session.rest();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TlsContextPtr plain_server = test::tls_server();
  static const TlsContextPtr mutual_server =
      test::tls_server({test::server_identity(), test::kAuthorityCertificate, false});
  static const TlsContextPtr client = test::tls_client();
  if (size < 2) return 0;
  Bytes octets(data + 2, size - 2);
  std::size_t piece = data[1] == 0 ? octets.size() + 1 : data[1];
  switch (data[0] % 4) {
    case 0: hear(*plain_server->start(), octets, piece); break;
    case 1: hear(*mutual_server->start(), octets, piece); break;
    case 2: hear(*client->start(), octets, piece); break;
    default: {
      test::TlsPair pair(plain_server, client);
      hear(*pair.server, octets, piece);
    }
  }
  return 0;
}
