#include "crypto/der_signature.h"

#include <algorithm>

namespace zw {
namespace {

constexpr std::uint8_t kSequence = 0x30, kInteger = 0x02;

/// The content of the element at the front of `rest`, which is stepped over. Lengths in their short form
/// only: curves up to 384 bits need no other.
std::optional<Bytes> take(Bytes& rest, std::uint8_t tag) {
  if (rest.size() < 2 || rest[0] != tag || rest[1] >= 0x80 || rest[1] > rest.size() - 2) return std::nullopt;
  Bytes content = rest.subspan(2, rest[1]);
  rest = rest.subspan(2 + content.size());
  return content;
}

bool take_number(Bytes& rest, MutableBytes out) {
  auto number = take(rest, kInteger);
  if (!number || number->empty() || ((*number)[0] & 0x80)) return false;
  if ((*number)[0] == 0) {
    if (number->size() == 1 || !((*number)[1] & 0x80)) return false;  // zero, or not in its shortest form
    number = number->subspan(1);
  }
  if (number->size() > out.size()) return false;
  std::copy(number->begin(), number->end(), out.end() - static_cast<std::ptrdiff_t>(number->size()));
  return true;
}

}  // namespace

std::optional<Buffer> raw_signature(Bytes der, std::size_t field) {
  auto numbers = take(der, kSequence);
  Buffer raw(2 * field);
  MutableBytes halves = raw;
  if (!numbers || !der.empty() || !take_number(*numbers, halves.first(field)) ||
      !take_number(*numbers, halves.subspan(field)) || !numbers->empty())
    return std::nullopt;
  return raw;
}

}  // namespace zw
