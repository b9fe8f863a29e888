// One worker's side of the server: queries, transfers and NOTIFY, signed or not, from the newest snapshot.
#pragma once

#include <functional>
#include <optional>

#include "authority/rate_limiter.h"
#include "authority/responder.h"
#include "base/scratch.h"
#include "dns/tsig.h"
#include "localroot/counters.h"
#include "localroot/snapshot.h"
#include "net/handler.h"
#include "transfer/transfer_responder.h"

namespace zw::localroot {

/// What a worker tells the thread that looks after the zones. Called on the worker's thread; must not block.
struct Tidings {
  /// A NOTIFY that was allowed.
  std::function<void(NameView zone, const Address& from)> notified;
  /// A transfer was asked for, and went out, broke off or was not given.
  std::function<void(const TransferAnswered&)> transfer;
  /// A transfer was asked for with a signature that is not good, or a subscriber of the portal asked for the
  /// SOA. `refusal`: a literal; empty of the latter.
  std::function<void(NameView zone, const Peer& peer, std::optional<NameView> key, std::string_view refusal)>
      asked = {};
  /// A client's TLS session failed.
  std::function<void(const Address& from, std::string_view reason)> tls_failed = {};
  /// Limiting the responses to a network begins, after one of this kind.
  std::function<void(const Network& to, ResponseKind kind)> limited = {};
};

class ZoneHandler final : public Handler {
 public:
  /// `clock` and `tidings` outlive it.
  ZoneHandler(const Clock& clock, const Tidings& tidings, HandlerCounters counters);

  void take(SnapshotPtr snapshot);

  std::size_t udp(Bytes query, const Peer& peer, MutableBytes out) override;
  void tcp(Bytes query, const Peer& peer, TcpReply& reply) override;
  void tls_failed(const Peer& peer, std::string_view reason) override;

 private:
  // One request with what was found of it.
  struct Asked;
  std::size_t answer(Asked& asked, MutableBytes out);
  void verify(Asked& asked) const;
  bool may_ask(const Asked& asked) const;
  void tell_of_question(const Asked& asked) const;
  std::size_t answer_transfer(Asked& asked, MutableBytes out);
  void count_transfer(const TransferAnswered& answered);
  void count_notify(const NotifyAnswered& answered);
  std::size_t limit(Asked& asked, std::size_t size, MutableBytes out);
  std::size_t decline(Asked& asked, Rcode rcode, std::optional<EdeCode> ede, MutableBytes out);
  void count(Bytes answer);

  const Clock& clock_;
  const Tidings& tidings_;
  HandlerCounters counters_;
  SnapshotPtr snapshot_;
  ResponderOptions options_;  // of the snapshot, with the keepalive time of this moment
  Responder responder_;
  std::optional<RateLimiter> limiter_;
  MessageWriter writer_;
  TransferResponder transfers_;
  Scratch room_;  // for an answer over TCP
};

}  // namespace zw::localroot
