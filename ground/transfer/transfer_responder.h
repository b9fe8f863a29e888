// Answers requests for transfers, and NOTIFY, once their signature is verified: reads, decides, writes,
// signs. One for each worker of a server, on its thread.
#pragma once

#include <functional>
#include <memory>

#include "authority/responder.h"
#include "dns/tsig.h"
#include "log/log.h"
#include "net/handler.h"
#include "transfer/differences.h"
#include "transfer/notify_in.h"
#include "transfer/transfer_decision.h"
#include "transfer/transfer_out.h"

namespace zw {

/// A request as a handler has it.
struct TransferRequest {
  const Request& request;  // of the kind `transfer` or `notify`
  const Peer& peer;
  std::optional<NameView> key{};                      // whose signature on the request is good
  std::optional<TsigStreamSigner>* signer = nullptr;  // signs the answer, if there is one; a stream takes it
  WallTime now{};
  const ServedZone* zone = nullptr;          // whose origin is the name of the question
  Rendered rendered{};                       // of its zone
  const AccessList* may_transfer = nullptr;  // null: nobody may
  bool is_granted = false;                   // this one may, whatever the list says
  const AccessList* may_notify = nullptr;    // null: we are no secondary for the zone
  std::shared_ptr<const void> keep{};        // lives as long as the answer, as the keys must
};

/// A request for a transfer and what became of it; views good for the call.
struct TransferAnswered {
  NameView zone;
  Address client;
  std::optional<NameView> key;  // that signed the request
  RrType asked{};               // AXFR or IXFR
  TransferDecision decision;
  std::optional<Serial> had;     // what the client has, as its IXFR says
  std::optional<Serial> serial;  // what was given
  SentTransfer sent{};           // of a stream
  Milliseconds took{0};
  Transport transport = Transport::tcp;
};
/// One line for it, within `rate`: strangers can ask as often as they like.
void log_transfer(Logger& log, LogRate& rate, const TransferAnswered& answered);

/// The same for NOTIFY.
struct NotifyAnswered {
  NameView zone;
  Address sender;
  NotifyDecision decision;
};

class TransferResponder {
 public:
  using OnTransfer = std::function<void(const TransferAnswered&)>;
  using OnNotify = std::function<void(const NotifyAnswered&)>;

  /// All outlives it, and the streams that it begins.
  TransferResponder(const Clock& clock, Responder& responder, MessageWriter& writer, OnTransfer on_transfer,
                    OnNotify on_notify)
      : clock_(clock),
        responder_(responder),
        writer_(writer),
        on_transfer_(std::move(on_transfer)),
        on_notify_(std::move(on_notify)) {}

  /// The size of the answer in `out`, which holds at least 512 octets. 0 if there is none, or if it goes out
  /// as a stream of `reply` (null over UDP).
  std::size_t answer(const TransferRequest& asked, const ResponderOptions& options, MutableBytes out,
                     TcpReply* reply);

 private:
  std::size_t answer_notify(const TransferRequest& asked, const ResponderOptions& options, MutableBytes out);
  std::size_t decline(const TransferRequest& asked, const ResponderOptions& options, Rcode rcode,
                      std::optional<EdeCode> ede, MutableBytes out);
  void stream(const TransferRequest& asked, const TransferQuery& query, const TransferDecision& decision,
              TcpReply& reply);

  const Clock& clock_;
  Responder& responder_;
  MessageWriter& writer_;
  OnTransfer on_transfer_;
  OnNotify on_notify_;
};

}  // namespace zw
