#include "net/udp_fan.h"

#include <errno.h>

namespace zw {
namespace {

constexpr int kBatchesInTurn = 8;  // of answers, then the others of the loop get their turn
constexpr Milliseconds kPause{1};  // when the system has no room

}  // namespace

struct UdpFan::Batch {
  std::uint8_t out[kBatch][kMostOctets];
  std::uint8_t in[kBatch][kMostOctets];
  SocketAddress to[kBatch], from[kBatch];
  iovec out_pieces[kBatch], in_pieces[kBatch];
  mmsghdr out_headers[kBatch], in_headers[kBatch];
  std::uint32_t tags[kBatch];
};

UdpFan::UdpFan(Loop& loop, Calls calls)
    : loop_(loop),
      calls_(std::move(calls)),
      batch_(std::make_unique<Batch>()),
      again_(loop, [this] { try_again(); }) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    batch_->in_pieces[i] = {batch_->in[i], kMostOctets};
    batch_->out_headers[i] = batch_->in_headers[i] = {};
    msghdr& out = batch_->out_headers[i].msg_hdr;
    out.msg_name = &batch_->to[i].any;
    out.msg_iov = &batch_->out_pieces[i];
    out.msg_iovlen = 1;
  }
}

Result<std::unique_ptr<UdpFan>> UdpFan::make(Loop& loop, const IpAddress& from, Random& random, Calls calls) {
  std::unique_ptr<UdpFan> fan(new UdpFan(loop, std::move(calls)));
  for (unsigned i = 0; i < kSockets; ++i) {
    Socket& socket = fan->sockets_[i];
    socket.fan = fan.get();
    socket.number = i;
    ZW_TRY(socket.fd, open_udp_fan(from, random));
    ZW_CHECK(loop.watch(socket.fd.get(), EPOLLIN, socket));
  }
  return fan;
}

UdpFan::~UdpFan() {
  for (Socket& socket : sockets_)
    if (socket.fd) loop_.unwatch(socket.fd.get(), socket);
}

MutableBytes UdpFan::room() {
  if (staged_ == kBatch || again_.running()) return {};
  return batch_->out[staged_];
}

void UdpFan::stage(const Address& to, std::size_t octets, std::uint32_t tag) {
  ZW_ASSERT(staged_ < kBatch && octets <= kMostOctets);
  batch_->to[staged_] = SocketAddress(to);
  batch_->out_pieces[staged_] = {batch_->out[staged_], octets};
  batch_->out_headers[staged_].msg_hdr.msg_namelen = batch_->to[staged_].size;
  batch_->tags[staged_++] = tag;
}

bool UdpFan::flush() {
  if (again_.running()) return false;
  if (send()) return true;
  again_.start(kPause);
  return false;
}

// An error is that of the first message in line.
bool UdpFan::send() {
  while (sent_ < staged_) {
    int sent = sendmmsg(sockets_[turn_].fd.get(), batch_->out_headers + sent_,
                        static_cast<unsigned>(staged_ - sent_), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      sent_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      return false;
    } else if (errno != EINTR) {
      calls_.unsent(batch_->tags[sent_++]);
    }
  }
  if (staged_ > 0) turn_ = (turn_ + 1) % kSockets;
  staged_ = sent_ = 0;
  return true;
}

void UdpFan::try_again() {
  if (flush()) calls_.writable();
}

void UdpFan::receive() {
  for (Socket& socket : sockets_) receive(socket);
}

void UdpFan::receive(Socket& socket) {
  for (int turn = 0; turn < kBatchesInTurn; ++turn) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      msghdr& header = batch_->in_headers[i].msg_hdr;
      header.msg_name = &batch_->from[i].any;
      header.msg_namelen = sizeof batch_->from[i].v6;
      header.msg_iov = &batch_->in_pieces[i];
      header.msg_iovlen = 1;
    }
    int received = recvmmsg(socket.fd.get(), batch_->in_headers, kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < received; ++i) {
      if (batch_->in_headers[i].msg_hdr.msg_flags & MSG_TRUNC) continue;
      calls_.received(socket.number, batch_->from[i].address(),
                      Bytes(batch_->in[i], batch_->in_headers[i].msg_len));
    }
    if (received < static_cast<int>(kBatch)) return;
  }
}

}  // namespace zw
