// Lines for the operator on stderr: a time, a level, a message that is a constant of ours, and fields.
//
//   log.info("zone published", {{"zone", "."}, {"serial", 2026073102u}, {"took_ms", 41}});
//
//   time=2026-08-05T00:00:00.123Z level=info msg="zone published" zone=. serial=2026073102 took_ms=41
//
// Whatever a field holds stays on its line and cannot pass for another field. Keys are constants of ours in
// snake_case and carry their unit. Keys, passwords and tokens are never logged, nor are they cut short and
// logged: say which one by its name. Nothing on the query path logs.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/time.h"

namespace zw {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { logfmt, json };  // one JSON object a line

/// Views its text: lives for the call that it is passed to.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  template <typename T>
  LogField(std::string_view k, const T& v) : key(k) {
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double>)
      value = v;
    else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
      value = std::int64_t{v};
    else if constexpr (std::is_integral_v<T>)
      value = std::uint64_t{v};
    else
      value = std::string_view(v);
  }
};

/// Bounds one message: `burst` at once, then one in each `period`. What it held back is counted and told by
/// the next line that goes out, as `held_back`. Safe for many threads; keep it beside the code that logs.
class LogRate {
 public:
  LogRate(unsigned burst, std::chrono::milliseconds period) : burst_(burst), left_(burst), period_(period) {}

  /// The number held back since the last line, if a line may go out `now`.
  std::optional<std::uint64_t> admit(std::chrono::milliseconds now);

 private:
  std::mutex mutex_;
  unsigned burst_, left_;
  std::chrono::milliseconds period_;
  std::chrono::milliseconds refilled_{0};
  std::uint64_t held_back_ = 0;
};

struct LogSettings {
  LogLevel least = LogLevel::info;
  LogFormat format = LogFormat::logfmt;
};

/// Made once by a program and handed around by reference. Safe for many threads.
class Logger {
 public:
  using Fields = std::initializer_list<LogField>;
  /// Takes whole lines with their line feed, one call at a time.
  using Output = std::function<void(std::string_view line)>;

  Logger(const Clock& clock, LogSettings settings);                 // to stderr
  Logger(const Clock& clock, LogSettings settings, Output output);  // to whom the caller says
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  /// May be changed while others log.
  void set_least(LogLevel least);
  bool enabled(LogLevel level) const;

  void debug(std::string_view message, Fields fields = {}) { write(LogLevel::debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) { write(LogLevel::info, message, fields); }
  void warning(std::string_view message, Fields fields = {}) { write(LogLevel::warning, message, fields); }
  void error(std::string_view message, Fields fields = {}) { write(LogLevel::error, message, fields); }

  void write(LogLevel level, std::string_view message, std::span<const LogField> fields);
  void write(LogLevel level, LogRate& rate, std::string_view message, Fields fields = {});
  void write(LogLevel level, std::string_view message, Fields fields) {
    write(level, message, std::span(fields.begin(), fields.size()));
  }

 private:
  struct Door;
  const Clock& clock_;
  LogFormat format_;
  std::unique_ptr<Door> door_;
};

}  // namespace zw
