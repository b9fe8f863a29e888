#include "localroot/portal/pages/progress.h"

namespace zw::localroot::portal {

Result<Progress> progress_of(PortalStore& store, AccountId account) {
  Progress out;
  ZW_TRY(out.keys, store.keys(account));
  ZW_TRY(out.servers, store.servers(account, 0, static_cast<std::int64_t>(store.settings().most_servers)));
  for (const ServerSummary& server : out.servers) {
    bool is_active = server.targets > 0 && server.active + server.downloading == server.targets;
    if (!server.enabled)
      ++out.disabled;
    else if (server.paused > 0)
      ++out.paused;
    else if (is_active)
      ++out.active;
    else
      ++out.waiting;
    if (server.enabled && !is_active && !out.next_at)
      out.next_at = static_cast<std::size_t>(&server - out.servers.data());
  }
  if (!out.next_at && !out.servers.empty()) out.next_at = 0;
  return out;
}

}  // namespace zw::localroot::portal
