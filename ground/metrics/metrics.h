// Numbers about the running program in the manner of Prometheus (prometheus.io/docs/practices/naming): every
// name begins with `zonewright_`, is in snake_case and ends in its unit (`_seconds`, `_bytes`, `_ratio`, or
// the plural noun that is counted); counters end in `_total` after the unit.
//
// Counting costs a load and a store on a line of memory that belongs to one thread: a worker of the query
// path registers with its own number as `owner`, and the exposition adds the owners up. Everybody else uses
// what is shared. Handles are small values and stay good as long as the Metrics object, which is made once by
// a program and handed around.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zw {

using MetricCell = std::atomic<std::uint64_t>;

/// Counts what one thread does. Only the owner adds; everybody may read.
class OwnCounter {
 public:
  explicit OwnCounter(MetricCell& cell) : cell_(&cell) {}
  void add(std::uint64_t n = 1) { cell_->store(value() + n, std::memory_order_relaxed); }
  std::uint64_t value() const { return cell_->load(std::memory_order_relaxed); }

 private:
  MetricCell* cell_;
};

/// Counts what any thread does.
class Counter {
 public:
  explicit Counter(MetricCell& cell) : cell_(&cell) {}
  void add(std::uint64_t n = 1) { cell_->fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return cell_->load(std::memory_order_relaxed); }

 private:
  MetricCell* cell_;
};

/// A value that rises and falls. Safe for many threads.
class Gauge {
 public:
  explicit Gauge(MetricCell& cell) : cell_(&cell) {}
  void set(double value);
  void add(double change);
  double value() const;

 private:
  MetricCell* cell_;
};

/// How often a value fell at or below each bound. Safe for many threads.
class Histogram {
 public:
  /// `cells`: one for each bound, one for what is above, one for the sum.
  Histogram(std::span<MetricCell> cells, const std::vector<double>& bounds)
      : cells_(cells), bounds_(&bounds) {}
  void observe(double value);

 private:
  std::span<MetricCell> cells_;
  const std::vector<double>* bounds_;
};

/// What a series is called and what it tells; `labels` come from a small set, never from a client.
struct MetricLabel {
  std::string name;
  std::string value;
  friend auto operator<=>(const MetricLabel&, const MetricLabel&) = default;
};
using MetricLabels = std::vector<MetricLabel>;

class Metrics {
 public:
  /// `owners`: threads that count for themselves, numbered from 0.
  explicit Metrics(std::size_t owners = 0);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same name and labels give the same series again. One name has one help text, one type and one set of
  /// bounds; a name that breaks the rules above is a mistake of ours and stops the program.
  OwnCounter own_counter(std::size_t owner, std::string_view name, std::string_view help,
                         MetricLabels labels = {});
  Counter counter(std::string_view name, std::string_view help, MetricLabels labels = {});
  Gauge gauge(std::string_view name, std::string_view help, MetricLabels labels = {});
  /// `bounds`: rising.
  Histogram histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                      MetricLabels labels = {});

  /// Leaves every series with this label out of the exposition, until somebody asks for it again. For what is
  /// configured no more.
  void retire(const MetricLabel& label);

  /// Everything, and what the kernel knows of this process, in the text format 0.0.4 of Prometheus.
  std::string exposition() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  enum class Type { counter, gauge, histogram };
  struct Series;
  struct Family;
  struct Arena;
  Family& family(Type type, std::string_view name, std::string_view help);
  Series& series(Family& family, MetricLabels labels);
  std::span<MetricCell> cells(Series& series, std::size_t owner, std::size_t count);
  std::size_t shared() const { return arenas_.size() - 1; }
  friend class Exposition;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Arena>> arenas_;  // of each owner; the last is shared
  std::vector<std::unique_ptr<Family>> families_;
};

}  // namespace zw
