#include "transfer/zone_fetch.h"

#include <limits>

#include "transfer/sign_query.h"
#include "transfer/transfer_query.h"

namespace zw {

namespace {

TransferFault fault_of(ErrorKind kind) {
  if (kind == ErrorKind::timeout) return TransferFault::timed_out;
  if (kind == ErrorKind::limit) return TransferFault::too_large;
  return kind == ErrorKind::malformed ? TransferFault::malformed : TransferFault::unreachable;
}

}  // namespace

void ZoneFetch::start(const Primary& primary, TransferQuestion question, OnEnd on_end) {
  primary_ = primary;
  question_ = std::move(question);
  on_end_ = std::move(on_end);
  edns_ = true;
  ask();
}

void ZoneFetch::ask() {
  question_.id = static_cast<std::uint16_t>(random_.next());
  bool ixfr = question_.method == TransferMethod::ixfr;
  Buffer query = compose_transfer_query({.zone = question_.zone,
                                         .type = ixfr ? RrType::IXFR : RrType::AXFR,
                                         .rr_class = question_.rr_class,
                                         .id = question_.id,
                                         .current = question_.current.get(),
                                         .edns = edns_,
                                         .padded = primary_.tls != nullptr});
  auto tsig = sign_query(primary_.key, query, clock_.wall());
  transfer_ = std::make_unique<IncomingTransfer>(question_, limits_, std::move(tsig));
  // The octets are counted by the transfer, which knows messages; here is only what no transfer can reach.
  TcpExchangeLimits limits{.connect = times_.connect,
                           .idle = times_.idle,
                           .overall = times_.overall,
                           .octets = std::numeric_limits<std::size_t>::max()};
  auto take = [this](Bytes message) {
    return transfer_->feed(message, clock_.wall()) == TransferState::need_more ? Next::more : Next::done;
  };
  tcp_.start(
      primary_.address, primary_.from, query, limits, take,
      [this](const Result<void>& result) { ended(result); }, primary_.tls);
}

void ZoneFetch::ended(const Result<void>& result) {
  if (!result)
    transfer_->broke(tcp_.has_failed_in_tls() ? TransferFault::bad_tls : fault_of(result.error().kind),
                     result.error().what);
  Rcode rcode = transfer_->failure().rcode;
  bool old_primary = rcode == Rcode::FORMERR || rcode == Rcode::NOTIMP || rcode == Rcode::BADVERS;
  if (edns_ && old_primary && transfer_->counts().messages == 1) {
    edns_ = false;
    return ask();
  }
  question_.current.reset();                              // which may be the last to hold the version before
  std::exchange(on_end_, nullptr)(std::move(transfer_));  // nothing after this: it may have destroyed us
}

}  // namespace zw
