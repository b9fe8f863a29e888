// Values and columns in PostgreSQL's binary form. Not for other rooms.
#pragma once

#include <array>
#include <vector>

#include "store/postgres_handles.h"
#include "store/row.h"

namespace zw {

/// The values of one run, as libpq takes them. Views them.
class PostgresValues {
 public:
  explicit PostgresValues(std::span<const SqlValue> values);

  int count() const { return static_cast<int>(types_.size()); }
  const Oid* types() const { return types_.data(); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  /// A letter for each value: a prepared statement is one for these types only.
  const std::string& letters() const { return letters_; }

 private:
  void add(const SqlValue& value);
  std::vector<std::array<char, 8>> numbers_;
  std::vector<Oid> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_, formats_;
  std::string letters_;
};

/// One row of a binary result.
class PostgresRow final : public RowSource {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}
  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  std::string_view text(int column) const override;
  Bytes bytes(int column) const override;

 private:
  Bytes octets(int column) const;
  const PGresult* result_;
  int row_;
};

}  // namespace zw
