// All that an answer is made from, as one immutable value: a change makes a new one, which each worker takes
// over between two batches of queries. Whoever still works with the old one keeps it.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "authority/rate_limiter.h"
#include "authority/responder.h"
#include "authority/zone_table.h"
#include "dns/tsig_key.h"
#include "localroot/portal/access.h"
#include "transfer/access_list.h"
#include "transfer/differences.h"

namespace zw::localroot {

/// Who may do what with one zone.
struct ZoneAccess {
  Name origin;
  AccessList transfer, notify;
  /// Whether all rules of `transfer` are for TLS, so that nobody is given the zone in clear text (RFC 9103).
  bool is_tls_only() const {
    const auto& rules = transfer.rules();
    return !rules.empty() && std::all_of(rules.begin(), rules.end(), [](const AccessRule& rule) {
      return rule.tls || !rule.tls_client.empty();
    });
  }
};

/// What the configuration says; lives through many snapshots.
struct Rules {
  ResponderOptions options;
  RateLimits rate_limits = {.per_second = 0, .exempt = {}};  // of one worker
  RateLimiter::Secret rate_secret{};
  TsigKeyring keys;
  std::vector<ZoneAccess> zones;

  std::vector<std::size_t> catalogs;  // places in zones

  const ZoneAccess* find(NameView origin) const {
    for (const ZoneAccess& zone : zones)
      if (zone.origin.view() == origin) return &zone;
    return nullptr;
  }
};

struct Snapshot {
  ZoneTable zones;
  std::vector<Rendered> rendered;  // in the order of zones.zones()
  std::shared_ptr<const Rules> rules;
  portal::PortalAccessPtr portal{};  // whom the portal lets in beside the rules; null: there is none

  /// Of a zone of this snapshot.
  Rendered rendered_of(const ServedZone& zone) const {
    return rendered[static_cast<std::size_t>(&zone - zones.zones().data())];
  }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace zw::localroot
