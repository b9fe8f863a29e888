#include <errno.h>

#include <cstring>

#include "net/exchange.h"
#include "net/handler.h"
#include "net/socket.h"

namespace zw {

void TcpExchange::start(const Address& to, const std::optional<IpAddress>& from, Bytes query,
                        const TcpExchangeLimits& limits, OnMessage on_message, OnEnd on_end) {
  stop();
  to_ = to;
  limits_ = limits;
  on_message_ = std::move(on_message);
  on_end_ = std::move(on_end);
  received_ = sent_ = 0;
  frames_ = FrameReader();
  out_.clear();
  send(query);
  overall_.start(limits.overall);
  idle_.start(limits.connect);
  connecting_ = true;
  events_ = EPOLLOUT;
  auto opened = open_tcp_client(to, from);
  if (opened) fd_ = std::move(*opened);
  auto watched = opened ? loop_.watch(fd_.get(), events_, *this) : std::unexpected(opened.error());
  if (watched) return;
  result_ = watched;
  idle_.start(Milliseconds(0));  // the loop tells it
}

void TcpExchange::send(Bytes message) {
  ZW_ASSERT(message.size() <= kMaxMessage);
  append_frame(out_, message);
}

void TcpExchange::stop() {
  idle_.stop();
  overall_.stop();
  if (fd_) loop_.unwatch(fd_.get(), *this);
  fd_.close();
  inbox_ = Buffer();
  result_.reset();
}

void TcpExchange::ready(std::uint32_t) {
  if (connecting_) connected();
  if (!result_ && !connecting_ && read() && write())
    return want(out_.size() > sent_ ? EPOLLIN | EPOLLOUT : EPOLLIN);
  if (result_) end(*result_);
}

void TcpExchange::connected() {
  if (int code = pending_error(fd_.get()); code == ECONNREFUSED)
    result_ = fail(ErrorKind::refused, "{}: nobody answers at this port", to_.print());
  else if (code != 0)
    result_ = fail_errno(to_.print(), code);
  connecting_ = false;
  inbox_.resize(kMaxMessage + 2);
  idle_.start(limits_.idle);
}

bool TcpExchange::write() {
  while (out_.size() > sent_) {
    ssize_t written = ::send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (written < 0) return result_ = fail_errno(to_.print()), false;
    sent_ += static_cast<std::size_t>(written);
  }
  out_.clear();
  sent_ = 0;
  return true;
}

/// False when the exchange is decided.
bool TcpExchange::read() {
  ssize_t got = recv(fd_.get(), inbox_.data(), inbox_.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got < 0) return result_ = fail_errno(to_.print()), false;
  if (got == 0)
    return result_ = fail(ErrorKind::io, "{}: the connection ended before the answer did", to_.print()),
           false;
  idle_.start(limits_.idle);
  received_ += static_cast<std::size_t>(got);
  if (received_ > limits_.octets)
    return result_ = fail(ErrorKind::limit, "{}: more than {} octets", to_.print(), limits_.octets), false;
  frames_.feed(Bytes(inbox_).first(static_cast<std::size_t>(got)),
               [this](Bytes message) { return take(message); });
  return !result_;
}

bool TcpExchange::take(Bytes message) {
  if (message.size() < 12)
    result_ =
        fail(ErrorKind::malformed, "{}: a message of {} octets has no header", to_.print(), message.size());
  else if (on_message_(message) == Next::done)
    result_ = Result<void>();
  return !result_;
}

void TcpExchange::want(std::uint32_t events) {
  if (events == events_) return;
  events_ = events;
  loop_.change(fd_.get(), events, *this);
}

void TcpExchange::time_is_up(const char* which) {
  if (!result_)
    result_ = fail(ErrorKind::timeout, "{}: {}", to_.print(),
                   connecting_                       ? "no connection in time"
                   : std::strcmp(which, "idle") == 0 ? "nothing more came in time"
                                                     : "the answer took too long");
  end(*result_);
}

void TcpExchange::end(Result<void> result) {
  stop();
  on_message_ = nullptr;
  std::exchange(on_end_, nullptr)(std::move(result));  // nothing after this: it may have destroyed us
}

}  // namespace zw
