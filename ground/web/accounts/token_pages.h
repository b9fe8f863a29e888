// The pages of tokens of programs, the same for every site: those that there are, a new one, and their end.
#pragma once

#include "web/accounts/tokens.h"
#include "web/site/frame.h"

namespace zw {

/// Adds `/account/tokens` and what is below it. All that is given outlives the router.
void add_token_pages(WebRouter& router, const SiteFrame& frame, AccountTokens& tokens);

/// For FrameSettings::account_links.
inline SiteLink token_link() { return {"/account/tokens", "Tokens for programs"}; }

}  // namespace zw
