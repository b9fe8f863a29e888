#include "net/connection.h"

#include <sys/socket.h>

#include "net/tcp_service.h"

namespace zw {
namespace {

constexpr std::size_t kMostQueued = 64 << 10;   // octets of answers; then no more queries are read
constexpr std::size_t kMostInTurn = 256 << 10;  // octets written; then other descriptors get their turn

}  // namespace

/// What is being sent of a source: the length, then the parts.
struct Connection::Stream {
  std::unique_ptr<MessageSource> source;
  MessageParts parts;
  std::uint8_t length[2] = {};
  std::size_t sent = 0;
  std::size_t size = 0;  // with the length; 0: ask for the next message
};

Connection::Connection(TcpService& service, Wire wire, const Peer& peer)
    : service_(service), wire_(std::move(wire)), peer_(peer) {
  peer_.tls = wire_.peer();
}

Connection::~Connection() { service_.loop_.unwatch(wire_.fd(), *this); }

Result<void> Connection::start() { return service_.loop_.watch(wire_.fd(), events_, *this); }

StreamCounters& Connection::counters() {
  return wire_.is_tls() ? service_.counters_.tls : service_.counters_.tcp;
}

void Connection::ready(std::uint32_t events) {
  if (events & EPOLLERR) return service_.end(*this);
  turn_octets_ = 0;
  borrow_outbox();
  Flow flow = turn((events & (EPOLLIN | EPOLLHUP)) != 0);
  return_outbox();
  wire_.rest();
  if (flow == Flow::over) return service_.end(*this);
  want(sending() ? EPOLLOUT : EPOLLIN);
  service_.sort(*this);
}

Connection::Flow Connection::turn(bool readable) {
  for (;;) {
    if (Flow flow = write(); flow != Flow::open) return flow;
    if (closing_ && !shut_) {
      if (wire_.say_end()) continue;
      if (at_end_ || shutdown(wire_.fd(), SHUT_WR) != 0) return Flow::over;
      shut_ = true;
    }
    if (frames_.waiting() && !shut_) {
      frames_.feed({}, [this](Bytes message) { return take(message); });
    } else if (at_end_) {
      if (!wire_.say_end()) return Flow::over;  // whatever it has begun will not come
    } else if (readable) {
      readable = false;
      if (read_once() == Flow::over) return Flow::over;
    } else {
      return Flow::open;
    }
  }
}

Connection::Flow Connection::read_once() {
  bool shook_hands = !wire_.in_handshake();
  auto got = wire_.read(service_.room_);
  if (!got) return tls_failed(), Flow::over;
  if (!shook_hands && !wire_.in_handshake()) {
    service_.counters_.tls_opened.add();
    acknowledge_now(wire_.fd());  // we say nothing now that its acknowledgement could go with
  }
  at_end_ = got->end;
  if (shut_) return Flow::open;  // what comes now is thrown away, so that our close is no reset
  frames_.feed(got->octets, [this](Bytes message) { return take(message); });
  if (frames_.announced() > service_.limits_.query_octets) {
    service_.counters_.tcp_malformed.add();
    return Flow::over;
  }
  return Flow::open;
}

bool Connection::take(Bytes message) {
  if (!is_query(message) || message.size() > service_.limits_.query_octets) {
    service_.counters_.tcp_malformed.add();
    closing_ = true;
    return false;
  }
  counters().queries.add();
  active_at_ = service_.loop_.now();
  service_.handler_.tcp(message, peer_, *this);
  return !stream_ && !closing_ && out_.size() - sent_ < kMostQueued;
}

void Connection::send(Bytes message) {
  ZW_ASSERT(message.size() <= kMaxMessage && !stream_);
  if (closing_) return;
  append_frame(out_, message);
  counters().answers.add();
}

void Connection::stream(std::unique_ptr<MessageSource> source) {
  ZW_ASSERT(source && !stream_);
  if (closing_) return;
  stream_ = std::make_unique<Stream>();
  stream_->source = std::move(source);
}

std::chrono::milliseconds Connection::keep_alive() {
  if (service_.table_.scarce() || service_.is_leaving()) return Milliseconds(0);
  kept_ = true;
  return service_.limits_.keep_alive;
}

Connection::Flow Connection::write() {
  while (sending()) {
    if (turn_octets_ >= kMostInTurn) return Flow::blocked;  // the socket is writable: we are soon back
    std::uint64_t before = wire_.written();
    Flow flow = out_.size() > sent_ ? write_out() : stream_ ? write_stream() : after_write(wire_.flush());
    turn_octets_ += wire_.written() - before;
    counters().sent_bytes.add(wire_.written() - before);
    if (flow != Flow::open) return flow;
  }
  return Flow::open;
}

Connection::Flow Connection::write_out() {
  Bytes rest = Bytes(out_).subspan(sent_);
  auto put = wire_.write(std::span(&rest, 1), service_.room_);
  if (put) sent_ += put->taken;
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  return after_write(put);
}

Connection::Flow Connection::write_stream() {
  Stream& stream = *stream_;
  if (stream.size == 0) {
    if (!stream.source->next(stream.parts)) return stream_.reset(), Flow::open;
    ZW_ASSERT(stream.parts.size() <= kMaxMessage);
    set16(stream.length, static_cast<std::uint16_t>(stream.parts.size()));
    stream.size = 2 + stream.parts.size();
    counters().answers.add();
  }
  Bytes pieces[4];
  std::size_t count = 0, skip = stream.sent;
  for (Bytes part :
       {Bytes(stream.length), Bytes(stream.parts.head), stream.parts.body, Bytes(stream.parts.tail)}) {
    Bytes left = part.subspan(std::min(skip, part.size()));
    skip -= part.size() - left.size();
    if (!left.empty()) pieces[count++] = left;
  }
  auto put = wire_.write(std::span(pieces, count), service_.room_, stream.parts.more);
  if (put) stream.sent += put->taken;
  if (stream.sent == stream.size) stream.sent = stream.size = 0;
  return after_write(put);
}

// A handshake is no activity: who only shakes hands is idle.
Connection::Flow Connection::after_write(const Result<Wire::Put>& put) {
  if (!put) return Flow::over;
  if (put->taken > 0 || wire_.carries()) active_at_ = service_.loop_.now();
  return put->blocked ? Flow::blocked : Flow::open;
}

// The client may still hear why, if it takes it at once.
void Connection::tls_failed() {
  if (!wire_.has_failed()) return;
  wire_.try_flush();
  service_.counters_.tls_failed.add();
  service_.handler_.tls_failed(peer_, wire_.fault());
}

void Connection::want(std::uint32_t events) {
  if (events == events_) return;
  events_ = events;
  service_.loop_.change(wire_.fd(), events, *this);
}

std::uint64_t Connection::acknowledged() const {
  std::size_t queued = unacknowledged(wire_.fd());
  return wire_.written() - std::min<std::uint64_t>(wire_.written(), queued);
}

// Answers are gathered in one buffer of the service, so that a client that takes them at once costs no
// allocation, and one that does not holds no more than what is left for it.
void Connection::borrow_outbox() {
  if (!out_.empty()) return;
  out_ = Buffer();
  out_.swap(service_.outbox_);
}

void Connection::return_outbox() {
  bool lent = service_.outbox_.capacity() == 0;
  Buffer left(out_.begin() + static_cast<std::ptrdiff_t>(sent_), out_.end());
  sent_ = 0;
  out_.clear();
  if (lent) out_.swap(service_.outbox_);
  out_ = std::move(left);
}

}  // namespace zw
