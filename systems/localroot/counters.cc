#include "localroot/counters.h"

namespace zw::localroot {

HandlerCounters make_handler_counters(Metrics& metrics, std::size_t worker) {
  auto answers = [&](std::string_view rcode) {
    return metrics.own_counter(worker, "zonewright_dns_answers_total", "Answers by RCODE.",
                               {{"rcode", std::string(rcode)}});
  };
  auto counter = [&](std::string_view name, std::string_view help) {
    return metrics.own_counter(worker, name, help);
  };
  return {{answers("NOERROR"), answers("FORMERR"), answers("SERVFAIL"), answers("NXDOMAIN"),
           answers("NOTIMP"), answers("REFUSED")},
          answers("other"),
          counter("zonewright_dns_requests_dropped_total", "Messages that got no answer."),
          counter("zonewright_transfers_out_total", "Zones that were asked for and sent."),
          counter("zonewright_transfers_out_refused_total", "Transfers that were refused."),
          counter("zonewright_notifies_in_total", "NOTIFY messages that were allowed."),
          counter("zonewright_notifies_in_refused_total", "NOTIFY messages that were refused."),
          counter("zonewright_tsig_failures_total", "Requests whose TSIG did not verify.")};
}

ZoneGauges make_zone_gauges(Metrics& metrics, const std::string& zone) {
  MetricLabels labels = {{"zone", zone}};
  auto gauge = [&](std::string_view name, std::string_view help) {
    return metrics.gauge(name, help, labels);
  };
  auto counter = [&](std::string_view name, std::string_view help) {
    return metrics.counter(name, help, labels);
  };
  return {gauge("zonewright_zone_serial_numbers", "Serial that is served; 0 for none."),
          gauge("zonewright_zone_served_ratio",
                "1 while the zone is served, 0 while it is waited for or expired."),
          gauge("zonewright_zone_expires_timestamp_seconds", "When the copy is used no more."),
          gauge("zonewright_zone_signed_until_timestamp_seconds",
                "When the first RRset can be believed no more."),
          gauge("zonewright_zone_verify_seconds", "How long the last verification took."),
          gauge("zonewright_zone_image_bytes",
                "Memory of the answer to AXFR that all are sent; 0 where it is rendered for each."),
          counter("zonewright_zone_published_total", "Versions that were published."),
          counter("zonewright_zone_refused_total", "Versions that were fetched and not published."),
          counter("zonewright_zone_transfers_out_total", "Whole transfers of the zone to subscribers.")};
}

}  // namespace zw::localroot
