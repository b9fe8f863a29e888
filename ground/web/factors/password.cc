#include "web/factors/password.h"

#include <algorithm>
#include <functional>
#include <string>

#include "format/unicode.h"
#include "format/utf8.h"
#include "web/factors/common_passwords.h"

namespace zw {
namespace {

constexpr std::size_t kLongestPiece = 4;      // that is "one short piece again and again"
constexpr std::size_t kLeastKnownOctets = 4;  // shorter names stand in too many good passwords

void wipe_text(std::string& text) { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

// Zs of Unicode other than U+0020 (RFC 8265 §4.2.2).
bool is_other_blank(char32_t p) {
  return p == 0xA0 || p == 0x1680 || (p >= 0x2000 && p <= 0x200A) || p == 0x202F || p == 0x205F ||
         p == 0x3000;
}
bool is_control(char32_t p) { return p < 0x20 || (p >= 0x7F && p <= 0x9F); }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

bool repeats(std::string_view text) {
  for (std::size_t piece = 1; piece <= kLongestPiece; ++piece)
    if (text.size() > piece &&
        std::equal(text.begin() + static_cast<std::ptrdiff_t>(piece), text.end(), text.begin()))
      return true;
  return false;
}

/// Each octet one more, or one less, than the octet before; 0 follows 9.
bool runs(std::string_view text) {
  auto all = [text](auto follows) {
    return std::adjacent_find(text.begin(), text.end(), std::not_fn(follows)) == text.end();
  };
  auto rises = [](char a, char b) { return b == a + 1 || (a == '9' && b == '0'); };
  return all(rises) || all([&](char a, char b) { return rises(b, a); });
}

std::string_view without_frame(std::string_view text) {
  while (!text.empty() && !is_letter(text.front())) text.remove_prefix(1);
  while (!text.empty() && !is_letter(text.back())) text.remove_suffix(1);
  return text;
}

bool is_known(std::string_view folded, std::span<const std::string_view> known) {
  return std::any_of(known.begin(), known.end(), [&](std::string_view word) {
    std::string one = lower(word);
    return one.size() >= kLeastKnownOctets && (folded == one || without_frame(folded) == without_frame(one));
  });
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Result<Password> Password::typed(std::string_view text) {
  if (text.size() > kMostPasswordOctets)
    return fail(ErrorKind::malformed, "the password has {} octets, at most {} are taken", text.size(),
                kMostPasswordOctets);
  ZW_TRY(std::string normal, normal_form_c(text));
  SecretBuffer octets;
  octets.reserve(normal.size());
  bool has_control = false;
  for (std::string_view rest = normal; !rest.empty();) {
    Utf8Step step = first_point(rest);
    has_control = has_control || is_control(*step.point);
    append(octets, is_other_blank(*step.point) ? std::string_view(" ") : rest.substr(0, step.octets));
    rest.remove_prefix(step.octets);
  }
  wipe_text(normal);
  if (has_control)
    return fail(ErrorKind::malformed, "the password has a control character, such as a line's end");
  return Password(std::move(octets));
}

Result<Password> Password::chosen(std::string_view text, std::span<const std::string_view> known) {
  auto password = typed(text);
  if (!password) return fail(ErrorKind::refused, "{}", password.error().what);
  std::string_view prepared = as_text(password->octets());
  if (characters(prepared) < kLeastPasswordCharacters)
    return fail(ErrorKind::refused, "the password is too short: it needs at least {} characters",
                kLeastPasswordCharacters);
  std::string folded = lower(prepared);
  bool common = is_common_password(folded), guessed = is_known(folded, known);
  wipe_text(folded);
  if (common)
    return fail(ErrorKind::refused,
                "this password is one of those that are tried first; take another, for example "
                "several words that have nothing to do with one another");
  if (guessed)
    return fail(ErrorKind::refused,
                "the password is made of a name that belongs to this account or service; take "
                "another");
  return password;
}

bool is_common_password(std::string_view password) {
  std::string folded = lower(password);
  bool common = repeats(folded) || runs(folded) ||
                std::binary_search(kCommonPasswords.begin(), kCommonPasswords.end(), folded);
  wipe_text(folded);
  return common;
}

}  // namespace zw
