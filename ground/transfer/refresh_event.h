// What happens while a zone is kept, for the log and for metrics.
#pragma once

#include <optional>
#include <string_view>

#include "dns/address.h"
#include "log/log.h"
#include "metrics/metrics.h"
#include "transfer/transfer_in.h"

namespace zw {

/// Views its text and names: good for the call that it is passed to.
struct RefreshEvent {
  enum class Kind : std::uint8_t {
    notified,          // NOTIFY was allowed
    soa_answered,      // `serial`
    soa_failed,        // `what`
    transfer_begun,    // `method`: what was asked
    transfer_current,  // the primary has what we have
    transfer_failed,   // `fault`, `what`, `counts`, `took`
    transfer_done,     // `method`: what came; `serial`, `counts`, `took`
    accepted,          // `serial`, `took`: from the last octet to the verdict
    refused,           // `what`, `serial`, `took`
    confirmed,         // `left`: how long the copy is good now
    expired,
  };
  Kind kind{};
  NameView zone{};
  Address primary{};
  std::optional<Serial> serial{};
  TransferMethod method{};
  TransferFault fault{};
  TransferCounts counts{};
  Milliseconds took{0};
  Milliseconds left{0};
  std::string_view what{};
};

/// One line for an event; those that come often and say nothing new at the level `debug`.
void log_event(Logger& log, const RefreshEvent& event);

/// Counts events of one zone.
class RefreshMetrics {
 public:
  RefreshMetrics(Metrics& metrics, NameView zone);
  void count(const RefreshEvent& event);

 private:
  Counter soa_answered_, soa_failed_, axfr_, ixfr_, current_, failed_, octets_, accepted_, refused_,
      notified_;
  Gauge expired_;
  Histogram seconds_;
};

}  // namespace zw
