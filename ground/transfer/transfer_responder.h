// Answers requests for transfers, and NOTIFY: reads, decides, writes, signs. One for each worker of a server,
// on its thread.
#pragma once

#include <functional>

#include "authority/responder.h"
#include "dns/tsig.h"
#include "log/log.h"
#include "net/handler.h"
#include "transfer/notify_in.h"
#include "transfer/transfer_decision.h"
#include "transfer/transfer_out.h"

namespace zw {

/// What is allowed for one zone.
struct TransferRules {
  AccessList may_transfer{};
  std::optional<AccessList> may_notify{};  // absent where we are no secondary
};

/// A request as a handler has it.
struct TransferRequest {
  const Request& request;   // of the kind `transfer` or `notify`
  const TsigRequest& tsig;  // what verify_request() says of it
  const Peer& peer;
  const ServedZone* zone;      // whose origin is the name of the question; null if there is none
  const TransferRules* rules;  // of that zone; null if there are none
};

/// A request for a transfer and what became of it; views good for the call.
struct TransferAnswered {
  NameView zone;
  Address client;
  std::optional<NameView> key;  // that signed the request
  RrType asked{};               // AXFR or IXFR
  TransferDecision decision;
  std::optional<Serial> serial;  // what was given
  SentTransfer sent{};           // of a whole zone
  Milliseconds took{0};
};
/// One line for it.
void log_transfer(Logger& log, const TransferAnswered& answered);

class TransferResponder {
 public:
  using OnTransfer = std::function<void(const TransferAnswered&)>;
  /// NOTIFY was allowed, and may tell of something new. To be handed to the refresher's thread.
  using OnNotify = std::function<void(NameView zone, const IpAddress& sender)>;

  TransferResponder(const Clock& clock, OnTransfer on_transfer, OnNotify on_notify)
      : clock_(clock), on_transfer_(std::move(on_transfer)), on_notify_(std::move(on_notify)) {}

  /// The size of the answer in `out`, which holds at least 512 octets; 0 if there is to be none.
  std::size_t udp(const TransferRequest& request, const ResponderOptions& options, MutableBytes out);
  void tcp(const TransferRequest& request, const ResponderOptions& options, TcpReply& reply);

 private:
  struct Answering;
  std::size_t decline(Answering& answering, Rcode rcode, std::optional<EdeCode> ede, MutableBytes out);
  std::size_t answer_notify(Answering& answering, MutableBytes out);
  std::size_t answer_transfer(Answering& answering, MutableBytes out);
  std::size_t answer(Answering& answering, MutableBytes out);
  void stream(Answering& answering, TcpReply& reply);
  std::size_t sign(Answering& answering, MutableBytes out, std::size_t size);

  const Clock& clock_;
  OnTransfer on_transfer_;
  OnNotify on_notify_;
  Responder responder_;
  MessageWriter writer_;
};

}  // namespace zw
