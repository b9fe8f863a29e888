// What both listeners of this room ask of libmicrohttpd. For this room only.
#pragma once

#include <microhttpd.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "dns/address.h"
#include "os/descriptor.h"

namespace zw {

// TLS 1.3, and 1.2 for who has nothing newer: what fetches zones over HTTPS are libraries of all ages inside
// resolvers, and what they fetch proves itself. Of 1.2 only what 1.3 has too: forward secrecy and AEAD
// (RFC 9325 §4.2). AES-128 first, whose handshake costs less than that with SHA-384.
inline constexpr const char* kHttpsPriorities =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-MAC-ALL:+AEAD:"
    "-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM:%SERVER_PRECEDENCE";

/// `shared`: another process of ours may listen at the same place meanwhile (SO_REUSEPORT).
Result<Descriptor> open_http_listener(const Address& at, bool shared);

/// For MHD_OPTION_UNESCAPE_CALLBACK. A NUL would end the path early for us and nobody else: a path with one
/// stays as it was sent.
std::size_t unescape_http_path(void*, MHD_Connection*, char* text);

/// Port 0 if it is not known.
Address http_peer(MHD_Connection* connection);
Address http_peer(const sockaddr* from);

/// GET or HEAD.
bool is_reading(const char* method);

/// The body of a GET, which means nothing (RFC 9110 §9.3.1) and is not kept.
class IgnoredBody {
 public:
  /// Takes what came; false if it is too much.
  bool take(std::size_t* upload_size);

 private:
  std::size_t taken_ = 0;
};

/// A text of ours with a status; gives back what to return to the library.
struct HttpText {
  unsigned status;
  std::string_view body;
  std::string_view content_type = "text/plain; charset=utf-8";
};
/// `more`: headers beside the usual ones, each a name and a value; names end in NUL.
MHD_Result respond_text(MHD_Connection* connection, const HttpText& text,
                        std::initializer_list<std::pair<const char*, std::string>> more = {});

}  // namespace zw
