// A server of sites over HTTP/1.1 (RFC 9112), with TLS or, on loopback or behind a proxy, without.
// libmicrohttpd with GnuTLS behind it, and nowhere else.
//
// Everything is bounded: header, body, time, connections of all and of each client. Half requests and idle
// connections cannot shut others out: when room gets scarce, those that have waited for longest are ended.
//
// Every answer says that the page takes nothing from elsewhere, runs no script but ours, stands in no frame
// and is kept by no cache; a handler may say otherwise of the last one only.
#pragma once

#include <memory>

#include "web/https_identity.h"
#include "web/site/client_address.h"
#include "web/site/router.h"

namespace zw {

struct SiteLimits {
  unsigned connections = 4096;
  unsigned of_client = 64;   // of one IPv4 address or IPv6 /64
  unsigned of_proxy = 1024;  // the same, of one of `trust`: many clients come through it, and what they may
                             // have there is for it to say
  std::chrono::seconds idle{30};  // without an octet in either direction
  std::chrono::seconds request{
      20};                        // from a connection's first octet, or the last answer, to a whole request
  std::size_t memory = 16 << 10;  // of one connection: the request with its header must fit
  unsigned threads = 2;
  ProxyTrust trust{};  // of proxies before us; WebRequest::peer is then the client behind them
};

struct SiteCounts {
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;    // connections beyond what one client may have
  std::uint64_t displaced = 0;  // connections that waited while room was scarce, or for too long
};

class SiteServer {
 public:
  /// Makes the page for what goes wrong before a handler is asked, and for what no route is for, where the
  /// router has none for the path.
  using Explain = WebExplain;
  /// Listens at once. `identity`: absent for plain HTTP. Port 0 becomes a free one.
  static Result<std::unique_ptr<SiteServer>> make(const Address& at, std::shared_ptr<const WebRouter> router,
                                                  Explain explain, const HttpsIdentityPtr& identity = {},
                                                  const SiteLimits& limits = {});
  /// No new requests; those under way are waited for, up to five seconds. Handlers that answer later find
  /// nobody.
  virtual ~SiteServer() = default;
  virtual Address listening() const = 0;
  virtual SiteCounts counts() const = 0;
};

}  // namespace zw
