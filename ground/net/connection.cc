#include "net/connection.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

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

Connection::Connection(TcpService& service, Descriptor fd, const Peer& peer)
    : service_(service), fd_(std::move(fd)), peer_(peer) {}

Connection::~Connection() { service_.loop_.unwatch(fd_.get(), *this); }

Result<void> Connection::start() { return service_.loop_.watch(fd_.get(), events_, *this); }

void Connection::ready(std::uint32_t events) {
  if (events & EPOLLERR) return service_.end(*this);
  turn_octets_ = 0;
  borrow_outbox();
  Flow flow = turn((events & (EPOLLIN | EPOLLHUP)) != 0);
  return_outbox();
  if (flow == Flow::over) return service_.end(*this);
  want(sending() ? EPOLLOUT : EPOLLIN);
  service_.sort(*this);
}

Connection::Flow Connection::turn(bool readable) {
  for (;;) {
    if (Flow flow = write(); flow != Flow::open) return flow;
    if (closing_ && !shut_) {
      if (at_end_ || shutdown(fd_.get(), SHUT_WR) != 0) return Flow::over;
      shut_ = true;
    }
    if (frames_.waiting() && !shut_) {
      frames_.feed({}, [this](Bytes message) { return take(message); });
    } else if (at_end_) {
      return Flow::over;  // whatever it has begun will not come
    } else if (readable) {
      readable = false;
      if (read_once() == Flow::over) return Flow::over;
    } else {
      return Flow::open;
    }
  }
}

Connection::Flow Connection::read_once() {
  Buffer& inbox = service_.inbox_;
  ssize_t got = recv(fd_.get(), inbox.data(), inbox.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Flow::open : Flow::over;
  at_end_ = got == 0;
  if (shut_) return Flow::open;  // what comes now is thrown away, so that our close is no reset
  frames_.feed(Bytes(inbox).first(static_cast<std::size_t>(got)),
               [this](Bytes message) { return take(message); });
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
  service_.counters_.tcp_queries.add();
  active_at_ = service_.loop_.now();
  service_.handler_.tcp(message, peer_, *this);
  return !stream_ && !closing_ && out_.size() - sent_ < kMostQueued;
}

void Connection::send(Bytes message) {
  ZW_ASSERT(message.size() <= kMaxMessage && !stream_);
  if (closing_) return;
  append_frame(out_, message);
  service_.counters_.tcp_answers.add();
}

void Connection::stream(std::unique_ptr<MessageSource> source) {
  ZW_ASSERT(source && !stream_);
  if (closing_) return;
  stream_ = std::make_unique<Stream>();
  stream_->source = std::move(source);
}

std::chrono::milliseconds Connection::keep_alive() {
  if (service_.table_.scarce()) return Milliseconds(0);
  kept_ = true;
  return service_.limits_.keep_alive;
}

Connection::Flow Connection::write() {
  while (sending()) {
    if (turn_octets_ >= kMostInTurn) return Flow::blocked;  // the socket is writable: we are soon back
    if (Flow flow = out_.size() > sent_ ? write_out() : write_stream(); flow != Flow::open) return flow;
  }
  return Flow::open;
}

Connection::Flow Connection::write_out() {
  std::size_t wanted = out_.size() - sent_;
  ssize_t written = ::send(fd_.get(), out_.data() + sent_, wanted, MSG_NOSIGNAL);
  if (written > 0) sent_ += static_cast<std::size_t>(written);
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  return after_write(wanted, written);
}

Connection::Flow Connection::write_stream() {
  Stream& stream = *stream_;
  if (stream.size == 0) {
    if (!stream.source->next(stream.parts)) return stream_.reset(), Flow::open;
    ZW_ASSERT(stream.parts.size() <= kMaxMessage);
    set16(stream.length, static_cast<std::uint16_t>(stream.parts.size()));
    stream.size = 2 + stream.parts.size();
    service_.counters_.tcp_answers.add();
  }
  iovec pieces[4];
  std::size_t count = 0, skip = stream.sent;
  for (Bytes part :
       {Bytes(stream.length), Bytes(stream.parts.head), stream.parts.body, Bytes(stream.parts.tail)}) {
    Bytes left = part.subspan(std::min(skip, part.size()));
    skip -= part.size() - left.size();
    if (!left.empty()) pieces[count++] = {const_cast<std::uint8_t*>(left.data()), left.size()};
  }
  msghdr header{};
  header.msg_iov = pieces;
  header.msg_iovlen = count;
  std::size_t wanted = stream.size - stream.sent;
  ssize_t written = sendmsg(fd_.get(), &header, MSG_NOSIGNAL);
  if (written > 0) stream.sent += static_cast<std::size_t>(written);
  if (stream.sent == stream.size) stream.sent = stream.size = 0;
  return after_write(wanted, written);
}

Connection::Flow Connection::after_write(std::size_t wanted, std::ptrdiff_t written) {
  if (written < 0) return errno == EAGAIN || errno == EINTR ? Flow::blocked : Flow::over;
  auto octets = static_cast<std::size_t>(written);
  written_ += octets;
  turn_octets_ += octets;
  service_.counters_.tcp_sent_bytes.add(octets);
  active_at_ = service_.loop_.now();
  return octets == wanted ? Flow::open : Flow::blocked;
}

void Connection::want(std::uint32_t events) {
  if (events == events_) return;
  events_ = events;
  service_.loop_.change(fd_.get(), events, *this);
}

std::uint64_t Connection::acknowledged() const {
  std::size_t queued = unacknowledged(fd_.get());
  return written_ - std::min<std::uint64_t>(written_, queued);
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
