#include "web/mail/email_address.h"

#include <algorithm>

#include "format/unicode.h"
#include "format/utf8.h"

namespace zw {
namespace {

constexpr std::size_t kMostTyped = 1024;

// atext of RFC 5322 §3.2.3.
bool is_atom(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_local_part(std::string_view text) {
  bool dots = text.starts_with('.') || text.ends_with('.') || text.find("..") != text.npos;
  return !text.empty() && text.size() <= EmailAddress::kMostLocalOctets && !dots &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atom(c); });
}

}  // namespace

Result<EmailAddress> EmailAddress::parse(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  std::size_t at = text.rfind('@');
  if (at == text.npos || text.size() > kMostTyped)
    return fail(ErrorKind::malformed, "e-mail address {}: expected a name, an @ and a domain",
                quote_foreign(text));
  if (!is_local_part(text.substr(0, at)))
    return fail(ErrorKind::malformed,
                "e-mail address {}: expected 1 to {} letters of ASCII, digits and signs before the @, with "
                "single dots "
                "between them",
                quote_foreign(text), kMostLocalOctets);
  auto domain = ascii_host_name(text.substr(at + 1));
  if (!domain)
    return fail(ErrorKind::malformed, "e-mail address {}: {}", quote_foreign(text), domain.error().what);
  std::string full(text.substr(0, at + 1));
  full += *domain;
  if (full.size() > kMostOctets)
    return fail(ErrorKind::malformed, "e-mail address {}: it has {} octets, expected at most {}",
                quote_foreign(text), full.size(), kMostOctets);
  return EmailAddress(std::move(full));
}

}  // namespace zw
