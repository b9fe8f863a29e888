// JSON (RFC 8259): a writer that streams into a string, and a reader behind limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace zw {

/// `text` as a JSON string with its quotes. Octets that are no UTF-8 become U+FFFD; controls, DEL and the
/// separators U+2028 and U+2029 are escaped, and so is `<`, so that the text may stand in an HTML page.
void append_json(std::string& out, std::string_view text);

/// Appends to a string of the caller's, who keeps objects and arrays balanced. Numbers that JSON cannot say
/// (NaN, infinity) are written as null.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return shut('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return shut(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& null();
  template <typename T>
    requires std::is_integral_v<T>
  JsonWriter& value(T v) {
    if constexpr (std::is_same_v<T, bool>)
      return word(v ? "true" : "false");
    else if constexpr (std::is_signed_v<T>)
      return whole(v);
    else
      return natural(v);
  }
  template <typename T>
  JsonWriter& value(const std::optional<T>& v) {
    return v ? value(*v) : null();
  }
  template <typename T>
  JsonWriter& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& shut(char bracket);
  JsonWriter& word(std::string_view text);
  JsonWriter& whole(std::int64_t number);
  JsonWriter& natural(std::uint64_t number);
  void separate();

  std::string& out_;
  bool comma_ = false;  // before the next key or value
};

struct JsonMember;

/// A value that was read. Members keep their order and no key stands twice in an object.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<JsonMember>;
  using Variant =
      std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object>;

  Json();  // null
  explicit Json(Variant value);

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  std::optional<bool> boolean() const;
  std::optional<std::string_view> text() const;
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  std::span<const Json> items() const;            // none if this is no array
  std::span<const JsonMember> members() const;    // none if this is no object
  std::optional<double> number() const;           // of any number
  std::optional<std::int64_t> whole() const;      // of a number written as an integer that fits
  std::optional<std::uint64_t> natural() const;   // the same, not negative
  const Json* find(std::string_view name) const;  // null if this is no object or has no such member

 private:
  Variant value_;
};

struct JsonMember {
  std::string key;
  Json value;
};

struct JsonLimits {
  std::size_t octets = 1 << 20;
  std::size_t depth = 32;  // of brackets, at most 200
};

/// Reads one JSON text. `malformed` names what is wrong; `limit` if it is too long or too deep. A key that
/// stands twice is malformed: two readers would not agree on it.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

}  // namespace zw
