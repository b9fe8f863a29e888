// The pages of accounts, the same for every site: sign up, sign in, lost password, second factor, passkeys,
// and one's own account.
#pragma once

#include "web/accounts/accounts.h"
#include "web/factors/work_ticket.h"
#include "web/site/frame.h"

namespace zw {

/// Adds `/sign-up`, `/lost-password`, `/link/{code}`, `/sign-in`, `/factor`, `/sign-out`, `/account` and what
/// is below it, with the pages of passkeys (passkey_pages.h). All that is given outlives the router.
void add_account_pages(WebRouter& router, const SiteFrame& frame, Accounts& accounts, WorkTickets& tickets);

}  // namespace zw
