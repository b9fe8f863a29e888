#include "log/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <vector>

#include "log/line.h"

namespace zw {
namespace {

class OutputSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit OutputSink(Logger::Output output) : output_(std::move(output)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    output_(std::string_view(line.data(), line.size()));
  }
  void flush_() override {}

  Logger::Output output_;
};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: break;
  }
  return spdlog::level::err;
}

const char* pattern(LogFormat format) {
  return format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                   : "time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
}

}  // namespace

struct Logger::Door {
  spdlog::logger logger;
};

Logger::Logger(const Clock& clock, LogSettings settings, Output output)
    : clock_(clock), format_(settings.format) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (output)
    sink = std::make_shared<OutputSink>(std::move(output));
  else
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern(format_), spdlog::pattern_time_type::utc, "\n"));
  door_ = std::make_unique<Door>(spdlog::logger("zonewright", std::move(sink)));
  set_least(settings.least);
}

Logger::Logger(const Clock& clock, LogSettings settings) : Logger(clock, settings, nullptr) {}
Logger::~Logger() = default;

void Logger::set_least(LogLevel least) { door_->logger.set_level(to_spdlog(least)); }
bool Logger::enabled(LogLevel level) const { return door_->logger.should_log(to_spdlog(level)); }

void Logger::write(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  if (!enabled(level)) return;
  std::string line =
      format_ == LogFormat::json ? print_json_members(message, fields) : print_logfmt(message, fields);
  door_->logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void Logger::write(LogLevel level, LogRate& rate, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  auto held_back = rate.admit(clock_.steady());
  if (!held_back) return;
  std::vector<LogField> all(fields);
  if (*held_back > 0) all.emplace_back("held_back", *held_back);
  write(level, message, all);
}

std::optional<std::uint64_t> LogRate::admit(std::chrono::milliseconds now) {
  std::lock_guard lock(mutex_);
  auto periods = (now - refilled_) / period_;
  if (left_ == burst_ || periods >= static_cast<std::int64_t>(burst_ - left_)) {
    left_ = burst_;
    refilled_ = now;
  } else if (periods > 0) {
    left_ += static_cast<unsigned>(periods);
    refilled_ += periods * period_;
  }
  if (left_ == 0) return ++held_back_, std::nullopt;
  --left_;
  return std::exchange(held_back_, 0);
}

}  // namespace zw
