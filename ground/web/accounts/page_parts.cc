#include "web/accounts/page_parts.h"

#include <fmt/format.h>

namespace zw {
namespace {

constexpr std::chrono::hours kSessionLife{24 * 30}, kDeviceLife{24 * 180};

}  // namespace

std::string print_moment(Timestamp when) {
  std::string text = print_time(std::chrono::floor<Seconds>(when));  // 2026-08-05T00:00:00Z
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

WebResponse enter_site(const SiteFrame& frame, const SignedIn& signed_in, std::string_view next) {
  std::string to = next.empty() ? "/" : std::string(next);
  WebResponse out = WebResponse::redirect(signed_in.is_whole ? to : "/factor?next=" + percent_encode(to));
  out.cookie(kSessionCookie, as_text(signed_in.session), kSessionLife, frame.is_secure());
  out.cookie(kDeviceCookie, as_text(signed_in.device), kDeviceLife, frame.is_secure());
  return out;
}

WebResponse show_recovery_codes(const SiteFrame& frame, const WebRequest& request, const Session& session,
                                const RecoveryCodes& codes) {
  PageData data;
  PageData::List list;
  for (const std::string& code : codes.codes) {
    PageData row;
    row.text("code", code);
    list.push_back(std::move(row));
  }
  data.list("codes", std::move(list));
  return frame.page(request, session, "codes", data, {.title = "Codes for paper", .is_narrow = true});
}

}  // namespace zw
