// What localroot counts.
#pragma once

#include <array>

#include "metrics/metrics.h"
#include "transfer/transfer_responder.h"

namespace zw::localroot {

/// Of one worker.
struct HandlerCounters {
  std::array<OwnCounter, 6> answers;  // by RCODE 0 to 5
  OwnCounter other_answers, dropped;
  // Streams, by what was asked and given; see the metric.
  OwnCounter axfr, ixfr, axfr_for_ixfr;
  OwnCounter transfers_refused, notifies, notifies_refused, bad_signatures;
  OwnCounter limited_dropped, limited_truncated;

  OwnCounter& given(const TransferAnswered& answered);
};
HandlerCounters make_handler_counters(Metrics& metrics, std::size_t worker);

/// Of one zone.
struct ZoneGauges {
  Gauge serial, condition, expires, signed_until, verify_seconds, image_bytes;
  Gauge step_bytes, differences_bytes, differences_versions, journal_bytes, journal_versions, log_entries,
      log_broken;
  Counter published, refused, transfers_out;
  Histogram publish;
};
ZoneGauges make_zone_gauges(Metrics& metrics, const std::string& zone);

}  // namespace zw::localroot
