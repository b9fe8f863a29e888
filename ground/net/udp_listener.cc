#include "net/udp_listener.h"

#include <errno.h>

#include <cstring>

namespace zw {
namespace {

constexpr std::size_t kBatch = 64;
constexpr int kBatchesInTurn = 4;  // then the other descriptors of the loop get theirs
constexpr std::size_t kControlOctets = CMSG_SPACE(sizeof(in6_pktinfo));
static_assert(kControlOctets >= CMSG_SPACE(sizeof(in_pktinfo)));

struct alignas(cmsghdr) Control {
  std::uint8_t octets[kControlOctets];
};

}  // namespace

struct UdpBatch {
  std::uint8_t queries[kBatch][kMaxUdpQuery];
  std::uint8_t answers[kBatch * kMaxUdpAnswer];  // one behind the other, so that few pages are used
  std::size_t answered;                          // octets of them
  SocketAddress peers[kBatch];
  Control asked[kBatch];   // as received
  Control source[kBatch];  // as sent
  iovec in_pieces[kBatch];
  iovec out_pieces[kBatch];
  mmsghdr in[kBatch];
  mmsghdr out[kBatch];
};

// Not cleared: the kernel gives each page when a datagram first needs it.
std::shared_ptr<UdpBatch> make_udp_batch() { return std::make_shared_for_overwrite<UdpBatch>(); }

namespace {

void prepare(UdpBatch& batch, std::size_t i) {
  batch.in_pieces[i] = {batch.queries[i], kMaxUdpQuery};
  msghdr& header = batch.in[i].msg_hdr;
  header = {};
  header.msg_name = &batch.peers[i].any;
  header.msg_namelen = sizeof batch.peers[i].v6;
  header.msg_iov = &batch.in_pieces[i];
  header.msg_iovlen = 1;
  header.msg_control = batch.asked[i].octets;
  header.msg_controllen = kControlOctets;
}

/// The address that was asked, where the socket tells (it is bound to the wildcard).
void read_asked(msghdr& header, Address& local) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      // Of a broadcast or multicast, this is the address of ours that the answer may come from.
      local.ip = IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&info.ipi_spec_dst));
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      local.ip = IpAddress::v6(reinterpret_cast<const std::uint8_t*>(&info.ipi6_addr));
    }
  }
}

template <typename Info>
void put_control(msghdr& header, Control& control, int level, int type, const Info& info) {
  header.msg_control = control.octets;
  header.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* c = CMSG_FIRSTHDR(&header);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(c), &info, sizeof info);
}

/// Makes the answer leave from the address that was asked; the routing table chooses the interface.
void put_source(msghdr& header, Control& control, const IpAddress& source) {
  if (source.is_multicast()) return;  // an address that nothing can be sent from
  if (source.is_v4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, source.octets().data(), 4);
    put_control(header, control, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, source.octets().data(), 16);
    put_control(header, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

}  // namespace

UdpListener::UdpListener(Loop& loop, Descriptor fd, const Address& at, Handler& handler,
                         NetCounters& counters, std::shared_ptr<UdpBatch> batch)
    : loop_(loop),
      fd_(std::move(fd)),
      at_(at),
      handler_(handler),
      counters_(counters),
      batch_(std::move(batch)) {}

UdpListener::~UdpListener() {
  loop_.unwatch(fd_.get(), *this);
  // Bounded, for with a shared port the kernel gives this socket new datagrams until it closes.
  for (int turn = 0; turn < 64 && receive() > 0; ++turn) {
  }
}

Result<void> UdpListener::start() { return loop_.watch(fd_.get(), EPOLLIN, *this); }

void UdpListener::ready(std::uint32_t) {
  for (int turn = 0; turn < kBatchesInTurn; ++turn)
    if (receive() < kBatch) return;
}

std::size_t UdpListener::receive() {
  for (std::size_t i = 0; i < kBatch; ++i) prepare(*batch_, i);
  int received = recvmmsg(fd_.get(), batch_->in, kBatch, MSG_DONTWAIT, nullptr);
  if (received <= 0) return 0;  // nothing there, or the error of an earlier datagram, which this has cleared
  send(answer(static_cast<std::size_t>(received)));
  return static_cast<std::size_t>(received);
}

std::size_t UdpListener::answer(std::size_t received) {
  std::size_t out = 0;
  batch_->answered = 0;
  for (std::size_t i = 0; i < received; ++i) out += answer_one(i, out);
  return out;
}

bool UdpListener::answer_one(std::size_t i, std::size_t out) {
  UdpBatch& batch = *batch_;
  msghdr& received = batch.in[i].msg_hdr;
  Peer peer{batch.peers[i].address(), at_, Transport::udp};
  Bytes query(batch.queries[i], batch.in[i].msg_len);
  if (!is_query(query) || (received.msg_flags & MSG_TRUNC) || peer.address.port == 0)
    return counters_.udp_malformed.add(), false;
  counters_.udp_queries.add();
  bool wildcard = at_.ip.is_any();
  if (wildcard) read_asked(received, peer.local);
  std::uint8_t* answer = batch.answers + batch.answered;
  std::size_t size = handler_.udp(query, peer, {answer, kMaxUdpAnswer});
  if (size == 0) return false;
  ZW_ASSERT(size <= kMaxUdpAnswer);
  batch.answered += size;
  batch.out_pieces[out] = {answer, size};
  msghdr& header = batch.out[out].msg_hdr;
  header = {};
  header.msg_name = received.msg_name;
  header.msg_namelen = received.msg_namelen;
  header.msg_iov = &batch.out_pieces[out];
  header.msg_iovlen = 1;
  if (wildcard) put_source(header, batch.source[out], peer.local.ip);
  return true;
}

void UdpListener::send(std::size_t count) {
  for (std::size_t at = 0; at < count;) {
    int sent = sendmmsg(fd_.get(), batch_->out + at, static_cast<unsigned>(count - at), MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) {  // of the first in line; with no room left, of all
      bool full = errno == EAGAIN || errno == ENOBUFS;
      counters_.udp_unsent.add(full ? count - at : 1);
      at = full ? count : at + 1;
      continue;
    }
    counters_.udp_answers.add(static_cast<std::uint64_t>(sent));
    for (int i = 0; i < sent; ++i) counters_.udp_sent_bytes.add(batch_->out_pieces[at++].iov_len);
  }
}

void UdpListener::send_one(Bytes message, const IpAddress& from, const Address& to) {
  SocketAddress peer(to);
  iovec piece{const_cast<std::uint8_t*>(message.data()), message.size()};
  Control source;
  msghdr header{};
  header.msg_name = &peer.any;
  header.msg_namelen = peer.size;
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  if (at_.ip.is_any()) put_source(header, source, from);
  if (sendmsg(fd_.get(), &header, MSG_DONTWAIT) < 0) return counters_.udp_unsent.add();
  counters_.udp_answers.add();
  counters_.udp_sent_bytes.add(message.size());
}

}  // namespace zw
