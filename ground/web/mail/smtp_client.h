// Hands messages to a mail server (RFC 5321, submission in RFC 6409). libcurl behind it.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "crypto/secret.h"
#include "web/mail/message.h"

namespace zw {

/// How the way to the server is protected. Where there is TLS, it is 1.2 or newer and the certificate must be
/// good for the server's name.
enum class SmtpSecurity : std::uint8_t {
  tls,                  // from the first octet (RFC 8314), as on port 465
  starttls,             // STARTTLS, or nothing goes out
  starttls_if_offered,  // without a password; who sits between can take the offer away
  none,                 // to this machine only
};

struct SmtpSettings {
  std::string host{};  // a name, or an IP address
  std::uint16_t port = 587;
  SmtpSecurity security = SmtpSecurity::starttls;
  std::string user{};  // empty: no sign-in
  SecretBuffer password{};
  std::string hello = "localhost";  // the name that we greet with
  std::string authorities{};        // a PEM file of who vouches for the server; empty: those of the system
  std::chrono::milliseconds connect{10'000}, whole{120'000};
};

struct MailOutcome {
  enum class Kind : std::uint8_t {
    accepted,  // the server has taken it over
    later,     // not now, or not with these settings; the message may be tried again. If the connection broke
               // behind the last octet, the server may have it: the second one has the same id.
    refused,   // this message never: the address is not there, or it is not wanted
  };
  Kind kind{};
  unsigned code = 0;  // of the server's last reply, 0 if there was none
  std::string what;   // for the log and for whoever runs it: what went wrong, and the server's own words
};

/// Safe for many threads; each send() has a connection of its own.
class SmtpClient {
 public:
  /// Fails with `malformed` for what is no host, and with `refused` for what would be unsafe: a password or
  /// mail over a line that anybody may read.
  static Result<SmtpClient> make(SmtpSettings settings);

  /// Waits until the server has answered, at most `whole`; and where it stops answering, once more as long
  /// for its goodbye.
  MailOutcome send(const MailMessage& message) const;

 private:
  SmtpClient(SmtpSettings settings, std::string url) : settings_(std::move(settings)), url_(std::move(url)) {}
  SmtpSettings settings_;
  std::string url_;
};

}  // namespace zw
