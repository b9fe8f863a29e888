#include "zone/punycode.h"

#include <algorithm>
#include <cstdint>

#include "dns/name.h"

namespace zw {
namespace {

std::optional<std::u32string> decode_utf8(std::string_view text) {
  static constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    auto lead = static_cast<std::uint8_t>(text[i++]);
    std::size_t more = lead < 0x80   ? 0
                       : lead < 0xc0 ? 4
                       : lead < 0xe0 ? 1
                       : lead < 0xf0 ? 2
                       : lead < 0xf8 ? 3
                                     : 4;
    if (more == 4 || text.size() - i < more) return std::nullopt;
    char32_t point = more == 0 ? lead : lead & (0x3fu >> more);
    for (std::size_t k = 0; k < more; ++k) {
      auto octet = static_cast<std::uint8_t>(text[i++]);
      if ((octet & 0xc0) != 0x80) return std::nullopt;
      point = point << 6 | (octet & 0x3fu);
    }
    if (point < kLeast[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return std::nullopt;
    out.push_back(point);
  }
  return out;
}

constexpr std::uint32_t kBase = 36, kLeastThreshold = 1, kMostThreshold = 26, kSkew = 38, kDamp = 700;

char digit(std::uint32_t value) { return static_cast<char>(value < 26 ? 'a' + value : '0' + value - 26); }

// RFC 3492 §6.1.
std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, bool first) {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > (kBase - kLeastThreshold) * kMostThreshold / 2; k += kBase) delta /= kBase - kLeastThreshold;
  return k + (kBase - kLeastThreshold + 1) * delta / (delta + kSkew);
}

// A variable-length integer, RFC 3492 §3.3.
void append_integer(std::string& out, std::uint32_t value, std::uint32_t bias) {
  for (std::uint32_t k = kBase;; k += kBase) {
    std::uint32_t threshold = k <= bias ? kLeastThreshold : std::min(k - bias, kMostThreshold);
    if (value < threshold) return out.push_back(digit(value));
    out.push_back(digit(threshold + (value - threshold) % (kBase - threshold)));
    value = (value - threshold) / (kBase - threshold);
  }
}

// RFC 3492 §6.3. With at most 63 code points nothing overflows 32 bits.
std::string encode(const std::u32string& points) {
  std::string out;
  for (char32_t point : points)
    if (point < 0x80) out.push_back(static_cast<char>(point));
  std::uint32_t basic = static_cast<std::uint32_t>(out.size()), done = basic, bias = 72, delta = 0;
  if (basic > 0) out.push_back('-');
  for (char32_t last = 0x80; done < points.size(); ++last, ++delta) {
    char32_t next = 0x110000;  // the smallest that is not done
    for (char32_t point : points)
      if (point >= last) next = std::min(next, point);
    delta += (next - last) * (done + 1);
    last = next;
    for (char32_t point : points) {
      if (point < last) ++delta;
      if (point != last) continue;
      append_integer(out, delta, bias);
      bias = adapt(delta, done + 1, done == basic);
      delta = 0;
      ++done;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> ascii_label(std::string_view utf8) {
  auto points = decode_utf8(utf8);
  if (!points || points->empty() || points->size() > kMaxLabelOctets) return std::nullopt;
  bool ascii = std::all_of(points->begin(), points->end(), [](char32_t point) { return point < 0x80; });
  std::string label = ascii ? std::string(utf8) : "xn--" + encode(*points);
  if (label.size() > kMaxLabelOctets) return std::nullopt;
  return label;
}

}  // namespace zw
