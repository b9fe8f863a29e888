// What localroot counts.
#pragma once

#include <array>

#include "metrics/metrics.h"

namespace zw::localroot {

/// Of one worker.
struct HandlerCounters {
  std::array<OwnCounter, 6> answers;  // by RCODE 0 to 5
  OwnCounter other_answers, dropped, transfers, transfers_refused, notifies, notifies_refused, bad_signatures;
};
HandlerCounters make_handler_counters(Metrics& metrics, std::size_t worker);

/// Of one zone.
struct ZoneGauges {
  Gauge serial, condition, expires, signed_until, verify_seconds, image_bytes;
  Counter published, refused, transfers_out;
};
ZoneGauges make_zone_gauges(Metrics& metrics, const std::string& zone);

}  // namespace zw::localroot
