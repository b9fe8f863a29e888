#include <errno.h>

#include <cstring>

#include "net/exchange.h"
#include "net/handler.h"
#include "net/socket.h"

namespace zw {

void TcpExchange::start(const Address& to, const std::optional<IpAddress>& from, Bytes query,
                        const TcpExchangeLimits& limits, OnMessage on_message, OnEnd on_end,
                        TlsContextPtr tls) {
  stop();
  to_ = to;
  tls_ = std::move(tls);
  limits_ = limits;
  on_message_ = std::move(on_message);
  on_end_ = std::move(on_end);
  received_ = sent_ = 0;
  frames_ = FrameReader();
  out_.clear();
  failed_in_tls_ = false;
  send(query);
  overall_.start(limits.overall);
  idle_.start(limits.connect);
  connecting_ = true;
  events_ = EPOLLOUT;
  auto opened = open_tcp_client(to, from);
  if (opened) wire_ = Wire(std::move(*opened), tls_ ? tls_->start() : nullptr);
  auto watched = opened ? loop_.watch(wire_.fd(), events_, *this) : std::unexpected(opened.error());
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
  if (wire_) loop_.unwatch(wire_.fd(), *this);
  if (wire_ && wire_.say_end()) wire_.try_flush();
  wire_.close();
  room_.reset();
  result_.reset();
}

void TcpExchange::ready(std::uint32_t) {
  if (connecting_) connected();
  if (!result_ && !connecting_ && read() && write())
    return want(wire_.pending() || (out_.size() > sent_ && !wire_.in_handshake()) ? EPOLLIN | EPOLLOUT
                                                                                  : EPOLLIN);
  if (result_) end(*result_);
}

void TcpExchange::connected() {
  if (int code = pending_error(wire_.fd()); code == ECONNREFUSED)
    result_ = fail(ErrorKind::refused, "{}: nobody answers at this port", to_.print());
  else if (code != 0)
    result_ = fail_errno(to_.print(), code);
  connecting_ = false;
  room_ = std::make_unique<Wire::Room>();
  idle_.start(limits_.idle);
}

/// False, which is given back: the exchange is decided.
bool TcpExchange::broken(const Error& error) {
  failed_in_tls_ = wire_.has_failed();
  if (failed_in_tls_) wire_.try_flush();  // the other side may hear why
  result_ = fail(error.kind, "{}: {}", to_.print(), error.what);
  return false;
}

bool TcpExchange::write() {
  auto put = wire_.flush();
  while (put && !put->blocked && out_.size() > sent_ && !wire_.in_handshake()) {
    Bytes rest = Bytes(out_).subspan(sent_);
    put = wire_.write(std::span(&rest, 1), *room_);
    if (put) sent_ += put->taken;
  }
  if (!put) return broken(put.error());
  if (out_.size() > sent_) return true;
  out_.clear();
  sent_ = 0;
  return true;
}

/// False when the exchange is decided.
bool TcpExchange::read() {
  auto got = wire_.read(*room_);
  if (!got) return broken(got.error());
  received_ += got->octets.size();
  if (!got->octets.empty() && !wire_.in_handshake()) idle_.start(limits_.idle);
  if (received_ > limits_.octets)
    return result_ = fail(ErrorKind::limit, "{}: more than {} octets", to_.print(), limits_.octets), false;
  frames_.feed(got->octets, [this](Bytes message) { return take(message); });
  if (!result_ && got->end)
    result_ = fail(ErrorKind::io, "{}: the connection ended before {} did", to_.print(),
                   wire_.in_handshake() ? "the TLS handshake" : "the answer");
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
  loop_.change(wire_.fd(), events, *this);
}

void TcpExchange::time_is_up(const char* which) {
  if (!result_)
    result_ = fail(ErrorKind::timeout, "{}: {}", to_.print(),
                   connecting_                       ? "no connection in time"
                   : wire_.in_handshake()            ? "no TLS session in time"
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
