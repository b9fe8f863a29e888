#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "crypto/tls.h"
#include "crypto/tls_callbacks.h"
#include "crypto/tls_words.h"

namespace zw {

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context)
    : context_(std::move(context)), handle_(SSL_new(context_->handle_.get())) {
  SSL* ssl = handle_.get();
  BIO* memory = ssl ? BIO_new(TlsCallbacks::memory()) : nullptr;
  ZW_ASSERT(memory && SSL_set_ex_data(ssl, 0, this) == 1);
  BIO_set_data(memory, this);
  BIO_set_init(memory, 1);
  SSL_set_bio(ssl, memory, memory);
  if (context_->server_) {
    SSL_set_accept_state(ssl);
    return;
  }
  SSL_set_connect_state(ssl);
  if (!context_->name_.empty()) {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    std::string name = context_->name_;  // what libssl takes by its macro is not const
    ZW_ASSERT(SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1 &&
              SSL_set1_host(ssl, name.c_str()) == 1);
  }
  shake_hands();
}

TlsSession::~TlsSession() = default;

void TlsSession::shake_hands() {
  ERR_clear_error();
  int result = SSL_do_handshake(handle_.get());
  if (result == 1) return opened();
  if (SSL_get_error(handle_.get(), result) != SSL_ERROR_WANT_READ) failed(result);
}

void TlsSession::opened() {
  SSL* ssl = handle_.get();
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  peer_.dot = size > 0;  // neither side offers another
  if (X509* certificate = SSL_get0_peer_certificate(ssl)) peer_.names = dns_names(certificate);
  status_ = Status::open;
  if (!context_->server_ && context_->require_alpn_ && !peer_.dot)
    fail_with({ErrorKind::unsupported, "the other side does not agree on ALPN \"dot\" (RFC 9103 §7.1)"});
}

void TlsSession::failed(int result) {
  if (SSL_get_error(handle_.get(), result) == SSL_ERROR_ZERO_RETURN) {
    if (status_ == Status::handshake)
      return fail_with({ErrorKind::refused, "the other side ended the handshake"});
    status_ = Status::ended;
    return;
  }
  Error error = without_alpn_ && context_->require_alpn_
                    ? Error{ErrorKind::unsupported, "the client offers no ALPN, expected \"dot\""}
                    : tls_error(handle_.get());
  if (!other_names_.empty())
    error.what = fmt::format("the certificate is for {}, expected {}", other_names_, context_->name_);
  ERR_clear_error();
  fail_with(std::move(error));
}

void TlsSession::fail_with(Error error) {
  status_ = Status::failed;
  error.what = "TLS: " + error.what;
  error_ = std::move(error);
}

std::size_t TlsSession::receive(Bytes octets, MutableBytes plain) {
  ZW_ASSERT(plain.size() >= octets.size() + kRecordOctets);
  incoming_ = octets;
  if (status_ == Status::handshake) {
    handshake_ += octets.size();
    shake_hands();
    if (status_ == Status::handshake && handshake_ > kMostHandshake)
      fail_with({ErrorKind::limit, fmt::format("the handshake takes more than {} octets", kMostHandshake)});
  }
  std::size_t size = status_ == Status::open ? read_all(plain) : 0;
  incoming_ = {};
  return size;
}

std::size_t TlsSession::read_all(MutableBytes plain) {
  std::size_t size = 0;
  ERR_clear_error();
  while (status_ == Status::open && size < plain.size()) {
    std::size_t got = 0;
    int result = SSL_read_ex(handle_.get(), plain.data() + size, plain.size() - size, &got);
    if (result == 1)
      size += got;
    else if (SSL_get_error(handle_.get(), result) == SSL_ERROR_WANT_READ)
      return size;
    else
      failed(result);
  }
  return size;
}

void TlsSession::send(Bytes plain) {
  ZW_ASSERT(status_ == Status::open || status_ == Status::ended);
  if (plain.empty() || ended_) return;
  ERR_clear_error();
  std::size_t written = 0;
  int result = SSL_write_ex(handle_.get(), plain.data(), plain.size(), &written);
  if (result != 1) failed(result);
}

void TlsSession::end() {
  if (ended_ || (status_ != Status::open && status_ != Status::ended)) return;
  ended_ = true;
  ERR_clear_error();
  SSL_shutdown(handle_.get());
  ERR_clear_error();
}

void TlsSession::sent(std::size_t count) {
  gone_ += count;
  if (gone_ < outgoing_.size()) return;
  outgoing_.clear();
  gone_ = 0;
}

void TlsSession::rest() {
  ZW_ASSERT(outgoing_.empty());
  outgoing_ = Buffer();
}

}  // namespace zw
