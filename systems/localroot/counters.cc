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
  auto given = [&](std::string_view what) {
    return metrics.own_counter(
        worker, "zonewright_transfers_out_total",
        "Transfers that were sent to their end: the zone to who asked for it, differences, "
        "or the zone in place of differences that are larger or not known.",
        {{"given", std::string(what)}});
  };
  auto limited = [&](std::string_view how) {
    return metrics.own_counter(worker, "zonewright_dns_answers_limited_total",
                               "Answers over UDP beyond the rate limit: not sent, or truncated so that the "
                               "client comes over TCP.",
                               {{"how", std::string(how)}});
  };
  return {{answers("NOERROR"), answers("FORMERR"), answers("SERVFAIL"), answers("NXDOMAIN"),
           answers("NOTIMP"), answers("REFUSED")},
          answers("other"),
          counter("zonewright_dns_requests_dropped_total", "Messages that got no answer."),
          given("axfr"),
          given("ixfr"),
          given("axfr-for-ixfr"),
          counter("zonewright_transfers_out_refused_total", "Transfers that were refused."),
          counter("zonewright_notifies_in_total", "NOTIFY messages that were allowed."),
          counter("zonewright_notifies_in_refused_total", "NOTIFY messages that were refused."),
          counter("zonewright_tsig_failures_total", "Requests whose TSIG did not verify."),
          limited("dropped"),
          limited("truncated")};
}

OwnCounter& HandlerCounters::given(const TransferAnswered& answered) {
  if (answered.decision.form == TransferForm::differences) return ixfr;
  return answered.asked == RrType::IXFR ? axfr_for_ixfr : axfr;
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
          gauge("zonewright_zone_step_bytes",
                "The change from the version before as an answer to IXFR, whether it is sent or not; compare "
                "zonewright_zone_image_bytes."),
          gauge("zonewright_zone_differences_bytes", "Memory of the differences that are ready to be sent."),
          gauge("zonewright_zone_differences_versions_count",
                "Versions from which a client gets differences instead of the zone."),
          gauge("zonewright_zone_journal_bytes", "History of the zone on disk."),
          gauge("zonewright_zone_journal_versions_count", "Versions of which the history on disk knows."),
          gauge("zonewright_zone_log_entries_count", "Publications in the log."),
          gauge("zonewright_zone_log_broken_ratio", "1 while publications cannot be added to the log."),
          counter("zonewright_zone_published_total", "Versions that were published."),
          counter("zonewright_zone_refused_total", "Versions that were fetched and not published."),
          counter("zonewright_zone_transfers_out_total",
                  "Transfers of the zone, or of differences, to subscribers."),
          metrics.histogram(
              "zonewright_zone_publish_seconds",
              "From the last octet of a transfer until the version is published, verified and on disk.",
              {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300}, labels)};
}

}  // namespace zw::localroot
