#include "format/unicode.h"

#include <idn2.h>
#include <uninorm.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "format/utf8.h"

namespace zw {
namespace {

constexpr std::size_t kMostHostOctets = 253, kMostLabelOctets = 63, kMostTyped = 1024;

template <typename T>
using Allocated = std::unique_ptr<T, decltype(&std::free)>;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMostLabelOctets && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Result<std::string> checked_host(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), lower);
  if (name.size() > kMostHostOctets)
    return fail(ErrorKind::malformed, "host name of {} octets, expected at most {}", name.size(),
                kMostHostOctets);
  for (std::string_view rest = name;;) {
    std::size_t dot = std::min(rest.find('.'), rest.size());
    if (!is_label(rest.substr(0, dot)))
      return fail(ErrorKind::malformed,
                  "host name {}: expected labels of letters, digits and inner hyphens, 1 to {} each",
                  quote_foreign(name), kMostLabelOctets);
    if (dot == rest.size()) return name;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace

Result<std::string> normal_form_c(std::string_view text) {
  if (!is_utf8(text)) return fail(ErrorKind::malformed, "text is no UTF-8");
  if (is_ascii(text)) return std::string(text);
  std::size_t size = 0;
  Allocated<std::uint8_t> normal(u8_normalize(UNINORM_NFC, reinterpret_cast<const std::uint8_t*>(text.data()),
                                              text.size(), nullptr, &size),
                                 &std::free);
  if (!normal) return fail(ErrorKind::malformed, "text cannot be brought into normalization form C");
  return std::string(reinterpret_cast<const char*>(normal.get()), size);
}

Result<std::string> parse_label(std::string_view text, std::size_t most) {
  constexpr std::size_t kMostPointOctets = 4;
  if (text.size() > kMostPointOctets * most)
    return fail(ErrorKind::malformed, "label: expected at most {} characters", most);
  ZW_TRY(std::string label, normal_form_c(text));
  std::size_t characters = 0;
  bool any = false;
  for (std::string_view rest = label; !rest.empty(); ++characters) {
    Utf8Step step = first_point(rest);
    if (!step.point || is_deceptive(*step.point))
      return fail(ErrorKind::malformed, "label: a character that cannot be seen");
    any = any || *step.point != ' ';
    rest.remove_prefix(step.octets);
  }
  if (!any || characters > most)
    return fail(ErrorKind::malformed, "label: expected 1 to {} characters", most);
  return label;
}

Result<std::string> ascii_host_name(std::string_view name) {
  if (name.size() > kMostTyped || name.find('\0') != name.npos)
    return fail(ErrorKind::malformed, "host name is too long or holds a null octet");
  if (is_ascii(name)) return checked_host(std::string(name));
  char* out = nullptr;
  std::string typed(name);
  // With IDN2_USE_STD3_ASCII_RULES libidn2 would leave out what may not stand in a label, and a name with a
  // slip would become another one; without, it stays there and is refused below.
  int code = idn2_to_ascii_8z(typed.c_str(), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  Allocated<char> ascii(out, &std::free);
  if (code != IDN2_OK)
    return fail(ErrorKind::malformed, "host name {}: {}", quote_foreign(name), idn2_strerror(code));
  return checked_host(ascii.get());
}

}  // namespace zw
