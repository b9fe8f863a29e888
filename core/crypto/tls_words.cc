#include "crypto/tls_words.h"

#include <openssl/err.h>
#include <openssl/x509.h>

namespace zw {
namespace {

struct Words {
  int reason;
  ErrorKind kind;
  const char* text;
};

// What operators meet; the others are told in libssl's own words.
constexpr Words kWords[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, ErrorKind::unsupported, "the other side does not speak TLS 1.3"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, ErrorKind::unsupported, "the other side does not speak TLS 1.3"},
    {SSL_R_UNSUPPORTED_SSL_VERSION, ErrorKind::unsupported, "the other side does not speak TLS 1.3"},
    {SSL_R_VERSION_TOO_LOW, ErrorKind::unsupported, "the other side does not speak TLS 1.3"},
    {SSL_R_NO_APPLICATION_PROTOCOL, ErrorKind::unsupported, "the other side does not offer ALPN \"dot\""},
    {SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL, ErrorKind::unsupported,
     "the other side has no use for ALPN \"dot\""},
    {SSL_R_WRONG_VERSION_NUMBER, ErrorKind::malformed, "what came is no TLS"},
    {SSL_R_HTTP_REQUEST, ErrorKind::malformed, "what came is HTTP without TLS"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, ErrorKind::refused,
     "the other side asks for a certificate of ours"},
};

}  // namespace

std::string last_tls_error() {
  unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  std::string text = reason ? reason : "unknown reason";
  ERR_clear_error();
  return text;
}

Error tls_error(const SSL* session) {
  int reason = ERR_GET_REASON(ERR_peek_error());
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    ERR_clear_error();
    return {ErrorKind::refused, fmt::format("the certificate of the other side is not believed: {}",
                                            X509_verify_cert_error_string(SSL_get_verify_result(session)))};
  }
  for (const Words& words : kWords)
    if (words.reason == reason) {
      ERR_clear_error();
      return {words.kind, words.text};
    }
  if (reason > SSL_AD_REASON_OFFSET) {
    ERR_clear_error();
    return {ErrorKind::refused, fmt::format("the other side ended it with the alert \"{}\"",
                                            SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET))};
  }
  return {ErrorKind::malformed, last_tls_error()};
}

}  // namespace zw
