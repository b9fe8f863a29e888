// What the tests of the portal share.
#pragma once

#include "localroot/portal/feed.h"
#include "store/testing.h"

namespace zw::localroot::portal {

/// A portal's store on SQLite or PostgreSQL.
template <typename Backend>
struct PortalWorld {
  static PortalSettings small() {
    PortalSettings settings;
    settings.most_keys = 5;
    settings.most_servers = 5;
    settings.download_key = SecretBuffer(32, 7);
    return settings;
  }
  explicit PortalWorld(PortalSettings settings = small()) : store_(*database, std::move(settings)) {}

  std::unique_ptr<Database> open() {
    auto opened = Database::open({.database = backend.address(), .connections = 6},
                                 {.clock = clock, .random = random}, {&kPortalSchema, 1});
    INFO((opened ? "" : opened.error().what));
    REQUIRE(opened);
    return std::move(*opened);
  }
  PortalStore* operator->() { return &store_; }

  Backend backend;
  HandClock clock;
  Splitmix random{1};
  std::unique_ptr<Database> database = open();
  PortalStore store_;
};

inline PortalZone zone_named(std::string_view name) {
  PortalZone out;
  out.name = *Name::parse(name);
  return out;
}

}  // namespace zw::localroot::portal
