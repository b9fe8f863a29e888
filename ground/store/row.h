// What comes out of a statement, one row at a time.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "store/value.h"

namespace zw {

/// Where the columns of the current row are. Asking for what a column does not hold is a mistake of ours, and
/// so is asking for NULL other than by is_null().
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual Bytes bytes(int column) const = 0;
};

/// The current row. Columns count from 0. Views of text and octets are good until the next row.
class Row {
 public:
  explicit Row(const RowSource& source) : source_(source) {}

  /// T: an integer that is wide enough, bool, Timestamp, std::string_view, std::string, Bytes, Buffer, or
  /// std::optional of one of them for what may be NULL.
  template <typename T>
  T get(int column) const {
    return read(column, std::type_identity<T>());
  }

 private:
  template <typename T>
  std::optional<T> read(int column, std::type_identity<std::optional<T>> /*type*/) const {
    return source_.is_null(column) ? std::nullopt : std::optional<T>(get<T>(column));
  }
  template <typename T>
  T read(int column, std::type_identity<T> /*type*/) const {
    if constexpr (std::same_as<T, bool>) {
      return source_.integer(column) != 0;
    } else if constexpr (std::integral<T>) {
      std::int64_t number = source_.integer(column);
      ZW_ASSERT(std::in_range<T>(number));
      return static_cast<T>(number);
    } else if constexpr (std::same_as<T, Timestamp>) {
      return Timestamp(std::chrono::microseconds(source_.integer(column)));
    } else if constexpr (std::same_as<T, Bytes>) {
      return source_.bytes(column);
    } else if constexpr (std::same_as<T, Buffer>) {
      Bytes octets = source_.bytes(column);
      return Buffer(octets.begin(), octets.end());
    } else {
      return T(source_.text(column));
    }
  }

  const RowSource& source_;
};

/// Called for each row; false: no more of them.
using RowVisitor = std::function<bool(const Row& row)>;

}  // namespace zw
