// Fetches a zone from a primary, over TCP or TLS. Lives on its loop's thread.
#pragma once

#include <functional>
#include <memory>

#include "base/random.h"
#include "net/exchange.h"
#include "transfer/primary.h"
#include "transfer/transfer_in.h"

namespace zw {

class ZoneFetch {
 public:
  /// `transfer`: complete, up to date or failed; the receiver may keep it. In it the fetch may be started
  /// again or destroyed.
  using OnEnd = std::function<void(std::unique_ptr<IncomingTransfer> transfer)>;

  ZoneFetch(Loop& loop, const Clock& clock, Random& random, const AskTimes& times,
            const TransferLimits& limits)
      : clock_(clock), random_(random), times_(times), limits_(limits), tcp_(loop) {}

  /// `question`: its ID is chosen here. `on_end` is called once, from the loop.
  void start(const Primary& primary, TransferQuestion question, OnEnd on_end);
  void stop() { tcp_.stop(); }
  /// Of the transfer that is running.
  TransferCounts counts() const { return transfer_ ? transfer_->counts() : TransferCounts(); }

 private:
  void ask();
  void ended(const Result<void>& result);

  const Clock& clock_;
  Random& random_;
  AskTimes times_;
  TransferLimits limits_;
  TcpExchange tcp_;
  Primary primary_;
  TransferQuestion question_;
  bool edns_ = true;
  OnEnd on_end_;
  std::unique_ptr<IncomingTransfer> transfer_;
};

}  // namespace zw
