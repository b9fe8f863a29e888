// How far an account has come with the four steps to a resolver that is told.
#pragma once

#include "localroot/portal/store.h"

namespace zw::localroot::portal {

struct Progress {
  std::vector<PortalKey> keys;
  std::vector<ServerSummary> servers;  // all of the account

  /// `active`: that are told of everything, or fetch over HTTPS.
  std::int64_t active = 0, waiting = 0, paused = 0, disabled = 0;  // servers
  /// Of whom the next step is: enabled, and not told of everything; else the first; null if there is none.
  const ServerSummary* next() const { return next_at ? &servers[*next_at] : nullptr; }
  std::optional<std::size_t> next_at{};

  bool is_done() const { return active > 0; }
};

Result<Progress> progress_of(PortalStore& store, AccountId account);

}  // namespace zw::localroot::portal
