// The pages of passkeys, which are a part of those of accounts (pages.h). They are the only ones that need a
// script, and say so to who has none.
#pragma once

#include "web/accounts/passkeys.h"
#include "web/site/frame.h"

namespace zw {

/// The pages that ask for a passkey beside other things, to be shown again with what went wrong.
struct PasskeyAskers {
  std::function<WebResponse(const WebRequest&, std::string_view what)> sign_in;
  std::function<WebResponse(const WebRequest&, const Session&, std::string_view what)> factor;
};

/// Adds `/sign-in/passkey`, `/factor/passkey`, `/account/passkeys` and what is below them.
void add_passkey_pages(WebRouter& router, const SiteFrame& frame, AccountPasskeys& passkeys,
                       PasskeyAskers askers);

}  // namespace zw
