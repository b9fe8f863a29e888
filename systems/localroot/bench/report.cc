#include "localroot/bench/report.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include "format/json.h"

namespace zw::localroot {

void Failures::add(std::string_view reason, std::string_view what) {
  auto found = kinds_.find(reason);
  if (found == kinds_.end()) found = kinds_.emplace(reason, Kind{0, std::string(what)}).first;
  ++found->second.count;
  ++count_;
}

void Report::text(std::string key, std::string label, std::string value) {
  rows_.push_back({std::move(key), std::move(label), std::move(value)});
}
void Report::count(std::string key, std::string label, std::uint64_t value, Unit unit) {
  rows_.push_back({std::move(key), std::move(label), value, unit});
}
void Report::number(std::string key, std::string label, double value, Unit unit) {
  rows_.push_back({std::move(key), std::move(label), value, unit});
}
void Report::times(std::string key, std::string label, const LogHistogram& histogram) {
  Percentiles values{histogram.count(),
                     histogram.mean(),
                     histogram.percentile(0.5),
                     histogram.percentile(0.9),
                     histogram.percentile(0.99),
                     histogram.percentile(0.999),
                     histogram.max()};
  rows_.push_back({std::move(key), std::move(label), values});
}
void Report::counts(std::string key, std::string label, Counts counts) {
  rows_.push_back({std::move(key), std::move(label), std::move(counts)});
}

void Report::self(double seconds) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  number("seconds", "took", seconds, Unit::seconds);
  number("self_cpu_seconds", "CPU of this program", of(used.ru_utime) + of(used.ru_stime), Unit::seconds);
  count("self_peak_bytes", "memory of this program", static_cast<std::uint64_t>(used.ru_maxrss) * 1024,
        Unit::octets);
}

std::string print_micros(double micros) {
  if (micros < 1000) return fmt::format("{:.0f} us", micros);
  if (micros < 1e6) return fmt::format("{:.3g} ms", micros / 1e3);
  return fmt::format("{:.2f} s", micros / 1e6);
}

std::string print_octets(double octets) {
  for (auto [unit, word] : {std::pair(1e9, "GB"), std::pair(1e6, "MB"), std::pair(1e3, "kB")})
    if (octets >= unit) return fmt::format("{:.1f} {}", octets / unit, word);
  return fmt::format("{:.0f} B", octets);
}

namespace {

constexpr std::size_t kMostLines = 10;  // of one thing; machines get all

std::string print_number(double value, Report::Unit unit) {
  switch (unit) {
    case Report::Unit::octets: return print_octets(value);
    case Report::Unit::octets_per_second: return print_octets(value) + "/s";
    case Report::Unit::per_second: return fmt::format("{:.1f}/s", value);
    case Report::Unit::seconds: return fmt::format("{:.2f} s", value);
    case Report::Unit::none: break;
  }
  return fmt::format("{:.0f}", value);
}

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

std::string Report::print_text() const {
  std::string out;
  auto line = [&](const Row& row, std::string_view value) {
    out += fmt::format("{:<26}{}\n", row.label, value);
  };
  for (const Row& row : rows_)
    std::visit(Overloaded{[&](const std::string& text) { line(row, text); },
                          [&](std::uint64_t n) { line(row, print_number(static_cast<double>(n), row.unit)); },
                          [&](double n) { line(row, print_number(n, row.unit)); },
                          [&](const Counts& counts) {
                            if (counts.size() > kMostLines) return;
                            for (const auto& [name, n] : counts) line(row, fmt::format("{}: {}", name, n));
                          },
                          [](const Percentiles&) {}},
               row.value);
  print_times(out);
  for (const auto& [reason, kind] : failures_.kinds())
    out += fmt::format("FAILED {} {}: {}\n", kind.count, reason, kind.example);
  return out;
}

void Report::print_times(std::string& out) const {
  bool begun = false;
  for (const Row& row : rows_) {
    const auto* times = std::get_if<Percentiles>(&row.value);
    if (!times || times->count == 0) continue;
    if (!begun)
      out +=
          fmt::format("{:<26}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "", "p50", "p90", "p99", "p99.9", "maximum");
    begun = true;
    out += fmt::format("{:<26}", row.label);
    for (std::uint64_t value : {times->p50, times->p90, times->p99, times->p999, times->max})
      out += fmt::format("{:>10}", print_micros(static_cast<double>(value)));
    out += '\n';
  }
}

std::string Report::print_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("format", "zonewright-bench-1").member("kind", kind_);
  json.member("succeeded", succeeded_);
  for (const Row& row : rows_) {
    json.key(row.key);
    std::visit(Overloaded{[&](const Percentiles& times) {
                            json.begin_object()
                                .member("count", times.count)
                                .member("mean", times.mean)
                                .member("p50", times.p50)
                                .member("p90", times.p90)
                                .member("p99", times.p99)
                                .member("p999", times.p999)
                                .member("max", times.max)
                                .end_object();
                          },
                          [&](const Counts& counts) {
                            json.begin_object();
                            for (const auto& [name, n] : counts) json.member(name, n);
                            json.end_object();
                          },
                          [&](const auto& value) { json.value(value); }},
               row.value);
  }
  json.key("failures").begin_array();
  for (const auto& [reason, kind] : failures_.kinds())
    json.begin_object()
        .member("reason", reason)
        .member("count", kind.count)
        .member("example", kind.example)
        .end_object();
  json.end_array().end_object();
  return out + "\n";
}

}  // namespace zw::localroot
