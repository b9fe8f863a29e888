// The running localroot: keepers that take and verify zones, a server that answers from what they publish,
// notifiers that tell subscribers, and an HTTP listener that tells operators. One control thread (run()), one
// thread for each worker of the server, one for jobs, one for HTTP.
#pragma once

#include <memory>

#include "localroot/config.h"
#include "os/service.h"

namespace zw::localroot {

struct StartOptions {
  std::string file;        // the configuration; read again at reload
  bool take_over = false;  // from who serves from the state folder, if anybody does; see hand_over.h
  std::vector<std::string> upgrade;  // the command line of a process that takes over from us, for SIGUSR2
};

class Service {
 public:
  /// Takes the state folder, opens the listeners and begins to take zones. Who takes over opens nothing
  /// before run(), and there when all zones are loaded.
  static Result<std::unique_ptr<Service>> make(const StartOptions& options, const Loaded& loaded,
                                               const Clock& clock, Logger& log);
  virtual ~Service() = default;

  /// Until a stop signal, or until another process has taken over and the last client has left. Says when it
  /// is ready, reloads on SIGHUP without losing a query, and starts its successor on SIGUSR2. False if it
  /// could not take over.
  virtual bool run(Signals& signals, const ServiceManager& manager) = 0;
  /// Where it answers, with the ports that were free where the configuration says 0.
  virtual std::vector<Address> listening() const = 0;
  virtual std::vector<Address> listening_tls() const = 0;
  virtual std::vector<Address> listening_https() const = 0;
  virtual std::vector<Address> listening_portal() const = 0;
  virtual std::optional<Address> http() const = 0;
};

}  // namespace zw::localroot
