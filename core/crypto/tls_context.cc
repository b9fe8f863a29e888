#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "crypto/tls.h"
#include "crypto/tls_callbacks.h"
#include "crypto/tls_words.h"

namespace zw {
namespace {

// AES-128 is what RFC 8446 §9.1 demands, and the cheapest where the processor knows AES; a client that lists
// ChaCha20 first gets it.
constexpr const char* kSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr long kMostCertificates = 32 << 10;  // octets of a chain that the other side shows

struct Free {
  void operator()(BIO* p) const { BIO_free_all(p); }
  void operator()(X509* p) const { X509_free(p); }
};
using Pem = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;

// Without this, libcrypto would ask for the passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Pem open_pem(std::string_view text) {
  Pem pem(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  ZW_ASSERT(pem);
  return pem;
}

/// All of the text, in order; at least one.
Result<std::vector<Certificate>> read_certificates(std::string_view text) {
  ERR_clear_error();
  std::vector<Certificate> all;
  Pem pem = open_pem(text);
  while (X509* one = PEM_read_bio_X509(pem.get(), nullptr, no_passphrase, nullptr)) all.emplace_back(one);
  bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  std::string why = last_tls_error();
  if (!at_end)
    return fail(ErrorKind::malformed, "certificate {} of the PEM text is broken: {}", all.size() + 1, why);
  if (all.empty()) return fail(ErrorKind::malformed, "there is no certificate in PEM");
  return all;
}

Result<TlsContextHandle> make_context(const SSL_METHOD* method) {
  TlsContextHandle handle(SSL_CTX_new(method));
  SSL_CTX* context = handle.get();
  ZW_ASSERT(context && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
            SSL_CTX_set_ciphersuites(context, kSuites) == 1 &&
            SSL_CTX_set1_groups_list(context, kGroups) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(context, kMostCertificates);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_recv_max_early_data(context, 0);
  return handle;
}

Result<void> use_identity(SSL_CTX* context, const TlsIdentity& identity) {
  ZW_TRY(auto chain, read_certificates(identity.certificates));
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1)
    return fail(ErrorKind::malformed, "the certificate cannot be used: {}", last_tls_error());
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1)
      return fail(ErrorKind::malformed, "certificate {} cannot be used: {}", i + 1, last_tls_error());
  KeyHandle key(PEM_read_bio_PrivateKey(open_pem(identity.key).get(), nullptr, no_passphrase, nullptr));
  if (!key)
    return fail(ErrorKind::malformed, "there is no private key in PEM that is not encrypted: {}",
                last_tls_error());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return fail(ErrorKind::malformed, "the private key is not that of the certificate: {}", last_tls_error());
  return {};
}

/// `told`: their names go to clients, who choose a certificate by them.
Result<void> use_authorities(SSL_CTX* context, std::string_view text, bool told) {
  ZW_TRY(auto authorities, read_certificates(text));
  for (const Certificate& one : authorities) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get());  // one that stands twice is well
    if (told) SSL_CTX_add_client_CA(context, one.get());
  }
  ERR_clear_error();
  return {};
}

}  // namespace

std::optional<TlsPin> parse_tls_pin(std::string_view text) {
  Buffer octets;
  TlsPin pin;
  if (!decode_base64(text, octets) || octets.size() != pin.size()) return std::nullopt;
  std::copy(octets.begin(), octets.end(), pin.begin());
  return pin;
}

Result<TlsContextPtr> TlsContext::make_server(const TlsServerSettings& settings) {
  ZW_TRY(auto handle, make_context(TLS_server_method()));
  auto made = std::make_shared<TlsContext>(Key(), std::move(handle));
  SSL_CTX* context = made->handle_.get();
  made->server_ = true;
  made->require_alpn_ = settings.require_alpn;
  ZW_CHECK(use_identity(context, settings.identity));
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_client_hello_cb(context, TlsCallbacks::client_hello, nullptr);
  SSL_CTX_set_alpn_select_cb(context, TlsCallbacks::select_alpn, nullptr);
  if (!settings.client_authorities.empty()) {
    ZW_CHECK(use_authorities(context, settings.client_authorities, true));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  return made;
}

Result<TlsContextPtr> TlsContext::make_client(const TlsClientSettings& settings) {
  ZW_ASSERT(settings.pin || (!settings.name.empty() && !settings.authorities.empty()));
  ZW_TRY(auto handle, make_context(TLS_client_method()));
  auto made = std::make_shared<TlsContext>(Key(), std::move(handle));
  SSL_CTX* context = made->handle_.get();
  made->require_alpn_ = settings.require_alpn;
  made->name_ = settings.name;
  made->pin_ = settings.pin;
  made->has_authorities_ = !settings.authorities.empty();
  if (made->has_authorities_) ZW_CHECK(use_authorities(context, settings.authorities, false));
  if (!settings.identity.certificates.empty()) ZW_CHECK(use_identity(context, settings.identity));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, TlsCallbacks::verify_server, made.get());
  ZW_ASSERT(SSL_CTX_set_alpn_protos(context, kAlpnDot, sizeof kAlpnDot) == 0);
  return made;
}

std::unique_ptr<TlsSession> TlsContext::start() const {
  return std::make_unique<TlsSession>(shared_from_this());
}

std::optional<WallTime> TlsContext::certificate_ends() const {
  const X509* certificate = SSL_CTX_get0_certificate(handle_.get());
  std::tm parts{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return std::nullopt;
  using namespace std::chrono;
  auto day = year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday;
  return sys_days(day) + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
}

}  // namespace zw
