// All of a person's account, with what it registered here: a copy to take along, and its end.
#pragma once

#include "localroot/portal/store.h"
#include "web/accounts/accounts.h"
#include "web/accounts/tokens.h"

namespace zw::localroot::portal {

/// One JSON document: the account, its sessions, its passkeys and tokens (of which no secret is known), what
/// it registered, and what it did (at most the last 10,000 events). Secrets of keys and URLs only
/// `with_secrets`.
Result<std::string> export_all(PortalStore& store, Accounts& accounts, AccountTokens& tokens,
                               const Session& session, bool with_secrets);

/// Ends the account and all that hangs on it, in one transaction, sessions too. `client`: for the event log.
Result<void> remove_all(PortalStore& store, Accounts& accounts, AccountId account,
                        const AccountClient& client);

}  // namespace zw::localroot::portal
