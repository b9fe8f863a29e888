// What goes into a statement.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace zw {

/// UTC. Kept as {int}: microseconds since 1970.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// A parameter of a statement. Views its text or octets: lives for the call that it is passed to. An absent
/// optional is NULL, and keeps its type.
class SqlValue {
 public:
  enum class Kind : std::uint8_t { integer, boolean, text, bytes, null };

  // NOLINTBEGIN(google-explicit-constructor): so that a call lists what it binds
  SqlValue(std::nullopt_t /*null*/) : null_(true) {}
  template <std::integral T>
  SqlValue(T number) {
    if constexpr (std::same_as<T, bool>) {
      kind_ = Kind::boolean;
    } else {
      ZW_ASSERT(std::in_range<std::int64_t>(number));
      kind_ = Kind::integer;
    }
    number_ = static_cast<std::int64_t>(number);
  }
  template <typename Duration>
  SqlValue(std::chrono::sys_time<Duration> when)
      : SqlValue(std::chrono::time_point_cast<std::chrono::microseconds>(when).time_since_epoch().count()) {}
  SqlValue(std::string_view text) : kind_(Kind::text), octets_(zw::as_bytes(text)) {}
  SqlValue(const std::string& text) : SqlValue(std::string_view(text)) {}
  SqlValue(const char* text) : SqlValue(std::string_view(text)) {}
  SqlValue(Bytes octets) : kind_(Kind::bytes), octets_(octets) {}
  SqlValue(MutableBytes octets) : SqlValue(Bytes(octets)) {}
  SqlValue(const Buffer& octets) : SqlValue(Bytes(octets)) {}
  template <typename T>
  SqlValue(const std::optional<T>& value) : SqlValue(value ? SqlValue(*value) : SqlValue(T{})) {
    if (!value) octets_ = {};
    null_ = !value;
  }
  // NOLINTEND(google-explicit-constructor)

  Kind kind() const { return kind_; }
  bool is_null() const { return null_; }
  std::int64_t integer() const { return number_; }  // 0 or 1 of a boolean
  Bytes octets() const { return octets_; }          // of text and bytes

 private:
  Kind kind_ = Kind::null;
  bool null_ = false;
  std::int64_t number_ = 0;
  Bytes octets_;
};

/// Text has to be UTF-8 without U+0000, for SQLite keeps anything and PostgreSQL does not: `refused`.
Result<void> check_values(std::string_view statement, std::span<const SqlValue> values);

}  // namespace zw
