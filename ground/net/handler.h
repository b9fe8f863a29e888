// What a server of DNS messages asks for each message that came in. A message here is octets: at least the 12
// of a header, with QR = 0 (RFC 1035 §4.1.1); the rest is the handler's to judge.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "crypto/tls.h"
#include "dns/address.h"
#include "dns/transport.h"

namespace zw {

/// Who asks, and where.
struct Peer {
  Address address;  // theirs
  Address local;    // ours, the one that was asked
  Transport transport = Transport::udp;
  const TlsPeer* tls = nullptr;  // over TLS: what it has proven; good for the call
};

/// One message in up to three parts, sent one after another as one frame of at most 65,535 octets. `body` is
/// a view into what the source keeps; it must stay as it is until the next call or the source's end.
struct MessageParts {
  Buffer head;
  Bytes body;
  Buffer tail;
  bool more = false;  // another one follows, so that the kernel may wait for it to fill a segment
  std::size_t size() const { return head.size() + body.size() + tail.size(); }
};

/// Many messages for one connection, made when the socket can take more: a zone transfer. Lives on the
/// worker's thread until its last message is sent or the connection ends. Keep the snapshot in it.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  /// Fills in the next message; `parts` comes with the last one's, to be reused. False after the last: then
  /// the connection goes on with the client's next query.
  virtual bool next(MessageParts& parts) = 0;
};

/// Where answers to one query over TCP go. For the duration of Handler::tcp().
class TcpReply {
 public:
  /// At most 65,535 octets, copied. May be called many times. Nothing goes out after close().
  virtual void send(Bytes message) = 0;
  /// After what was sent before. At most once for a query.
  virtual void stream(std::unique_ptr<MessageSource> source) = 0;
  /// Ends the connection when all that was sent before is out.
  virtual void close() = 0;
  /// The client knows of edns-tcp-keepalive (RFC 7828): its connection may now be idle for as long as is
  /// returned, which belongs into the answer in units of 100 ms. Zero, while connections are scarce, asks it
  /// to close.
  virtual std::chrono::milliseconds keep_alive() = 0;

 protected:
  ~TcpReply() = default;
};

/// Each worker has one of its own and calls it on its own thread, so it needs no locks. It must not block.
class Handler {
 public:
  virtual ~Handler() = default;
  /// The size of what it wrote to `answer` (room for kMaxUdpAnswer octets); 0 for no answer.
  virtual std::size_t udp(Bytes query, const Peer& peer, MutableBytes answer) = 0;
  /// Over TLS too.
  virtual void tcp(Bytes query, const Peer& peer, TcpReply& reply) = 0;
  /// A client's TLS session failed, most often before it could ask anything.
  virtual void tls_failed(const Peer& peer, std::string_view reason) {
    static_cast<void>(peer), static_cast<void>(reason);
  }
};

constexpr std::size_t kMaxUdpQuery = 4096;  // longer datagrams are dropped
constexpr std::size_t kMaxUdpAnswer = 4096;
constexpr std::size_t kMaxMessage = 65535;  // RFC 1035 §4.2.2

/// Has a header, and is no answer: two servers must not begin to answer each other.
inline bool is_query(Bytes message) { return message.size() >= 12 && (message[2] & 0x80) == 0; }

}  // namespace zw
