#include "log/log.h"

#include <doctest/doctest.h>

#include <atomic>
#include <regex>
#include <thread>
#include <vector>

#include "format/json.h"
#include "log/line.h"

namespace zw {
namespace {

class HandClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(Seconds(1785542400)); }
  std::chrono::milliseconds steady() const override { return now; }
  std::chrono::milliseconds now{1000000};
};

struct Lines {
  std::vector<std::string> all;
  Logger::Output output() {
    return [this](std::string_view line) { all.emplace_back(line); };
  }
};

std::string logfmt(std::string_view message, Logger::Fields fields) {
  return print_logfmt(message, {fields.begin(), fields.size()});
}

TEST_CASE("a line has the time, the level, the message and the fields in order") {
  HandClock clock;
  Lines lines;
  Logger log(clock, {}, lines.output());
  log.info("zone published", {{"zone", "."}, {"serial", 2026073102u}, {"took_ms", -4}, {"signed", true}});
  REQUIRE(lines.all.size() == 1);
  CHECK(std::regex_match(lines.all[0],
                         std::regex("time=\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z level=info "
                                    "msg=\"zone published\" zone=\\. serial=2026073102 took_ms=-4 "
                                    "signed=true\n")));
}

TEST_CASE("a JSON line is one object that a JSON reader takes, whatever the fields hold") {
  HandClock clock;
  Lines lines;
  Logger log(clock, {LogLevel::info, LogFormat::json}, lines.output());
  std::string hostile = "a\"},\n{\"level\":\"error\x1b[2J\xff";
  log.warning("zone refused", {{"reason", hostile}, {"ratio", 0.5}});
  REQUIRE(lines.all.size() == 1);
  CHECK(std::count(lines.all[0].begin(), lines.all[0].end(), '\n') == 1);
  auto json = parse_json(lines.all[0]);
  REQUIRE(json.has_value());
  CHECK(*json->find("level")->text() == "warning");
  CHECK(*json->find("msg")->text() == "zone refused");
  CHECK(json->find("ratio")->number() == 0.5);
  CHECK(json->find("reason")->text()->starts_with("a\"},\n{"));
}

TEST_CASE("foreign text in a field cannot begin a line, a field or an escape sequence") {
  CHECK(logfmt("m", {{"k", "a\nlevel=error msg=x"}}) == R"(msg=m k="a\nlevel=error msg=x")");
  CHECK(logfmt("m", {{"k", "a\" b=\"c"}}) == R"(msg=m k="a\" b=\"c")");
  CHECK(logfmt("m", {{"k", "\x1b[31mred\x7f\r"}}) == R"(msg=m k="\u{1b}[31mred\u{7f}\u{d}")");
  CHECK(logfmt("m", {{"k", "a=b"}}) == R"(msg=m k="a=b")");
  CHECK(logfmt("m", {{"k", "back\\slash"}}) == R"(msg=m k="back\\slash")");
  CHECK(logfmt("m", {{"k", ""}}) == R"(msg=m k="")");
  CHECK(logfmt("m", {{"k", std::string_view("\0", 1)}}) == R"(msg=m k="\u{0}")");
  CHECK(logfmt("m", {{"k", "\xe2\x80\xae\xff"}}) == R"(msg=m k="\u{202e}\xff")");
}

TEST_CASE("a value that is too long is cut") {
  std::string line = logfmt("m", {{"k", std::string(1 << 20, 'a')}});
  CHECK(line.size() < kMaxLoggedOctets + 20);
  CHECK(line.ends_with("a...\""));
  CHECK(print_json_members("m", std::vector<LogField>{{"k", std::string(1 << 20, 'a')}}).size() <
        kMaxLoggedOctets + 30);
}

TEST_CASE("what is below the level is not written, and the level can change") {
  HandClock clock;
  Lines lines;
  Logger log(clock, {LogLevel::warning, LogFormat::logfmt}, lines.output());
  log.debug("a");
  log.info("b");
  log.warning("c");
  log.error("d");
  CHECK(lines.all.size() == 2);
  CHECK_FALSE(log.enabled(LogLevel::info));
  log.set_least(LogLevel::debug);
  log.debug("e");
  CHECK(lines.all.size() == 3);
}

TEST_CASE("a bounded message goes out in a burst and then once in each period, telling what was held back") {
  HandClock clock;
  Lines lines;
  Logger log(clock, {}, lines.output());
  LogRate rate(2, std::chrono::seconds(10));
  auto say = [&] { log.write(LogLevel::info, rate, "refused", {{"from", "192.0.2.1"}}); };
  for (int i = 0; i < 5; ++i) say();
  REQUIRE(lines.all.size() == 2);
  clock.now += std::chrono::milliseconds(9999);
  say();
  CHECK(lines.all.size() == 2);
  clock.now += std::chrono::milliseconds(1);
  say();
  say();
  REQUIRE(lines.all.size() == 3);
  CHECK(lines.all[2].ends_with("from=192.0.2.1 held_back=4\n"));
  clock.now += std::chrono::seconds(1000);
  for (int i = 0; i < 5; ++i) say();
  REQUIRE(lines.all.size() == 5);
  CHECK(lines.all[3].ends_with("held_back=1\n"));
  CHECK(lines.all[4].ends_with("from=192.0.2.1\n"));
}

TEST_CASE("lines of many threads stay whole") {
  HandClock clock;
  Lines lines;
  Logger log(clock, {}, lines.output());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) log.info("m", {{"i", i}});
    });
  for (auto& thread : threads) thread.join();
  CHECK(lines.all.size() == 800);
  for (const auto& line : lines.all) CHECK(line.ends_with("\n"));
}

}  // namespace
}  // namespace zw
