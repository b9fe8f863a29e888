#include "dnssec/type_bitmap.h"

#include <algorithm>

#include "base/result.h"
#include "dns/rdata.h"

namespace zw {

std::optional<TypeBitmap> TypeBitmap::parse(Bytes octets) {
  auto size = field_size(Field::bitmap, octets, {});
  return size == octets.size() ? std::optional(TypeBitmap(octets)) : std::nullopt;
}

void TypeBitmap::Iterator::settle() {
  while (!rest_.empty()) {
    for (unsigned bits = rest_[1] * 8u; bit_ < bits; ++bit_) {
      std::uint8_t octet = rest_[2 + bit_ / 8];
      if (octet == 0) bit_ |= 7;  // the whole octet
      if (octet & 0x80u >> bit_ % 8) return;
    }
    rest_ = rest_.subspan(2u + rest_[1]);
    bit_ = 0;
  }
}

bool TypeBitmap::contains(RrType type) const {
  auto number = static_cast<std::uint16_t>(type);
  for (Bytes rest = octets_; !rest.empty(); rest = rest.subspan(2u + rest[1])) {
    if (rest[0] != number >> 8) continue;
    unsigned bit = number & 0xffu;
    return bit / 8 < rest[1] && (rest[2 + bit / 8] & 0x80u >> bit % 8);
  }
  return false;
}

bool same_types(TypeBitmap map, std::span<const RrType> types) {
  return std::equal(map.begin(), map.end(), types.begin(), types.end());
}

void append_type_bitmap(Buffer& out, std::span<const RrType> types) {
  std::size_t window = 0;  // where the open one begins in `out`
  int last = -1;
  for (RrType type : types) {
    auto number = static_cast<std::uint16_t>(type);
    ZW_ASSERT(number > last);
    if (last < 0 || last >> 8 != number >> 8) {
      window = out.size();
      append8(out, static_cast<std::uint8_t>(number >> 8));
      append8(out, 0);
    }
    std::size_t octet = (number & 0xffu) / 8;
    if (out[window + 1] <= octet) {
      out[window + 1] = static_cast<std::uint8_t>(octet + 1);
      out.resize(window + 2 + octet + 1);
    }
    out[window + 2 + octet] |= static_cast<std::uint8_t>(0x80u >> number % 8);
    last = number;
  }
}

std::string print(TypeBitmap map) {
  std::string out;
  for (RrType type : map) {
    if (!out.empty()) out.push_back(' ');
    append_print(out, type);
  }
  return out;
}

}  // namespace zw
