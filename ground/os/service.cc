#include "os/service.h"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
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
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) sigaddset(&set, signal);
  if (int code = pthread_sigmask(SIG_BLOCK, &set, nullptr)) return fail_errno("blocking signals", code);
  Descriptor fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return fail_errno("signalfd");
  return Signals(std::move(fd));
}

std::optional<Signal> Signals::next() {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  if (info.ssi_signo == SIGUSR2) return Signal::upgrade;
  return info.ssi_signo == SIGHUP ? Signal::reload : Signal::stop;
}

ServiceManager ServiceManager::from_environment() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  return ServiceManager(socket ? socket : "");
}

Result<void> start_again(const std::vector<std::string>& arguments) {
  char path[4096];
  ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0 || size == sizeof path) return fail_errno("/proc/self/exe");
  std::string program(path, static_cast<std::size_t>(size));
  // A program that was replaced while it runs.
  constexpr std::string_view kGone = " (deleted)";
  if (program.ends_with(kGone)) program.resize(program.size() - kGone.size());
  std::vector<char*> words;
  std::vector<std::string> copies = arguments;
  for (std::string& word : copies) words.push_back(word.data());
  words.push_back(nullptr);

  signal(SIGCHLD, SIG_IGN);  // no remains of it are kept
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  int code = posix_spawn(&child, program.c_str(), nullptr, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (code != 0) return fail_errno(program, code);
  return {};
}

Result<void> ServiceManager::took_over() const { return tell(fmt::format("MAINPID={}\nREADY=1", getpid())); }

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
