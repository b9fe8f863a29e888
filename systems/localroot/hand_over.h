// How one process takes over from another without a lost query or a cut transfer: an upgrade, or a restart.
//
// The new process connects to the socket STATE/hand-over of the old one. That stops changing the state
// folder, and sends its lock, its secret for cookies, and all listening sockets; it answers queries on. The
// new one verifies what is on disk, begins to answer on the same sockets, and says so. The old one then
// closes them, having answered what it had received, and ends when the last connection has: transfers go to
// their end. Should the new one end or hang before it serves, the old one goes on as if nothing had been.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dns/cookie.h"
#include "log/log.h"
#include "net/loop.h"
#include "net/server.h"
#include "os/files.h"
#include "os/local_channel.h"

namespace zw::localroot {

/// The old process: waits for a successor. On the loop's thread.
class HandOver final : public Watcher {
 public:
  struct Calls {
    std::function<void()> freeze;  // stop changing the state folder, then call give()
    std::function<void()> thaw;    // the successor is gone: go on as before
    std::function<void()> leave;   // the successor serves: close the listening sockets, call left(), and end
  };
  /// How long a successor may take until it serves: large zones are verified meanwhile.
  static constexpr Milliseconds kPatience{600'000};

  static Result<std::unique_ptr<HandOver>> make(Loop& loop, Logger& log, const std::string& state,
                                                Calls calls);
  ~HandOver();

  void give(const FolderLock& lock, const CookieSecret& cookies, const std::vector<SharedSockets>& sockets);
  void left();
  /// From freeze() on, until thaw() or for good.
  bool is_under_way() const { return channel_.has_value(); }

 private:
  class Door final : public Watcher {  // where successors knock
   public:
    Door(HandOver& of, LocalListener opened) : listener(std::move(opened)), of_(of) {}
    ~Door() { of_.loop_.unwatch(listener.fd(), *this); }
    void ready(std::uint32_t) override { of_.knocked(); }
    LocalListener listener;

   private:
    HandOver& of_;
  };
  HandOver(Loop& loop, Logger& log, Calls calls);
  Result<void> open(const std::string& path);
  void knocked();
  void ready(std::uint32_t events) override;  // of the channel
  void say(LocalChannel& to, std::string_view text);
  void give_up(std::string_view why);
  void close();

  Loop& loop_;
  Logger& log_;
  Calls calls_;
  std::unique_ptr<Door> door_;
  std::optional<LocalChannel> channel_;
  Timer patience_;
};

/// The new process: what it was given, and its word that it serves.
class Succession {
 public:
  /// Absent if nobody serves from this state folder. Waits until the old process has stopped changing it.
  static Result<std::optional<Succession>> begin(const std::string& state);

  /// Shared with the old process.
  FolderLock take_lock() { return std::move(lock_); }
  const CookieSecret& cookie_secret() const { return cookies_; }
  const std::vector<Address>& listening() const { return listening_; }
  std::vector<InheritedSockets> take_sockets() { return std::move(sockets_); }

  /// We serve. Comes back when the old process has closed its listening sockets, or is gone anyway; fails if
  /// it had given us up, and serves on itself: then we must end.
  Result<void> serve();

 private:
  Succession(LocalChannel channel, FolderLock lock) : channel_(std::move(channel)), lock_(std::move(lock)) {}
  Result<bool> take_one();

  LocalChannel channel_;
  FolderLock lock_;
  CookieSecret cookies_{};
  std::vector<Address> listening_;
  std::vector<InheritedSockets> sockets_;
};

}  // namespace zw::localroot
