// The form of a server, read into a draft. Pure.
#pragma once

#include "localroot/portal/pages/visit.h"

namespace zw::localroot::portal {

struct ReadDraft {
  ServerDraft draft;
  FormFaults faults;  // of `label`, `addresses`, `key`, `zones`
};

/// `zones`: those that the form shows, as `zone-7` each. `keys`: those of the account. What only the store
/// knows is not looked at.
ReadDraft read_draft(const WebFields& form, const std::vector<PortalKey>& keys,
                     const std::vector<PortalZone>& zones, const PortalSettings& settings);

/// Addresses, one on a line, blank lines passed over. Each fault names its line and what stands there.
struct ReadAddresses {
  std::vector<Address> addresses;
  std::string faults;  // empty if all are good
};
ReadAddresses read_addresses(std::string_view text, bool has_key, const PortalSettings& settings);

}  // namespace zw::localroot::portal
