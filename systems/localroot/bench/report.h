// What came of a load, for people and for machines. The names and units of the machine's form are in
// docs/formats/bench-json.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "localroot/bench/histogram.h"

namespace zw::localroot {

/// How often something went wrong in each way, with the words of the first time.
class Failures {
 public:
  struct Kind {
    std::uint64_t count = 0;
    std::string example;
  };
  /// `reason`: one of few words in kebab-case.
  void add(std::string_view reason, std::string_view what);
  std::uint64_t count() const { return count_; }
  const std::map<std::string, Kind, std::less<>>& kinds() const { return kinds_; }

 private:
  std::map<std::string, Kind, std::less<>> kinds_;
  std::uint64_t count_ = 0;
};

class Report {
 public:
  enum class Unit { none, octets, per_second, octets_per_second, seconds };
  using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

  /// `kind`: xfr or query.
  explicit Report(std::string kind) : kind_(std::move(kind)) {}

  /// `key`: for machines, in snake_case with its unit at the end. `label`: for people.
  void text(std::string key, std::string label, std::string value);
  void count(std::string key, std::string label, std::uint64_t value, Unit unit = Unit::none);
  void number(std::string key, std::string label, double value, Unit unit);
  /// In microseconds.
  void times(std::string key, std::string label, const LogHistogram& histogram);
  /// How often each of several things was seen.
  void counts(std::string key, std::string label, Counts counts);
  /// What the program itself spent, which tells whether it was what limited the load.
  void self(double seconds);
  void failures(const Failures& failures) { failures_ = failures; }
  /// All that was asked for was done as it was asked.
  void succeeded(bool yes) { succeeded_ = yes; }
  bool succeeded() const { return succeeded_; }

  std::string print_text() const;
  std::string print_json() const;

 private:
  struct Percentiles {
    std::uint64_t count;
    double mean;
    std::uint64_t p50, p90, p99, p999, max;
  };
  struct Row {
    std::string key, label;
    std::variant<std::string, std::uint64_t, double, Percentiles, Counts> value;
    Unit unit = Unit::none;
  };
  void print_times(std::string& out) const;

  std::string kind_;
  std::vector<Row> rows_;
  Failures failures_;
  bool succeeded_ = true;
};

/// `830 us`, `12.4 ms`, `3.21 s`.
std::string print_micros(double micros);
/// `1.4 MB`, in powers of ten.
std::string print_octets(double octets);

}  // namespace zw::localroot
