// TOML 1.0 (toml.io/en/v1.0.0), read into values that know where in the text they stand, so that whoever
// finds fault with one can point at it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace zw {

struct TextPosition {
  std::uint32_t line = 0;  // from 1; 0: nowhere in the text
  std::uint32_t column = 0;
  friend auto operator<=>(const TextPosition&, const TextPosition&) = default;
};

class Toml;
struct TomlMember;

class Toml {
 public:
  using Array = std::vector<Toml>;
  using Table = std::vector<TomlMember>;  // in the order of the text; no key twice
  using Variant = std::variant<bool, std::int64_t, double, std::string, WallTime, Array, Table>;

  Toml();  // an empty table
  Toml(Variant value, TextPosition at);

  TextPosition at() const { return at_; }
  std::optional<bool> boolean() const { return scalar<bool>(); }
  std::optional<std::int64_t> whole() const { return scalar<std::int64_t>(); }
  std::optional<double> real() const { return scalar<double>(); }
  std::optional<WallTime> time() const { return scalar<WallTime>(); }
  std::optional<std::string_view> text() const;
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_table() const { return std::holds_alternative<Table>(value_); }
  std::span<const Toml> items() const;           // none if this is no array
  std::span<const TomlMember> members() const;   // none if this is no table
  const Toml* find(std::string_view key) const;  // null if this is no table or has no such key

  /// `a table`, `a text`, ... for sentences about what was found.
  std::string_view kind() const;

 private:
  template <typename T>
  std::optional<T> scalar() const {
    auto* found = std::get_if<T>(&value_);
    return found ? std::optional<T>(*found) : std::nullopt;
  }
  Variant value_;
  TextPosition at_;
};

struct TomlMember {
  std::string key;
  TextPosition at;  // of the key
  Toml value;
};

/// What is wrong with a text, and where.
struct TextError {
  TextPosition at;
  std::string what;
};

struct TomlLimits {
  std::size_t octets = 1 << 20;
  std::size_t depth = 32;  // of brackets, of the parts of one dotted key, and of the tree
};

/// Reads one TOML text. Limits are checked before the parser sees it. Dates need an offset (`...Z`); those
/// without one are refused, for they mean another moment on every machine.
std::expected<Toml, TextError> parse_toml(std::string_view text, TomlLimits limits = {});

/// `text` as a TOML basic string with its quotes.
std::string print_toml(std::string_view text);

}  // namespace zw
