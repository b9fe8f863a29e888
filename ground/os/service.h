// What a service hears from and tells its manager: signals as something to poll, and systemd's readiness
// protocol (sd_notify(3)) over $NOTIFY_SOCKET.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/descriptor.h"

namespace zw {

enum class Signal { stop, reload, upgrade };  // SIGTERM and SIGINT; SIGHUP; SIGUSR2

/// Takes the signals out of their handlers and into a descriptor. Make it before the first thread starts, for
/// threads inherit the mask; a child process would inherit it too. They stay blocked until the process ends.
class Signals {
 public:
  static Result<Signals> make();
  int fd() const { return fd_.get(); }  // readable when next() has something
  std::optional<Signal> next();         // does not wait

 private:
  explicit Signals(Descriptor fd) : fd_(std::move(fd)) {}
  Descriptor fd_;
};

/// Starts the program that stands where ours was started from, perhaps a newer one, with these arguments (the
/// first is its name) and our environment. Its signals are not blocked. Nobody waits for its end.
Result<void> start_again(const std::vector<std::string>& arguments);

/// The service manager, or nobody. Telling nobody succeeds. Safe for many threads.
class ServiceManager {
 public:
  /// `socket`: a path, or `@name` in the abstract name space. Empty: nobody.
  explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}
  static ServiceManager from_environment();

  Result<void> ready() const { return tell("READY=1"); }
  /// This process is the service's main one from now on, and ready.
  Result<void> took_over() const;
  Result<void> reloading() const;  // ready() ends it
  Result<void> stopping() const { return tell("STOPPING=1"); }
  /// One line that `systemctl status` shows. Ends at the first line feed.
  Result<void> status(std::string_view line) const;

 private:
  Result<void> tell(std::string_view state) const;
  std::string socket_;
};

}  // namespace zw
