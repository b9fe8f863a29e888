// Downloads over HTTPS: a catalogue of files that are made once, sent from the same memory to all (RFC 9110,
// HTTP/1.1 by RFC 9112). libmicrohttpd with GnuTLS behind it, and nowhere else.
//
// A new catalogue or certificate is for new requests and new sessions; a download that runs goes on to its
// end with the file that it began with.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "net/loop.h"
#include "web/download.h"
#include "web/https_identity.h"

namespace zw {

struct DownloadLimits {
  std::size_t connections = 256;
  std::size_t of_client = 16;       // of one IPv4 address or IPv6 /64
  std::chrono::seconds idle{30};    // without an octet in either direction
  std::chrono::seconds most{3600};  // of one download; looked at between two pieces
  unsigned threads = 1;             // of each address
  bool operator==(const DownloadLimits&) const = default;
};

/// What became of a request. Views what lives for the call.
struct DownloadEnded {
  Address client;
  unsigned status = 0;  // that was answered; 0: the client went before
  bool is_head = false;
  bool is_whole = false;                       // what was answered has gone out to its end
  std::string_view label{}, subject{}, tag{};  // empty if the path is nobody's
  std::int64_t holder = 0;                     // as in DownloadPlace
  ContentCoding coding = ContentCoding::identity;
  OctetRange part{};       // that was asked for
  std::size_t octets = 0;  // that were given to TLS
  std::chrono::milliseconds took{0};
};

class DownloadServer {
 public:
  /// Called on threads of the server, several at a time.
  using OnEnd = std::function<void(const DownloadEnded&)>;

  /// All but `on_end` is of the loop's thread, which outlives it.
  DownloadServer(Loop& loop, OnEnd on_end);
  ~DownloadServer();  // stop() without grace
  DownloadServer(const DownloadServer&) = delete;
  DownloadServer& operator=(const DownloadServer&) = delete;

  /// Listens at these addresses and no others, with this certificate and these limits. If that fails all is
  /// as it was. Port 0 becomes a free one.
  Result<void> listen(std::span<const Address> addresses, const HttpsIdentityPtr& identity,
                      const DownloadLimits& limits);
  std::vector<Address> listening() const;

  /// For requests from here on.
  void show(DownloadCataloguePtr catalogue);

  /// Closes the listening sockets; downloads go to their end, and who stays idle has to go when `linger` is
  /// over. `drained` is called on the loop when nobody is left.
  void drain(Milliseconds linger, std::function<void()> drained);
  /// The same, waiting up to `grace`; then all ends.
  void stop(Milliseconds grace);

 private:
  struct Shared;
  class Listener;
  struct Open {
    Address asked, bound;
    std::unique_ptr<Listener> listener;
  };
  void retire(std::vector<Open> before);
  void tend();

  std::shared_ptr<Shared> shared_;
  std::vector<Open> open_;
  HttpsIdentityPtr identity_;
  DownloadLimits limits_;
  std::vector<Open> retired_;
  Timer tending_;
  std::optional<Milliseconds> leave_by_;  // while we drain
  std::function<void()> drained_;
};

}  // namespace zw
