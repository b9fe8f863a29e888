// What libssl calls back. For this room only.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "crypto/tls.h"

namespace zw {

/// The ALPN token of DNS over TLS, as a list of one.
inline constexpr unsigned char kAlpnDot[] = {3, 'd', 'o', 't'};

struct TlsCallbacks {
  static TlsSession& session_of(const SSL* ssl);

  // The ends of a session: octets in memory.
  static const BIO_METHOD* memory();
  static int read(BIO* bio, char* out, int size);
  static int write(BIO* bio, const char* octets, int size);

  /// Ends the handshake of a client that offers no ALPN, if it has to (RFC 9103 §7.1).
  static int client_hello(SSL* ssl, int* alert, void*);
  static int select_alpn(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                         const unsigned char* in, unsigned in_size, void*);
  /// Of a client: by the authorities, by the pin, or by both.
  static int verify_server(X509_STORE_CTX* store, void* context);
};

/// DNS names in the subjectAltName extension.
std::vector<std::string> dns_names(X509* certificate);

}  // namespace zw
