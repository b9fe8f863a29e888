#include <errno.h>
#include <sys/socket.h>

#include "localroot/bench/query_channel.h"
#include "net/frames.h"
#include "net/socket.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kMostQueued = 32 << 10;  // octets that wait for the kernel

}  // namespace

/// One connection at a time, with many queries on it at once (RFC 7766 §6.2.1.1); a new one when it ends.
class TcpChannel final : public QueryLoad::Channel {
 public:
  TcpChannel(QueryLoad& load, Loop& loop, std::size_t most)
      : Channel(most), load_(load), loop_(loop), inbox_(64 << 10) {}
  ~TcpChannel() override { close(); }

  Result<void> open(const Address& to, const std::optional<IpAddress>& from) override {
    to_ = to;
    from_ = from;
    return connect();
  }

  void fill() override {
    if (!fd_ && load_.may_send() > 0 && !connect()) return;
    if (!fd_ || connecting_) return;
    Micros now = steady_micros();
    while (out_.size() < kMostQueued && !in_flight_.full() && load_.may_send() > 0) {
      const Buffer& query = load_.next_query();
      append_frame(out_, query);
      set16(out_.data() + out_.size() - query.size(), in_flight_.add(query, now));
    }
    write();
  }

 private:
  Result<void> connect() {
    ZW_TRY(fd_, open_tcp_client(to_, from_));
    connecting_ = true;
    frames_ = FrameReader();
    out_.clear();
    return loop_.watch(fd_.get(), EPOLLIN | EPOLLOUT, *this);
  }

  void close() {
    if (fd_) loop_.unwatch(fd_.get(), *this);
    fd_.close();
  }

  void ready(std::uint32_t events) override {
    if (connecting_) {
      if (int code = pending_error(fd_.get()); code != 0)
        return broken(code == ECONNREFUSED ? to_.print() + ": nobody answers at this port"
                                           : fail_errno(to_.print(), code).error().what);
      connecting_ = false;
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !read()) return;
    fill();
  }

  bool read() {
    ssize_t got = recv(fd_.get(), inbox_.data(), inbox_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got < 0) return broken(fail_errno(to_.print()).error().what), false;
    if (got == 0) return broken(to_.print() + ": the server ended a connection with queries on it"), false;
    Micros now = steady_micros();
    frames_.feed(Bytes(inbox_).first(static_cast<std::size_t>(got)), [&](Bytes message) {
      load_.take(message, in_flight_, now);
      return true;
    });
    return true;
  }

  void write() {
    while (!out_.empty()) {
      ssize_t written = ::send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
      if (written < 0 && errno != EAGAIN && errno != EINTR)
        return broken(fail_errno(to_.print()).error().what);
      if (written < 0) break;
      out_.erase(out_.begin(), out_.begin() + written);
    }
    loop_.change(fd_.get(), out_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT, *this);
  }

  // An idle connection may end at any time; one with queries on it, or one that never was, may not.
  void broken(const std::string& what) {
    std::size_t lost = in_flight_.drop_older(Micros::max());
    if (connecting_) load_.failures_.add("unreachable", what);
    load_.lose(lost, "truncated", what);
    close();
  }

  QueryLoad& load_;
  Loop& loop_;
  Address to_;
  std::optional<IpAddress> from_;
  Descriptor fd_;
  bool connecting_ = false;
  FrameReader frames_;
  Buffer inbox_, out_;
};

std::unique_ptr<QueryLoad::Channel> make_tcp_channel(QueryLoad& load, Loop& loop, std::size_t most) {
  return std::make_unique<TcpChannel>(load, loop, most);
}

}  // namespace zw::localroot
