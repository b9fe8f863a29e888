#include "net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <cstring>

namespace zw {
namespace {

constexpr int kUdpBuffer = 4 << 20;         // asked for; the kernel's maximum counts
constexpr int kListenQueue = 4096;          // likewise
constexpr int kUnsentInKernel = 128 << 10;  // beyond it a socket is not writable: what waits, waits with us

Result<Descriptor> open_socket(const Address& at, int type) {
  int family = at.ip.is_v4() ? AF_INET : AF_INET6;
  Descriptor fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno(at.print());
  if (family == AF_INET6 && !set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1))
    return fail_errno(at.print());
  return fd;
}

Result<void> bind_to(int fd, const Address& at) {
  SocketAddress address(at);
  if (bind(fd, &address.any, address.size) != 0) return fail_errno(fmt::format("binding {}", at.print()));
  return {};
}

Result<Descriptor> open_server(const Address& at, int type) {
  ZW_TRY(Descriptor fd, open_socket(at, type));
  if (!set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1) ||
      !set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1))
    return fail_errno(at.print());
  return fd;
}

/// Where the kernel does not know an option, we do without.
void prefer_option(int fd, int level, int option, int value) {
  static_cast<void>(set_option(fd, level, option, value));
}

void bind_to_random_port(int fd, const IpAddress& from, Random& random) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    auto port = static_cast<std::uint16_t>(1024 + random.below(65536 - 1024));
    if (bind_to(fd, {from, port})) return;
  }
}

// Beyond some attempts the kernel chooses, at random too.
Result<void> bind_to_some_port(int fd, const IpAddress& from, Random& random) {
  bind_to_random_port(fd, from, random);
  if (local_address(fd).value_or(Address{}).port != 0) return {};
  return bind_to(fd, {from, 0});
}

void prefer_wide_udp(int fd, bool v4) {
  prefer_option(fd, SOL_SOCKET, SO_RCVBUF, kUdpBuffer);
  prefer_option(fd, SOL_SOCKET, SO_SNDBUF, kUdpBuffer);
  prefer_option(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER,
                v4 ? IP_PMTUDISC_OMIT : IPV6_PMTUDISC_OMIT);
}

}  // namespace

SocketAddress::SocketAddress(const Address& address) : v6{} {
  if (address.ip.is_v4()) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, address.ip.octets().data(), 4);
    size = sizeof v4;
  } else {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    std::memcpy(&v6.sin6_addr, address.ip.octets().data(), 16);
    size = sizeof v6;
  }
}

Address SocketAddress::address() const {
  auto octets = [](const auto& in) { return reinterpret_cast<const std::uint8_t*>(&in); };
  if (any.sa_family == AF_INET) return {IpAddress::v4(octets(v4.sin_addr)), ntohs(v4.sin_port)};
  if (any.sa_family == AF_INET6) return {IpAddress::v6(octets(v6.sin6_addr)), ntohs(v6.sin6_port)};
  return {};
}

Result<Address> local_address(int fd) {
  SocketAddress out;
  out.size = sizeof out.v6;
  if (getsockname(fd, &out.any, &out.size) != 0) return fail_errno("getsockname");
  return out.address();
}

Result<Descriptor> open_udp_server(const Address& at) {
  ZW_TRY(Descriptor fd, open_server(at, SOCK_DGRAM));
  bool v4 = at.ip.is_v4();
  prefer_wide_udp(fd.get(), v4);
  if (at.ip.is_any() && !(v4 ? set_option(fd.get(), IPPROTO_IP, IP_PKTINFO, 1)
                             : set_option(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)))
    return fail_errno(at.print());
  ZW_CHECK(bind_to(fd.get(), at));
  return fd;
}

Result<Descriptor> open_udp_fan(const IpAddress& from, Random& random) {
  ZW_TRY(Descriptor fd, open_socket({from, 0}, SOCK_DGRAM));
  prefer_wide_udp(fd.get(), from.is_v4());
  ZW_CHECK(bind_to_some_port(fd.get(), from, random));
  return fd;
}

IpAddress any_address(const IpAddress& like) {
  const std::uint8_t none[16] = {};
  return like.is_v4() ? IpAddress::v4(none) : IpAddress::v6(none);
}

Result<Descriptor> open_tcp_server(const Address& at) {
  ZW_TRY(Descriptor fd, open_server(at, SOCK_STREAM));
  prefer_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);  // accepted sockets inherit these two
  prefer_option(fd.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentInKernel);
  ZW_CHECK(bind_to(fd.get(), at));
  if (listen(fd.get(), kListenQueue) != 0) return fail_errno(fmt::format("listening at {}", at.print()));
  return fd;
}

Result<Descriptor> open_udp_client(const Address& to, const std::optional<IpAddress>& from, Random& random) {
  ZW_TRY(Descriptor fd, open_socket(to, SOCK_DGRAM));
  ZW_CHECK(bind_to_some_port(fd.get(), from.value_or(any_address(to.ip)), random));
  SocketAddress address(to);
  if (connect(fd.get(), &address.any, address.size) != 0) return fail_errno(to.print());
  return fd;
}

Result<Descriptor> open_tcp_client(const Address& to, const std::optional<IpAddress>& from,
                                   int receive_buffer) {
  ZW_TRY(Descriptor fd, open_socket(to, SOCK_STREAM));
  if (receive_buffer > 0) prefer_option(fd.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
  prefer_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  prefer_option(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  if (from) ZW_CHECK(bind_to(fd.get(), {*from, 0}));
  SocketAddress address(to);
  if (connect(fd.get(), &address.any, address.size) != 0 && errno != EINPROGRESS)
    return fail_errno(to.print());
  return fd;
}

int pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool set_option(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

std::size_t unacknowledged(int fd) {
  int octets = 0;
  return ioctl(fd, SIOCOUTQ, &octets) == 0 && octets > 0 ? static_cast<std::size_t>(octets) : 0;
}

void acknowledge_now(int fd) { set_option(fd, IPPROTO_TCP, TCP_QUICKACK, 1); }

void reset_on_close(int fd) {
  linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace zw
