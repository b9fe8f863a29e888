// The portal of a running service: its database, accounts and mail, its pages, and what goes between them and
// the engine. An engine without pages has the rest.
#pragma once

#include <memory>
#include <vector>

#include "localroot/portal/config.h"
#include "localroot/portal/feed.h"
#include "localroot/portal/service_facts.h"
#include "metrics/metrics.h"
#include "web/https_identity.h"

namespace zw::localroot::portal {

/// Safe for many threads, but for open() and close().
class Portal {
 public:
  struct World {
    Logger& log;
    Metrics& metrics;
    std::string state;          // a folder of ours: for the database and the key, unless set otherwise
    HttpsIdentityPtr identity;  // of pages over TLS; null without
    ServiceView service;
  };

  /// Opens the database and begins to read it; `engine` hears of what is there soon, on another thread. What
  /// is in `world` and `engine` outlive it. Errors are those of its files, the database and the settings.
  static Result<std::unique_ptr<Portal>> make(const PortalConfig& config, const World& world,
                                              PortalEngine& engine);
  virtual ~Portal() = default;

  /// Shows the pages, if there are to be any.
  virtual Result<void> open() = 0;
  virtual void close() = 0;
  /// Where they are, with the ports that were free where the configuration says 0.
  virtual std::vector<Address> listening() const = 0;

  /// What the engine saw. Never waits.
  virtual void report(Report report) = 0;
  /// The engine is to hear of everything once more.
  virtual void repeat() = 0;
  /// The time that the portal goes by, for reports.
  virtual Timestamp now() const = 0;
};

/// Opens the database that a portal has, which may be running. `clock` and `random` outlive it.
Result<std::unique_ptr<Database>> open_portal_database(const PortalConfig& config, const std::string& state,
                                                       const StoreWorld& world);

}  // namespace zw::localroot::portal
