// What the portal knows of the service that it is part of, at one moment: an immutable value, which the
// service replaces when something changes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "localroot/advice/advice.h"
#include "localroot/changes/change_feed.h"
#include "store/value.h"

namespace zw::localroot::portal {

struct ServiceFacts {
  struct Zone {
    Name name;
    std::optional<Serial> serial;      // that is served; absent: none yet, or it has expired
    std::optional<Timestamp> since{};  // when that was published here
    std::uint64_t octets = 0;          // of its transfer as a whole; 0: not known
    std::uint64_t records = 0;         // 0: not known
    /// All that is ours: servers, TLS, anchors, where it is downloaded without a token. Whose it is made for,
    /// with which key and from where, is the caller's to add.
    Offer offer{};
    std::shared_ptr<const ChangeFeed> changes{};  // null: it has no change feed
  };
  std::vector<Zone> zones;                 // that the service keeps, in order of names
  std::optional<std::string> downloads{};  // the origin where zones are downloaded, https; absent: nowhere
  std::vector<IpAddress> tells_from{};     // where NOTIFY comes from; empty: the servers of the offer

  const Zone* find(NameView name) const {
    for (const Zone& zone : zones)
      if (zone.name.view() == name) return &zone;
    return nullptr;
  }
};
using ServiceFactsPtr = std::shared_ptr<const ServiceFacts>;

/// Gives what is known now, never null. Safe for many threads.
using ServiceView = std::function<ServiceFactsPtr()>;

}  // namespace zw::localroot::portal
