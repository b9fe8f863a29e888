#include <errno.h>

#include "net/exchange.h"
#include "net/handler.h"
#include "net/socket.h"

namespace zw {

void UdpExchange::start(const Address& to, const std::optional<IpAddress>& from, Bytes query,
                        Milliseconds timeout, OnMessage on_message, OnEnd on_end) {
  ZW_ASSERT(query.size() >= 12);
  stop();
  to_ = to;
  id_ = get16(query.data());
  on_message_ = std::move(on_message);
  on_end_ = std::move(on_end);
  failed_ = open(to, from, query);
  timer_.start(failed_ ? timeout : Milliseconds(0));
}

Result<void> UdpExchange::open(const Address& to, const std::optional<IpAddress>& from, Bytes query) {
  ZW_TRY(fd_, open_udp_client(to, from, random_));
  if (send(fd_.get(), query.data(), query.size(), MSG_NOSIGNAL) < 0) return fail_errno(to.print());
  return loop_.watch(fd_.get(), EPOLLIN, *this);
}

void UdpExchange::stop() {
  timer_.stop();
  if (fd_) loop_.unwatch(fd_.get(), *this);
  fd_.close();
}

void UdpExchange::ready(std::uint32_t) {
  std::uint8_t octets[kMaxMessage];
  // Bounded: who floods this socket shall not hold the loop.
  for (int i = 0; i < 16; ++i) {
    ssize_t got = recv(fd_.get(), octets, sizeof octets, 0);
    if (got < 0 && errno == ECONNREFUSED)
      return end(fail(ErrorKind::refused, "{}: nobody answers at this port", to_.print()));
    if (got < 0) return errno == EAGAIN || errno == EINTR ? void() : end(fail_errno(to_.print()));
    Bytes message(octets, static_cast<std::size_t>(got));
    if (message.size() < 12 || (message[2] & 0x80) == 0 || get16(message.data()) != id_) continue;
    if (on_message_(message) == Next::done) return end({});
  }
}

void UdpExchange::time_is_up() {
  end(failed_ ? fail(ErrorKind::timeout, "{}: no answer in time", to_.print()) : failed_);
}

void UdpExchange::end(Result<void> result) {
  stop();
  on_message_ = nullptr;
  std::exchange(on_end_, nullptr)(std::move(result));  // nothing after this: it may have destroyed us
}

}  // namespace zw
