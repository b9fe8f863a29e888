// For the tests of this room: a primary on loopback that behaves as told.
#pragma once

#include <condition_variable>
#include <mutex>

#include "net/server.h"
#include "transfer/testing.h"
#include "transfer/transfer_responder.h"

namespace zw::testing {

/// How a primary behaves. Set before and between requests.
struct Behaviour {
  ZonePtr zone;
  const TsigKeyring* keys = nullptr;  // null: knows no keys
  AccessList allowed{{AccessRule{}}};
  bool silent_udp = false;     // answers nothing over UDP
  bool truncates_udp = false;  // answers TC over UDP
  bool no_edns = false;        // says FORMERR to OPT
  bool not_authoritative = false;
  std::optional<ZonePtr> told_zone{};           // the SOA of this one is told to probes
  std::size_t most_messages = ~std::size_t{0};  // of a transfer; then the connection ends
  std::function<Messages()> ixfr{};             // what is answered to IXFR instead of the whole zone
};

/// What came in, for the tests to look at.
struct Seen {
  std::vector<std::string> requests;  // "udp SOA", "tcp AXFR"
};

class TestPrimary {
 public:
  explicit TestPrimary(Behaviour behaviour, const char* ip = "127.0.0.1") : behaviour_(std::move(behaviour)) {
    auto made = Server::make(
        1, [this](std::size_t) { return std::make_unique<PrimaryHandler>(*this); }, metrics_, TcpLimits{});
    REQUIRE(made);
    server_ = std::move(*made);
    Address at{*IpAddress::parse(ip), 0};
    REQUIRE(server_->listen(std::span(&at, 1)));
    address_ = server_->listening().front();
  }
  const Address& address() const { return address_; }
  void set(const std::function<void(Behaviour&)>& change) {
    std::lock_guard lock(mutex_);
    change(behaviour_);
  }
  std::vector<std::string> requests() const {
    std::lock_guard lock(mutex_);
    return seen_.requests;
  }

 private:
  class PrimaryHandler final : public Handler {
   public:
    explicit PrimaryHandler(TestPrimary& of) : of_(of), transfers_(clock_, responder_, writer_, {}, {}) {}
    std::size_t udp(Bytes query, const Peer& peer, MutableBytes out) override;
    void tcp(Bytes query, const Peer& peer, TcpReply& reply) override;

   private:
    Behaviour note(const Request& request, std::string_view transport);
    std::size_t answer(const Request& request, const Behaviour& with, const Peer& peer, MutableBytes out);
    TestPrimary& of_;
    StoppedClock clock_;
    Responder responder_;
    MessageWriter writer_;
    TransferResponder transfers_;
  };

  mutable std::mutex mutex_;
  Behaviour behaviour_;
  Seen seen_;
  Metrics metrics_{1};
  Address address_;
  std::unique_ptr<Server> server_;  // last: its threads use the rest
};

/// Sends a list of messages, then ends the connection or not.
class ListSource final : public MessageSource {
 public:
  explicit ListSource(Messages messages) : messages_(std::move(messages)) {}
  bool next(MessageParts& parts) override {
    if (at_ == messages_.size()) return false;
    parts.head = messages_[at_++];
    return true;
  }

 private:
  Messages messages_;
  std::size_t at_ = 0;
};

inline Behaviour TestPrimary::PrimaryHandler::note(const Request& request, std::string_view transport) {
  std::lock_guard lock(of_.mutex_);
  std::string type = request.question() ? print(request.question()->type) : "nothing";
  of_.seen_.requests.push_back(std::string(transport) + " " + type);
  return of_.behaviour_;
}

inline std::size_t TestPrimary::PrimaryHandler::answer(const Request& request, const Behaviour& with,
                                                       const Peer& peer, MutableBytes out) {
  TsigKeyring none;
  TsigRequest tsig = verify_request(*request.message(), with.keys ? *with.keys : none, kNow);
  std::optional<TsigStreamSigner> signer;
  if (tsig.wants_signer()) signer = *TsigStreamSigner::make(tsig);
  Arrival arrival{peer.address.ip.octets(), peer.transport, kNow, signer ? signer->space() : 0};
  ZoneTable table({ServedZone(with.told_zone.value_or(with.zone))});
  std::size_t size = tsig.status == TsigStatus::good || tsig.status == TsigStatus::absent
                         ? responder_.answer(table, {}, request, arrival, out)
                         : responder_.decline({}, request, arrival, tsig.rcode(), {}, out);
  if (with.no_edns && request.edns())
    size = responder_.decline({}, request, arrival, Rcode::FORMERR, {}, out);
  if (with.not_authoritative) out[2] &= 0xfb;
  if (with.truncates_udp && peer.transport == Transport::udp) out[2] |= 2;
  return signer ? signer->sign(out, size, kNow) : size;
}

inline std::size_t TestPrimary::PrimaryHandler::udp(Bytes query, const Peer& peer, MutableBytes out) {
  Request request = Request::read(query);
  Behaviour with = note(request, "udp");
  return with.silent_udp ? 0 : answer(request, with, peer, out);
}

inline void TestPrimary::PrimaryHandler::tcp(Bytes query, const Peer& peer, TcpReply& reply) {
  Request request = Request::read(query);
  Behaviour with = note(request, "tcp");
  Buffer out(65535);
  if (request.kind() != RequestKind::transfer || (with.no_edns && request.edns()))
    return reply.send(Bytes(out).first(answer(request, with, peer, out)));
  if (with.ixfr && request.question()->type == RrType::IXFR) {
    Messages messages = with.ixfr();
    for (Buffer& message : messages) set16(message.data(), request.message()->id());
    return reply.stream(std::make_unique<ListSource>(std::move(messages)));
  }
  if (with.most_messages != ~std::size_t{0}) {
    Messages messages = axfr_of(with.zone, request.message()->id());
    messages.resize(std::min(messages.size(), with.most_messages));
    reply.stream(std::make_unique<ListSource>(std::move(messages)));
    return reply.close();
  }
  TsigKeyring none;
  TsigRequest tsig = verify_request(*request.message(), with.keys ? *with.keys : none, kNow);
  std::optional<TsigStreamSigner> signer;
  if (tsig.wants_signer()) signer = *TsigStreamSigner::make(tsig);
  ServedZone served(with.zone);
  TransferRequest asked{request, peer};
  if (tsig.status == TsigStatus::good) asked.key = tsig.key->name();
  asked.signer = &signer;
  asked.now = kNow;
  asked.zone = &served;
  asked.may_transfer = &with.allowed;
  std::size_t size = transfers_.answer(asked, {}, out, &reply);
  if (size > 0) reply.send(Bytes(out).first(size));
}

}  // namespace zw::testing
