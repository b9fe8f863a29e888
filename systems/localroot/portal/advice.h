// Why a server is not told, or does not have the newest version, in words for its operator, and what to do.
// Pure.
#pragma once

#include <optional>
#include <string>

#include "localroot/portal/store.h"

namespace zw::localroot::portal {

struct Advice {
  bool is_fault = false;  // else it is as it should be, or will be by itself
  std::string what;       // one sentence
  std::string mend;       // what to do; empty if nothing
};

/// Of one target of a server. `has_key`: the server has one. `now`: for how long it lags.
Advice advise(const PortalTarget& target, bool has_key, Timestamp now);

/// Whether it fetches over HTTPS, and has lately: then it needs no NOTIFY. `target` is not told.
bool is_downloading(const PortalTarget& target, Timestamp now);

/// How long a version may be there before a server that lacks it is told of as a fault.
constexpr Seconds kLagBorne{3600};

}  // namespace zw::localroot::portal
