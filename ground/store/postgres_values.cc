#include "store/postgres_values.h"

namespace zw {
namespace {

// pg_type.dat
constexpr Oid kUnknown = 0, kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25;

struct Type {
  Oid oid;
  char letter;
  int format;  // 1: binary
};
Type type_of(SqlValue::Kind kind) {
  switch (kind) {
    case SqlValue::Kind::integer: return {kInt8, 'i', 1};
    case SqlValue::Kind::boolean: return {kBool, 'b', 1};
    case SqlValue::Kind::text: return {kText, 't', 0};
    case SqlValue::Kind::bytes: return {kBytea, 'o', 1};
    case SqlValue::Kind::null: break;
  }
  return {kUnknown, 'n', 0};
}

}  // namespace

PostgresValues::PostgresValues(std::span<const SqlValue> values) : numbers_(values.size()) {
  for (const SqlValue& value : values) add(value);
}

void PostgresValues::add(const SqlValue& value) {
  Type type = type_of(value.kind());
  const char* at = nullptr;
  std::size_t length = 0;
  if (value.is_null()) {
  } else if (type.oid == kInt8 || type.oid == kBool) {
    auto& number = numbers_[types_.size()];
    set64(reinterpret_cast<std::uint8_t*>(number.data()), static_cast<std::uint64_t>(value.integer()));
    length = type.oid == kBool ? 1 : 8;
    at = number.data() + 8 - length;
  } else {
    length = value.octets().size();
    at = length == 0 ? "" : reinterpret_cast<const char*>(value.octets().data());
  }
  types_.push_back(type.oid);
  values_.push_back(at);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(type.format);
  letters_ += type.letter;
}

bool PostgresRow::is_null(int column) const {
  ZW_ASSERT(column >= 0 && column < PQnfields(result_));
  return PQgetisnull(result_, row_, column) != 0;
}

Bytes PostgresRow::octets(int column) const {
  ZW_ASSERT(!is_null(column));
  const auto* at = reinterpret_cast<const std::uint8_t*>(PQgetvalue(result_, row_, column));
  return {at, static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t PostgresRow::integer(int column) const {
  const std::uint8_t* at = octets(column).data();
  switch (PQftype(result_, column)) {
    case kInt8: return static_cast<std::int64_t>(get64(at));
    case kInt4: return static_cast<std::int32_t>(get32(at));
    case kInt2: return static_cast<std::int16_t>(get16(at));
    default: ZW_ASSERT(PQftype(result_, column) == kBool); return *at;
  }
}

std::string_view PostgresRow::text(int column) const {
  Oid type = PQftype(result_, column);
  ZW_ASSERT(type != kInt8 && type != kInt4 && type != kInt2 && type != kBool && type != kBytea);
  return as_text(octets(column));
}

Bytes PostgresRow::bytes(int column) const {
  ZW_ASSERT(PQftype(result_, column) == kBytea);
  return octets(column);
}

}  // namespace zw
