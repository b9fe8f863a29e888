#include "web/site/form_token.h"

#include "base/encoding.h"
#include "crypto/hmac.h"
#include "dns/address_text.h"
#include "web/factors/site_key.h"

namespace zw {
namespace {

constexpr std::size_t kCodeOctets = 16;
constexpr std::size_t kTimeDigits = 10;

std::uint64_t seconds_of(WallTime when) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count());
}

}  // namespace

FormTokens::FormTokens(Bytes site_key) : key_(key_for(site_key, SiteKeyUse::form_tokens)) {}

std::string FormTokens::code(std::string_view session, std::string_view purpose, std::uint64_t until) const {
  auto hmac = Hmac::make(HmacAlgorithm::sha256, key_);
  ZW_ASSERT(hmac);
  std::string head;
  append_decimal(head, until);
  // No part holds a NUL, so no two of them can be cut in another way.
  for (std::string_view part : {std::string_view(head), session, purpose}) {
    hmac->update(as_bytes(part));
    hmac->update(as_bytes(std::string_view("\0", 1)));
  }
  Buffer out = hmac->finish();
  return base16(Bytes(out).first(kCodeOctets));
}

std::string FormTokens::make(std::string_view session, std::string_view purpose, WallTime now) const {
  std::uint64_t until = seconds_of(now + kLife);
  std::string out;
  append_decimal(out, until);
  return out + "-" + code(session, purpose, until);
}

Result<void> FormTokens::check(std::string_view token, std::string_view session, std::string_view purpose,
                               WallTime now) const {
  constexpr auto kWords =
      "this form is not from the page that you have open: load the page again and send it once more";
  auto dash = token.find('-');
  auto until = parse_number(token.substr(0, dash), 99'999'999'999);
  if (dash == token.npos || dash < kTimeDigits || !until) return fail(ErrorKind::refused, "{}", kWords);
  std::string expected = code(session, purpose, *until);
  if (!constant_time_equal(as_bytes(token.substr(dash + 1)), as_bytes(expected)))
    return fail(ErrorKind::refused, "{}", kWords);
  if (*until < seconds_of(now))
    return fail(ErrorKind::refused,
                "this page has been open for too long: load it again and send the form once more");
  return {};
}

bool is_from_us(const WebRequest& request, std::string_view origin) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" && request.fetch_site != "none")
    return false;
  return request.origin.empty() || request.origin == origin;
}

}  // namespace zw
