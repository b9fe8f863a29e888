// Sockets as the DNS wants them. Everything is non-blocking and closed on exec. The only place that knows the
// socket structures of the system.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <span>

#include "base/random.h"
#include "dns/address.h"
#include "os/descriptor.h"

namespace zw {

/// An address as the kernel takes and gives it. `size` is 0 when there is none.
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = 0;

  SocketAddress() : v6{} {}
  explicit SocketAddress(const Address& address);
  /// The empty address if the family is none of ours.
  Address address() const;
};

/// The address that a socket is bound to.
Result<Address> local_address(int fd);

/// For a server, one of several that share an address (SO_REUSEPORT): each worker has its own. `::` takes
/// IPv6 only. Bound to the wildcard, it tells with each datagram the address that was asked. Answers are sent
/// without path MTU discovery, so that forged ICMP cannot make them fragment.
Result<Descriptor> open_udp_server(const Address& at);
/// For talking with many: bound to `from` at a port that chance chooses, not connected.
Result<Descriptor> open_udp_fan(const IpAddress& from, Random& random);
/// 0.0.0.0 or ::, as `like` has it.
IpAddress any_address(const IpAddress& like);
/// Listens; the kernel sends nothing of a connection until the client has acknowledged.
Result<Descriptor> open_tcp_server(const Address& at);

/// For one exchange: bound to `from`, or to any address, at a port that chance chooses, and connected to
/// `to`, so that the kernel drops what others send.
Result<Descriptor> open_udp_client(const Address& to, const std::optional<IpAddress>& from, Random& random);
/// Connecting goes on when this returns: writable means that it ended, and pending_error() how.
/// `receive_buffer`: octets, for who wants to take what comes slowly; 0 leaves it to the kernel.
Result<Descriptor> open_tcp_client(const Address& to, const std::optional<IpAddress>& from,
                                   int receive_buffer = 0);
/// errno of what a socket did in the background; 0 if all is well.
int pending_error(int fd);

/// Sets an int option; false if the kernel does not take it.
bool set_option(int fd, int level, int option, int value);

/// Octets written to a TCP socket that the other side has not acknowledged.
std::size_t unacknowledged(int fd);
/// What has come in is acknowledged now instead of with the next answer, which a client may be waiting for
/// (RFC 896) before it says more.
void acknowledge_now(int fd);
/// The close that follows sends a reset and frees what was queued.
void reset_on_close(int fd);

}  // namespace zw
