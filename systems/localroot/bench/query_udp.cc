#include <errno.h>
#include <sys/uio.h>

#include "localroot/bench/query_channel.h"
#include "net/socket.h"

namespace zw::localroot {
namespace {

constexpr std::size_t kBatch = 64, kAnswerOctets = 4096;
constexpr int kBatchesInTurn = 4;  // then the other sockets get theirs

}  // namespace

struct QueryBatch {
  std::uint8_t answers[kBatch][kAnswerOctets];
  std::uint8_t ids[kBatch][2];
  iovec in_pieces[kBatch];
  iovec out_pieces[kBatch][2];  // the ID, and all of the query behind it
  mmsghdr in[kBatch], out[kBatch];
};

std::shared_ptr<QueryBatch> make_query_batch() { return std::make_shared<QueryBatch>(); }

class UdpChannel final : public QueryLoad::Channel {
 public:
  UdpChannel(QueryLoad& load, Loop& loop, Random& random, std::shared_ptr<QueryBatch> batch, std::size_t most)
      : Channel(most), load_(load), loop_(loop), random_(random), batch_(std::move(batch)) {}
  ~UdpChannel() override {
    if (fd_) loop_.unwatch(fd_.get(), *this);
  }

  Result<void> open(const Address& to, const std::optional<IpAddress>& from) override {
    to_ = to;
    ZW_TRY(fd_, open_udp_client(to, from, random_));
    static_cast<void>(set_option(fd_.get(), SOL_SOCKET, SO_RCVBUF, 4 << 20));
    return loop_.watch(fd_.get(), EPOLLIN, *this);
  }

  void fill() override {
    for (std::size_t may = load_.may_send(); may > 0 && !in_flight_.full(); may = load_.may_send())
      if (!send_batch(std::min(may, kBatch))) return;
  }

 private:
  void ready(std::uint32_t) override {
    for (int turn = 0; turn < kBatchesInTurn; ++turn)
      if (receive() < kBatch) break;
    fill();
  }

  std::size_t receive() {
    QueryBatch& batch = *batch_;
    for (std::size_t i = 0; i < kBatch; ++i) {
      batch.in_pieces[i] = {batch.answers[i], kAnswerOctets};
      batch.in[i].msg_hdr = {};
      batch.in[i].msg_hdr.msg_iov = &batch.in_pieces[i];
      batch.in[i].msg_hdr.msg_iovlen = 1;
    }
    int got = recvmmsg(fd_.get(), batch.in, kBatch, MSG_DONTWAIT, nullptr);
    if (got < 0) return failed(), 0;
    Micros now = steady_micros();
    for (int i = 0; i < got; ++i) load_.take(Bytes(batch.answers[i], batch.in[i].msg_len), in_flight_, now);
    return static_cast<std::size_t>(got);
  }

  bool send_batch(std::size_t most) {
    QueryBatch& batch = *batch_;
    Micros now = steady_micros();
    std::size_t count = 0;
    for (; count < most && !in_flight_.full(); ++count) {
      const Buffer& query = load_.next_query();
      set16(batch.ids[count], in_flight_.add(query, now));
      batch.out_pieces[count][0] = {batch.ids[count], 2};
      batch.out_pieces[count][1] = {const_cast<std::uint8_t*>(query.data()) + 2, query.size() - 2};
      batch.out[count].msg_hdr = {};
      batch.out[count].msg_hdr.msg_iov = batch.out_pieces[count];
      batch.out[count].msg_hdr.msg_iovlen = 2;
    }
    for (std::size_t at = 0; at < count;) {
      int sent = sendmmsg(fd_.get(), batch.out + at, static_cast<unsigned>(count - at), MSG_DONTWAIT);
      if (sent <= 0) return failed(), false;
      at += static_cast<std::size_t>(sent);
    }
    return true;
  }

  // What was not sent stays in flight and is lost in time, as a datagram is that the network drops.
  void failed() {
    if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) return;
    if (errno == ECONNREFUSED)
      load_.failures_.add("unreachable", to_.print() + ": nobody answers at this port");
    else
      load_.failures_.add("unreachable", fail_errno(to_.print()).error().what);
  }

  QueryLoad& load_;
  Loop& loop_;
  Random& random_;
  std::shared_ptr<QueryBatch> batch_;
  Address to_;
  Descriptor fd_;
};

std::unique_ptr<QueryLoad::Channel> make_udp_channel(QueryLoad& load, Loop& loop, Random& random,
                                                     std::shared_ptr<QueryBatch> batch, std::size_t most) {
  return std::make_unique<UdpChannel>(load, loop, random, std::move(batch), most);
}

}  // namespace zw::localroot
