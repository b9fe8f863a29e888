// One TCP connection of a client, perhaps with TLS in it: queries in, answers and streams out, in order.
// While the client does not take what it is sent, nothing more is read from it, so what it can make us hold
// is bounded.
#pragma once

#include <list>
#include <memory>

#include "net/counters.h"
#include "net/frames.h"
#include "net/handler.h"
#include "net/loop.h"
#include "net/wire.h"

namespace zw {

class TcpService;

class Connection final : public Watcher, public TcpReply {
 public:
  Connection(TcpService& service, Wire wire, const Peer& peer);
  ~Connection();

  Result<void> start();
  void ready(std::uint32_t events) override;

  void send(Bytes message) override;
  void stream(std::unique_ptr<MessageSource> source) override;
  void close() override { closing_ = true; }
  std::chrono::milliseconds keep_alive() override;

 private:
  friend class TcpService;
  struct Stream;
  enum class Flow { open, blocked, over };

  Flow turn(bool readable);
  Flow read_once();
  bool take(Bytes message);
  Flow write();
  Flow write_out();
  Flow write_stream();
  Flow after_write(const Result<Wire::Put>& put);
  StreamCounters& counters();
  void tls_failed();
  void want(std::uint32_t events);
  void borrow_outbox();
  void return_outbox();
  bool sending() const { return out_.size() > sent_ || stream_ || wire_.pending(); }
  std::uint64_t acknowledged() const;

  TcpService& service_;
  Wire wire_;
  Peer peer_;
  std::uint32_t events_ = EPOLLIN;
  bool closing_ = false;  // after what is being sent
  bool shut_ = false;     // we have said that nothing more comes, and wait for the client to see it
  bool at_end_ = false;   // the client has said so
  bool kept_ = false;     // knows edns-tcp-keepalive
  bool listed_sending_ = false, listed_kept_ = false;  // the list that we stand in
  std::size_t turn_octets_ = 0;                        // written in this turn
  FrameReader frames_;
  Buffer out_;
  std::size_t sent_ = 0;  // of out_
  std::unique_ptr<Stream> stream_;
  std::uint64_t progress_ = 0;  // acknowledged at the last check
  Milliseconds active_at_{0};   // the last whole query, or octets of an answer that went out
  Milliseconds checked_at_{0};  // for progress
  std::list<Connection>::iterator place_;
};

}  // namespace zw
