#include "transfer/refresh_event.h"

namespace zw {

namespace {

using Kind = RefreshEvent::Kind;

struct Line {
  LogLevel level;
  std::string_view message;
};

Line line_of(Kind kind) {
  switch (kind) {
    case Kind::notified: return {LogLevel::info, "NOTIFY received"};
    case Kind::soa_answered: return {LogLevel::debug, "primary told its serial"};
    case Kind::soa_failed: return {LogLevel::warning, "primary did not tell its serial"};
    case Kind::transfer_begun: return {LogLevel::debug, "transfer begun"};
    case Kind::transfer_current: return {LogLevel::debug, "primary has nothing newer"};
    case Kind::transfer_failed: return {LogLevel::warning, "transfer failed"};
    case Kind::transfer_done: return {LogLevel::info, "transfer done"};
    case Kind::accepted: return {LogLevel::info, "new version accepted"};
    case Kind::refused: return {LogLevel::error, "new version refused"};
    case Kind::confirmed: return {LogLevel::debug, "copy confirmed"};
    case Kind::expired: return {LogLevel::error, "copy expired, and is not used any more"};
  }
  return {LogLevel::error, ""};
}

bool has_method(Kind kind) {
  return kind == Kind::transfer_begun || kind == Kind::transfer_failed || kind == Kind::transfer_done;
}
bool has_counts(Kind kind) { return kind == Kind::transfer_failed || kind == Kind::transfer_done; }

}  // namespace

void log_event(Logger& log, const RefreshEvent& event) {
  auto [level, message] = line_of(event.kind);
  if (!log.enabled(level)) return;
  std::string zone = print(event.zone),
              primary = event.primary.port ? event.primary.print() : event.primary.ip.print();
  std::vector<LogField> fields = {{"zone", zone}};
  if (event.kind != Kind::expired) fields.emplace_back("primary", primary);
  if (event.serial) fields.emplace_back("serial", event.serial->value());
  if (has_method(event.kind)) fields.emplace_back("method", print(event.method));
  if (event.kind == Kind::transfer_failed) fields.emplace_back("fault", print(event.fault));
  if (!event.what.empty()) fields.emplace_back("reason", event.what);
  if (has_counts(event.kind)) {
    fields.emplace_back("bytes", event.counts.octets);
    fields.emplace_back("messages", event.counts.messages);
    fields.emplace_back("records", event.counts.records);
  }
  if (event.took.count() > 0 || has_counts(event.kind)) fields.emplace_back("took_ms", event.took.count());
  if (event.kind == Kind::confirmed) fields.emplace_back("good_for_s", event.left.count() / 1000);
  log.write(level, message, fields);
}

namespace {

Counter counter(Metrics& metrics, std::string_view name, std::string_view help, NameView zone,
                std::string_view result = {}) {
  MetricLabels labels = {{"zone", print(zone)}};
  if (!result.empty()) labels.push_back({"result", std::string(result)});
  return metrics.counter(name, help, std::move(labels));
}

constexpr std::string_view kProbes = "zonewright_transfer_probes_total";
constexpr std::string_view kProbesHelp = "Questions for the SOA of a primary.";
constexpr std::string_view kFetches = "zonewright_transfer_fetches_total";
constexpr std::string_view kFetchesHelp = "Zones asked of a primary.";
constexpr std::string_view kVersions = "zonewright_transfer_versions_total";
constexpr std::string_view kVersionsHelp = "New versions, as the publisher judged them.";

}  // namespace

RefreshMetrics::RefreshMetrics(Metrics& metrics, NameView zone)
    : soa_answered_(counter(metrics, kProbes, kProbesHelp, zone, "answered")),
      soa_failed_(counter(metrics, kProbes, kProbesHelp, zone, "failed")),
      axfr_(counter(metrics, kFetches, kFetchesHelp, zone, "axfr")),
      ixfr_(counter(metrics, kFetches, kFetchesHelp, zone, "ixfr")),
      current_(counter(metrics, kFetches, kFetchesHelp, zone, "current")),
      failed_(counter(metrics, kFetches, kFetchesHelp, zone, "failed")),
      octets_(counter(metrics, "zonewright_transfer_fetched_bytes_total",
                      "Octets of messages from primaries.", zone)),
      accepted_(counter(metrics, kVersions, kVersionsHelp, zone, "accepted")),
      refused_(counter(metrics, kVersions, kVersionsHelp, zone, "refused")),
      notified_(counter(metrics, "zonewright_transfer_notifies_received_total", "NOTIFY from those who may.",
                        zone)),
      expired_(metrics.gauge("zonewright_transfer_expired_zones", "1 while the copy of a zone is expired.",
                             {{"zone", print(zone)}})),
      seconds_(metrics.histogram("zonewright_transfer_fetch_seconds", "How long a zone took to come.",
                                 {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300}, {{"zone", print(zone)}})) {}

void RefreshMetrics::count(const RefreshEvent& event) {
  octets_.add(event.counts.octets);
  switch (event.kind) {
    case Kind::notified: return notified_.add();
    case Kind::soa_answered: return soa_answered_.add();
    case Kind::soa_failed: return soa_failed_.add();
    case Kind::transfer_begun: return;
    case Kind::transfer_current: return current_.add();
    case Kind::transfer_failed: return failed_.add();
    case Kind::transfer_done:
      seconds_.observe(static_cast<double>(event.took.count()) / 1000);
      return event.method == TransferMethod::axfr ? axfr_.add() : ixfr_.add();
    case Kind::accepted: return accepted_.add();
    case Kind::refused: return refused_.add();
    case Kind::confirmed: return expired_.set(0);
    case Kind::expired: return expired_.set(1);
  }
}

}  // namespace zw
