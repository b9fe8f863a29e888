// What several pages of accounts share.
#pragma once

#include "web/accounts/accounts.h"
#include "web/site/frame.h"

namespace zw {

inline constexpr std::string_view kSessionCookie = "session", kDeviceCookie = "device";

/// `2026-08-05 00:00 UTC`.
std::string print_moment(Timestamp when);

/// With a session of its own, whatever the browser had before; to `next`, or by way of the second factor.
WebResponse enter_site(const SiteFrame& frame, const SignedIn& signed_in, std::string_view next);

/// Shows codes for paper, this once.
WebResponse show_recovery_codes(const SiteFrame& frame, const WebRequest& request, const Session& session,
                                const RecoveryCodes& codes);

}  // namespace zw
