// The running localroot: keepers that take and verify zones, a server that answers from what they publish,
// notifiers that tell subscribers, and an HTTP listener that tells operators. One control thread (run()), one
// thread for each worker of the server, one for jobs, one for HTTP.
#pragma once

#include <memory>

#include "localroot/config.h"
#include "os/service.h"

namespace zw::localroot {

class Service {
 public:
  /// Takes the state folder, opens the listeners and begins to take zones. `file` is read again at reload.
  static Result<std::unique_ptr<Service>> make(std::string file, const Loaded& loaded, const Clock& clock,
                                               Logger& log);
  virtual ~Service() = default;

  /// Until a stop signal. Says when it is ready, and reloads on SIGHUP without losing a query.
  virtual void run(Signals& signals, const ServiceManager& manager) = 0;
  /// Where it answers, with the ports that were free where the configuration says 0.
  virtual std::vector<Address> listening() const = 0;
  virtual std::vector<Address> listening_tls() const = 0;
  virtual std::optional<Address> http() const = 0;
};

}  // namespace zw::localroot
