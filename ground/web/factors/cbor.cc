#include "web/factors/cbor.h"

#include <limits>

namespace zw {
namespace {

// Major types, RFC 8949 §3.1.
constexpr unsigned kUnsigned = 0, kNegative = 1, kOctets = 2, kText = 3, kArray = 4, kMap = 5, kSimple = 7;
// Of the simple values, §3.3: false, true, null; and the floating-point numbers of 2, 4 and 8 octets.
constexpr std::uint8_t kFalse = 0xf4, kNull = 0xf6, kHalf = 0xf9, kDouble = 0xfb;
constexpr unsigned kLastInline = 23, kOneOctet = 24, kEightOctets = 27;

}  // namespace

std::optional<CborReader::Head> CborReader::head() const {
  if (rest_.empty()) return std::nullopt;
  unsigned kind = rest_[0] >> 5, information = rest_[0] & 31;
  if (information <= kLastInline) return Head{kind, information, 1};
  if (information > kEightOctets) return std::nullopt;  // reserved, or of indefinite length
  std::size_t size = std::size_t{1} << (information - kOneOctet);
  if (rest_.size() - 1 < size) return std::nullopt;
  std::uint64_t number = 0;
  for (std::uint8_t octet : rest_.subspan(1, size)) number = number << 8 | octet;
  bool is_shortest = size == 1 ? number > kLastInline : number >> (size * 4) != 0;
  if (!is_shortest && kind != kSimple) return std::nullopt;
  return Head{kind, number, 1 + size};
}

std::optional<std::int64_t> CborReader::integer() {
  auto found = head();
  if (!found || (found->kind != kUnsigned && found->kind != kNegative)) return std::nullopt;
  if (found->number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  rest_ = rest_.subspan(found->octets);
  auto number = static_cast<std::int64_t>(found->number);
  return found->kind == kUnsigned ? number : -1 - number;
}

std::optional<Bytes> CborReader::string(unsigned kind) {
  auto found = head();
  if (!found || found->kind != kind || found->number > rest_.size() - found->octets) return std::nullopt;
  Bytes content = rest_.subspan(found->octets, static_cast<std::size_t>(found->number));
  rest_ = rest_.subspan(found->octets + content.size());
  return content;
}

std::optional<Bytes> CborReader::octets() { return string(kOctets); }

std::optional<std::string_view> CborReader::text() {
  auto content = string(kText);
  return content ? std::optional(as_text(*content)) : std::nullopt;
}

std::optional<std::size_t> CborReader::map() {
  auto found = head();
  if (!found || found->kind != kMap || found->number > (rest_.size() - found->octets) / 2)
    return std::nullopt;
  rest_ = rest_.subspan(found->octets);
  return static_cast<std::size_t>(found->number);
}

bool CborReader::skip(unsigned depth) {
  auto found = head();
  if (!found) return false;
  if (found->kind == kUnsigned || found->kind == kNegative) return integer().has_value();
  if (found->kind == kOctets || found->kind == kText) return string(found->kind).has_value();
  if (found->kind == kSimple) {
    std::uint8_t first = rest_[0];
    if (!(first >= kFalse && first <= kNull) && !(first >= kHalf && first <= kDouble)) return false;
    rest_ = rest_.subspan(found->octets);
    return true;
  }
  if ((found->kind != kArray && found->kind != kMap) || depth == 0) return false;
  std::uint64_t each = found->kind == kMap ? 2 : 1;
  if (found->number > (rest_.size() - found->octets) / each) return false;
  CborReader inner(rest_.subspan(found->octets));
  for (std::uint64_t i = 0; i < found->number * each; ++i)
    if (!inner.skip(depth - 1)) return false;
  rest_ = inner.rest_;
  return true;
}

}  // namespace zw
