#include "net/tcp_listener.h"

#include <errno.h>

namespace zw {
namespace {

constexpr int kMostInTurn = 64;
constexpr Milliseconds kRest{100};

}  // namespace

TcpListener::TcpListener(Loop& loop, Descriptor fd, const Address& at, Transport transport,
                         TcpService& service)
    : loop_(loop),
      fd_(std::move(fd)),
      at_(at),
      transport_(transport),
      service_(service),
      rested_(loop, [this] { loop_.change(fd_.get(), EPOLLIN, *this); }) {}

TcpListener::~TcpListener() {
  loop_.unwatch(fd_.get(), *this);
  for (int i = 0; i < 4096 && accept_one() == Accepted::one; ++i) {
  }
}

Result<void> TcpListener::start() { return loop_.watch(fd_.get(), EPOLLIN, *this); }

void TcpListener::ready(std::uint32_t) {
  for (int i = 0; i < kMostInTurn; ++i) {
    Accepted accepted = accept_one();
    if (accepted == Accepted::no_room && service_.displace()) continue;
    if (accepted == Accepted::no_room) return rest();
    if (accepted == Accepted::none) return;
  }
}

TcpListener::Accepted TcpListener::accept_one() {
  SocketAddress peer;
  peer.size = sizeof peer.v6;
  Descriptor fd(accept4(fd_.get(), &peer.any, &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) {
    bool no_room = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    bool gone = errno == ECONNABORTED || errno == EINTR || errno == EPROTO;  // that one; the next may be well
    return no_room ? Accepted::no_room : gone ? Accepted::one : Accepted::none;
  }
  Address local = at_;
  if (at_.ip.is_any()) local = local_address(fd.get()).value_or(at_);
  service_.adopt(std::move(fd), peer.address(), local, transport_);
  return Accepted::one;
}

// Without a descriptor to spare the client cannot even be told: it waits in the kernel's queue, and we must
// not spin.
void TcpListener::rest() {
  loop_.change(fd_.get(), 0, *this);
  rested_.start(kRest);
}

}  // namespace zw
