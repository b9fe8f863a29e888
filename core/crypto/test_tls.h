// Two ends of TLS that talk to each other, for tests.
#pragma once

#include "crypto/test_certificates.h"
#include "crypto/tls.h"

namespace zw::test {

inline TlsIdentity server_identity() { return {kServerCertificate, kServerKey}; }
inline TlsIdentity client_identity() { return {kClientCertificate, kClientKey}; }

inline TlsContextPtr tls_server(const TlsServerSettings& settings = {server_identity()}) {
  auto made = TlsContext::make_server(settings);
  ZW_ASSERT(made.has_value());
  return *made;
}
inline TlsContextPtr tls_client(const TlsClientSettings& settings = {"ns.test", kAuthorityCertificate}) {
  auto made = TlsContext::make_client(settings);
  ZW_ASSERT(made.has_value());
  return *made;
}

/// A client and a server, and what each has heard.
struct TlsPair {
  explicit TlsPair(const TlsContextPtr& server_context = tls_server(),
                   const TlsContextPtr& client_context = tls_client(), std::size_t piece = 1 << 20)
      : server(server_context->start()), client(client_context->start()), piece_octets(piece) {
    talk();
  }

  /// Carries octets both ways until nobody has any.
  void talk() {
    while (carry(*client, *server, server_heard) || carry(*server, *client, client_heard)) {
    }
  }
  bool carry(TlsSession& from, TlsSession& to, Buffer& heard) const {
    Buffer octets(from.outgoing().begin(), from.outgoing().end());
    from.sent(octets.size());
    for (Bytes rest = octets; !rest.empty();) {
      Bytes piece = rest.first(std::min(piece_octets, rest.size()));
      rest = rest.subspan(piece.size());
      Buffer plain(piece.size() + TlsSession::kRecordOctets);
      append(heard, Bytes(plain).first(to.receive(piece, plain)));
    }
    return !octets.empty();
  }

  std::unique_ptr<TlsSession> server, client;
  std::size_t piece_octets;
  Buffer server_heard, client_heard;
};

}  // namespace zw::test
