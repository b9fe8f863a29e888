#include "os/service.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace zw {

Result<Signals> Signals::make() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  if (int code = pthread_sigmask(SIG_BLOCK, &set, nullptr)) return fail_errno("blocking signals", code);
  Descriptor fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return fail_errno("signalfd");
  return Signals(std::move(fd));
}

std::optional<Signal> Signals::next() {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return info.ssi_signo == SIGHUP ? Signal::reload : Signal::stop;
}

ServiceManager ServiceManager::from_environment() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  return ServiceManager(socket ? socket : "");
}

Result<void> ServiceManager::reloading() const {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                          std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
}

Result<void> ServiceManager::status(std::string_view line) const {
  return tell(fmt::format("STATUS={}", line.substr(0, line.find('\n'))));
}

Result<void> ServiceManager::tell(std::string_view state) const {
  if (socket_.empty()) return {};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path || (socket_[0] != '/' && socket_[0] != '@'))
    return fail(ErrorKind::unsupported, "NOTIFY_SOCKET: expected /path or @name, got '{}'", socket_);
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  Descriptor fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("NOTIFY_SOCKET");
  if (sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address),
             length) < 0)
    return fail_errno("NOTIFY_SOCKET");
  return {};
}

}  // namespace zw
