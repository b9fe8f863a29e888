#include "metrics/metrics.h"

#include <doctest/doctest.h>

#include <thread>

namespace zw {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("a counter is told with its help, type and labels") {
  Metrics metrics;
  auto counter = metrics.counter("zonewright_net_queries_total", "Queries received.",
                                 {{"transport", "udp"}, {"family", "inet"}});
  counter.add();
  counter.add(41);
  std::string text = metrics.exposition();
  CHECK(has_line(text, "# HELP zonewright_net_queries_total Queries received."));
  CHECK(has_line(text, "# TYPE zonewright_net_queries_total counter"));
  CHECK(has_line(text, R"(zonewright_net_queries_total{family="inet",transport="udp"} 42)"));
}

TEST_CASE("the same name and labels in any order are the same series") {
  Metrics metrics;
  metrics.counter("zonewright_a_total", "A.", {{"x", "1"}, {"y", "2"}}).add(1);
  metrics.counter("zonewright_a_total", "A.", {{"y", "2"}, {"x", "1"}}).add(2);
  metrics.counter("zonewright_a_total", "A.", {{"x", "1"}, {"y", "3"}}).add(5);
  std::string text = metrics.exposition();
  CHECK(has_line(text, R"(zonewright_a_total{x="1",y="2"} 3)"));
  CHECK(has_line(text, R"(zonewright_a_total{x="1",y="3"} 5)"));
}

TEST_CASE("what owners count for themselves is told as one sum, together with what is shared") {
  Metrics metrics(2);
  std::vector<std::thread> threads;
  for (std::size_t owner = 0; owner < 2; ++owner)
    threads.emplace_back([&, owner] {
      auto counter = metrics.own_counter(owner, "zonewright_q_total", "Q.");
      for (int i = 0; i < 10000; ++i) counter.add();
    });
  auto shared = metrics.counter("zonewright_q_total", "Q.");
  for (int i = 0; i < 100; ++i) {
    shared.add(1);
    static_cast<void>(metrics.exposition());
  }
  for (auto& thread : threads) thread.join();
  CHECK(has_line(metrics.exposition(), "zonewright_q_total 20100"));
}

TEST_CASE("cells of different owners never share a line of memory") {
  Metrics metrics(2);
  for (int i = 0; i < 100; ++i) {
    std::string name = "zonewright_c" + std::to_string(i) + "_total";
    auto a = metrics.own_counter(0, name, "C.");
    auto b = metrics.own_counter(1, name, "C.");
    a.add(3);
    b.add(4);
    CHECK(a.value() == 3);
    CHECK(b.value() == 4);
  }
}

TEST_CASE("a gauge rises and falls") {
  Metrics metrics;
  auto gauge = metrics.gauge("zonewright_net_connections", "Open.");
  gauge.set(5);
  gauge.add(-1.5);
  CHECK(gauge.value() == 3.5);
  CHECK(has_line(metrics.exposition(), "zonewright_net_connections 3.5"));
}

TEST_CASE("a histogram counts at or below each bound, and above them all") {
  Metrics metrics;
  auto times = metrics.histogram("zonewright_verify_seconds", "Verifying.", {0.1, 1, 10});
  for (double v : {0.05, 0.1, 0.5, 20.0}) times.observe(v);
  std::string text = metrics.exposition();
  CHECK(has_line(text, R"(zonewright_verify_seconds_bucket{le="0.1"} 2)"));
  CHECK(has_line(text, R"(zonewright_verify_seconds_bucket{le="1"} 3)"));
  CHECK(has_line(text, R"(zonewright_verify_seconds_bucket{le="10"} 3)"));
  CHECK(has_line(text, R"(zonewright_verify_seconds_bucket{le="+Inf"} 4)"));
  CHECK(has_line(text, "zonewright_verify_seconds_count 4"));
  CHECK(has_line(text, "zonewright_verify_seconds_sum 20.65"));
}

TEST_CASE("a label with quotes and line feeds stays one label") {
  Metrics metrics;
  metrics.counter("zonewright_a_total", "A.", {{"zone", "a\"b\\c\nd"}}).add(1);
  CHECK(has_line(metrics.exposition(), R"(zonewright_a_total{zone="a\"b\\c\nd"} 1)"));
}

TEST_CASE("what is retired is told no more until somebody asks for it again, and then goes on") {
  Metrics metrics;
  auto a = metrics.counter("zonewright_a_total", "A.", {{"zone", "a."}});
  metrics.counter("zonewright_a_total", "A.", {{"zone", "b."}}).add(1);
  a.add(7);
  metrics.retire({"zone", "a."});
  CHECK(metrics.exposition().find("zone=\"a.\"") == std::string::npos);
  CHECK(has_line(metrics.exposition(), R"(zonewright_a_total{zone="b."} 1)"));
  metrics.counter("zonewright_a_total", "A.", {{"zone", "a."}}).add(1);
  CHECK(has_line(metrics.exposition(), R"(zonewright_a_total{zone="a."} 8)"));
  metrics.retire({"zone", "a."});
  metrics.retire({"zone", "b."});
  CHECK(metrics.exposition().find("zonewright_a_total") == std::string::npos);
}

TEST_CASE("the process tells of its processor time, memory, threads and files") {
  std::string text = Metrics().exposition();
  for (const char* name : {"zonewright_process_cpu_seconds_total ", "zonewright_process_resident_bytes ",
                           "zonewright_process_threads ", "zonewright_process_open_files "}) {
    CAPTURE(name);
    std::size_t at = text.find(std::string("\n") + name);
    REQUIRE(at != std::string::npos);
    CHECK(std::stod(text.substr(at + 1 + std::string(name).size())) > 0);
  }
}

}  // namespace
}  // namespace zw
