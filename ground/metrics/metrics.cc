#include "metrics/metrics.h"

#include <algorithm>
#include <bit>

#include "base/result.h"
#include "metrics/series.h"

namespace zw {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void add_to_double(MetricCell& cell, double change) {
  std::uint64_t before = cell.load(std::memory_order_relaxed);
  while (!cell.compare_exchange_weak(before,
                                     std::bit_cast<std::uint64_t>(std::bit_cast<double>(before) + change),
                                     std::memory_order_relaxed)) {
  }
}

}  // namespace

Metrics::Metrics(std::size_t owners) {
  for (std::size_t i = 0; i <= owners; ++i) arenas_.push_back(std::make_unique<Arena>());
}
Metrics::~Metrics() = default;

Metrics::Family& Metrics::family(Type type, std::string_view name, std::string_view help) {
  auto found = std::ranges::find(families_, name, [](const auto& f) -> std::string_view { return f->name; });
  if (found != families_.end()) {
    ZW_ASSERT((*found)->type == type && (*found)->help == help);
    return **found;
  }
  ZW_ASSERT(is_name(name) && name.starts_with("zonewright_") && !help.empty());
  ZW_ASSERT(name.ends_with("_total") == (type == Type::counter));
  families_.push_back(std::make_unique<Family>(Family{type, std::string(name), std::string(help), {}, {}}));
  return *families_.back();
}

Metrics::Series& Metrics::series(Family& family, MetricLabels labels) {
  std::ranges::sort(labels);
  for (auto& series : family.series) {
    if (series->labels != labels) continue;
    series->retired = false;
    return *series;
  }
  for (const auto& label : labels) ZW_ASSERT(is_name(label.name));
  family.series.push_back(std::make_unique<Series>(Series{std::move(labels), {}, false}));
  family.series.back()->by_owner.resize(arenas_.size());
  return *family.series.back();
}

std::span<MetricCell> Metrics::cells(Series& series, std::size_t owner, std::size_t count) {
  auto& mine = series.by_owner[owner];
  if (mine.empty()) mine = arenas_[owner]->take(count);
  return mine;
}

OwnCounter Metrics::own_counter(std::size_t owner, std::string_view name, std::string_view help,
                                MetricLabels labels) {
  std::lock_guard lock(mutex_);
  ZW_ASSERT(owner < shared());
  return OwnCounter(cells(series(family(Type::counter, name, help), std::move(labels)), owner, 1)[0]);
}

Counter Metrics::counter(std::string_view name, std::string_view help, MetricLabels labels) {
  std::lock_guard lock(mutex_);
  return Counter(cells(series(family(Type::counter, name, help), std::move(labels)), shared(), 1)[0]);
}

Gauge Metrics::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
  std::lock_guard lock(mutex_);
  return Gauge(cells(series(family(Type::gauge, name, help), std::move(labels)), shared(), 1)[0]);
}

Histogram Metrics::histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                             MetricLabels labels) {
  std::lock_guard lock(mutex_);
  ZW_ASSERT(!bounds.empty() && std::ranges::is_sorted(bounds));
  Family& kind = family(Type::histogram, name, help);
  if (kind.bounds.empty()) kind.bounds = bounds;  // handles read it without a lock: set once
  ZW_ASSERT(kind.bounds == bounds);
  Series& found = series(kind, std::move(labels));
  return Histogram(cells(found, shared(), bounds.size() + 2), kind.bounds);
}

void Metrics::retire(const MetricLabel& label) {
  std::lock_guard lock(mutex_);
  for (auto& family : families_)
    for (auto& series : family->series)
      if (std::ranges::find(series->labels, label) != series->labels.end()) series->retired = true;
}

void Gauge::set(double value) {
  cell_->store(std::bit_cast<std::uint64_t>(value), std::memory_order_relaxed);
}
void Gauge::add(double change) { add_to_double(*cell_, change); }
double Gauge::value() const { return std::bit_cast<double>(cell_->load(std::memory_order_relaxed)); }

void Histogram::observe(double value) {
  auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(*bounds_, value) - bounds_->begin());
  cells_[bucket].fetch_add(1, std::memory_order_relaxed);
  add_to_double(cells_.back(), value);
}

}  // namespace zw
