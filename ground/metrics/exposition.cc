#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <bit>
#include <sstream>

#include "metrics/metrics.h"
#include "metrics/process.h"
#include "metrics/series.h"

namespace zw {
namespace {

prometheus::MetricFamily process_family(const char* name, const char* help, prometheus::MetricType type,
                                        double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = metric.gauge.value = value;
  return {name, help, type, {metric}};
}

void append_process(std::vector<prometheus::MetricFamily>& out) {
  using prometheus::MetricType;
  ProcessFacts facts = read_process_facts();
  out.push_back(process_family("zonewright_process_cpu_seconds_total", "Processor time of all threads.",
                               MetricType::Counter, facts.cpu_seconds));
  out.push_back(process_family("zonewright_process_resident_bytes", "Memory that is in use.",
                               MetricType::Gauge, static_cast<double>(facts.resident_bytes)));
  out.push_back(process_family("zonewright_process_threads", "Threads.", MetricType::Gauge,
                               static_cast<double>(facts.threads)));
  out.push_back(process_family("zonewright_process_open_files", "Open files and sockets.", MetricType::Gauge,
                               static_cast<double>(facts.open_files)));
}

}  // namespace

/// Turns series into what the serializer of prometheus-cpp takes.
class Exposition {
 public:
  static prometheus::MetricFamily family(const Metrics::Family& from) {
    prometheus::MetricFamily out{from.name, from.help, type(from.type), {}};
    for (const auto& series : from.series)
      if (!series->retired) out.metric.push_back(metric(from, *series));
    return out;
  }

 private:
  static prometheus::MetricType type(Metrics::Type type) {
    switch (type) {
      case Metrics::Type::counter: return prometheus::MetricType::Counter;
      case Metrics::Type::gauge: return prometheus::MetricType::Gauge;
      case Metrics::Type::histogram: break;
    }
    return prometheus::MetricType::Histogram;
  }

  static prometheus::ClientMetric metric(const Metrics::Family& family, const Metrics::Series& series) {
    prometheus::ClientMetric out;
    for (const auto& label : series.labels) out.label.push_back({label.name, label.value});
    if (family.type == Metrics::Type::counter) out.counter.value = static_cast<double>(series.sum(0));
    if (family.type == Metrics::Type::gauge) out.gauge.value = std::bit_cast<double>(series.sum(0));
    if (family.type == Metrics::Type::histogram) out.histogram = histogram(family, series);
    return out;
  }

  static prometheus::ClientMetric::Histogram histogram(const Metrics::Family& family,
                                                       const Metrics::Series& series) {
    prometheus::ClientMetric::Histogram out;
    for (std::size_t i = 0; i < family.bounds.size(); ++i) {
      out.sample_count += series.sum(i);
      out.bucket.push_back({out.sample_count, family.bounds[i]});
    }
    out.sample_count += series.sum(family.bounds.size());  // the serializer adds the bucket without a bound
    out.sample_sum = std::bit_cast<double>(series.sum(family.bounds.size() + 1));
    return out;
  }
};

std::string Metrics::exposition() const {
  std::vector<prometheus::MetricFamily> families;
  {
    std::lock_guard lock(mutex_);
    for (const auto& family : families_) families.push_back(Exposition::family(*family));
  }
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  append_process(families);
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace zw
