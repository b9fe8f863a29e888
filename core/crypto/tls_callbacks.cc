#include "crypto/tls_callbacks.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/secret.h"

namespace zw {
namespace {

constexpr int kMemory = BIO_TYPE_SOURCE_SINK | 0x70;

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }

TlsPin pin_of(X509* certificate) {
  unsigned char* info = nullptr;
  int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &info);
  TlsPin pin{};
  if (size <= 0) return pin;
  Digest found = digest(DigestAlgorithm::sha256, Bytes(info, static_cast<std::size_t>(size)));
  std::copy_n(found.bytes().data(), pin.size(), pin.begin());
  OPENSSL_free(info);
  return pin;
}

}  // namespace

std::vector<std::string> dns_names(X509* certificate) {
  std::vector<std::string> names;
  auto* all =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS) continue;
    const unsigned char* text = ASN1_STRING_get0_data(name->d.dNSName);
    std::string_view view(reinterpret_cast<const char*>(text),
                          static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    if (view.find('\0') == view.npos) names.emplace_back(view);
  }
  GENERAL_NAMES_free(all);
  return names;
}

TlsSession& TlsCallbacks::session_of(const SSL* ssl) {
  return *static_cast<TlsSession*>(SSL_get_ex_data(ssl, 0));
}

const BIO_METHOD* TlsCallbacks::memory() {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(kMemory, "session in memory");
    ZW_ASSERT(method && BIO_meth_set_read(method, read) == 1 && BIO_meth_set_write(method, write) == 1 &&
              BIO_meth_set_ctrl(method, control) == 1);
    return method;
  }();
  return kMethod;
}

int TlsCallbacks::read(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  Bytes& incoming = static_cast<TlsSession*>(BIO_get_data(bio))->incoming_;
  std::size_t count = std::min(incoming.size(), static_cast<std::size_t>(size));
  if (count == 0) return BIO_set_retry_read(bio), -1;
  std::copy_n(incoming.data(), count, reinterpret_cast<std::uint8_t*>(out));
  incoming = incoming.subspan(count);
  return static_cast<int>(count);
}

int TlsCallbacks::write(BIO* bio, const char* octets, int size) {
  BIO_clear_retry_flags(bio);
  auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
  append(session.outgoing_, as_bytes({octets, static_cast<std::size_t>(size)}));
  return size;
}

int TlsCallbacks::client_hello(SSL* ssl, int* alert, void*) {
  const unsigned char* extension = nullptr;
  std::size_t size = 0;
  TlsSession& session = session_of(ssl);
  session.without_alpn_ = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
                                                    &extension, &size) != 1;
  if (!session.without_alpn_ || !session.context_->require_alpn_) return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
  return SSL_CLIENT_HELLO_ERROR;
}

int TlsCallbacks::select_alpn(SSL*, const unsigned char** out, unsigned char* out_size,
                              const unsigned char* in, unsigned in_size, void*) {
  for (unsigned at = 0; at < in_size; at += 1u + in[at]) {
    if (in_size - at < sizeof kAlpnDot || !std::equal(kAlpnDot, kAlpnDot + sizeof kAlpnDot, in + at))
      continue;
    *out = in + at + 1;
    *out_size = 3;
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int TlsCallbacks::verify_server(X509_STORE_CTX* store, void* context) {
  const TlsContext& settings = *static_cast<const TlsContext*>(context);
  X509* certificate = X509_STORE_CTX_get0_cert(store);
  if (settings.has_authorities_ && X509_verify_cert(store) != 1) {
    auto* ssl =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    if (X509_STORE_CTX_get_error(store) == X509_V_ERR_HOSTNAME_MISMATCH)
      for (const std::string& name : dns_names(certificate)) {
        std::string& names = session_of(ssl).other_names_;
        if (names.size() < 200) names += (names.empty() ? "" : ", ") + name;
      }
    return 0;
  }
  if (settings.pin_ && !constant_time_equal(*settings.pin_, pin_of(certificate))) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  X509_STORE_CTX_set_error(store, X509_V_OK);
  return 1;
}

}  // namespace zw
