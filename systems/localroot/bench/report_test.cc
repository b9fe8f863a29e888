#include "localroot/bench/report.h"

#include <doctest/doctest.h>

#include "format/json.h"

namespace zw::localroot {

TEST_CASE("a report says the same to people and to machines") {
  Report report("xfr");
  LogHistogram times;
  for (std::uint64_t i = 1; i <= 1000; ++i) times.add(i * 1000);
  report.text("target", "server", "127.0.0.1@53");
  report.count("whole", "whole", 7);
  report.number("whole_per_second", "whole transfers", 2.5, Report::Unit::per_second);
  report.count("received_bytes", "octets", 1'500'000, Report::Unit::octets);
  report.counts("rcodes", "RCODE", {{"NOERROR", 5}, {"REFUSED", 2}});
  report.times("transfer_us", "whole after", times);
  report.times("other_us", "never seen", LogHistogram());
  Failures failures;
  failures.add("truncated", "the first");
  failures.add("truncated", "the second");
  report.failures(failures);
  report.succeeded(false);

  std::string text = report.print_text();  // the half of a second is rounded up to the end of its bucket
  for (const char* part :
       {"127.0.0.1@53", "2.5/s", "1.5 MB", "REFUSED: 2", "FAILED 2 truncated: the first", "502 ms", "1.00 s"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  CHECK(text.find("never seen") == std::string::npos);

  auto json = parse_json(report.print_json());
  REQUIRE(json.has_value());
  CHECK(json->find("format")->text() == "zonewright-bench-1");
  CHECK(json->find("kind")->text() == "xfr");
  CHECK(json->find("succeeded")->boolean() == false);
  CHECK(json->find("whole")->natural() == 7);
  CHECK(json->find("rcodes")->find("REFUSED")->natural() == 2);
  CHECK(json->find("transfer_us")->find("count")->natural() == 1000);
  CHECK(json->find("transfer_us")->find("max")->natural() == 1'000'000);
  CHECK(json->find("other_us")->find("count")->natural() == 0);
  CHECK(json->find("failures")->items()[0].find("count")->natural() == 2);
}

TEST_CASE("sizes and times come in units that fit") {
  CHECK(print_micros(12) == "12 us");
  CHECK(print_micros(12'345) == "12.3 ms");
  CHECK(print_micros(3'210'000) == "3.21 s");
  CHECK(print_octets(999) == "999 B");
  CHECK(print_octets(1'234'567) == "1.2 MB");
}

}  // namespace zw::localroot
