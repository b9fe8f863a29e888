#include "os/local_channel.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "os/files.h"

namespace zw {
namespace {

constexpr int kSendTimeoutMs = 5000;

union Control {
  cmsghdr header;
  char octets[CMSG_SPACE(LocalChannel::kMostDescriptors * sizeof(int))];
};

// A path that is too long for the structure is named by its folder's descriptor.
struct Place {
  sockaddr_un address{};
  Descriptor folder;
};

Result<Place> place_of(const std::string& path) {
  Place out;
  std::string text = path;
  if (text.size() >= sizeof out.address.sun_path) {
    std::string folder = folder_of(path);
    out.folder = Descriptor(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!out.folder) return fail_errno(folder);
    text = fmt::format("/proc/self/fd/{}/{}", out.folder.get(), path.substr(path.rfind('/') + 1));
    if (text.size() >= sizeof out.address.sun_path) return fail_errno(path, ENAMETOOLONG);
  }
  out.address.sun_family = AF_UNIX;
  std::memcpy(out.address.sun_path, text.data(), text.size());
  return out;
}

const sockaddr* as_any(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

Result<Descriptor> open_socket() {
  Descriptor fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("unix socket");
  return fd;
}

// Whoever may write to the folder could listen or connect there: only ourselves and root are talked with.
Result<void> check_user(int fd, const std::string& what) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return fail_errno(what);
  if (peer.uid == geteuid() || peer.uid == 0 || geteuid() == 0) return {};
  return fail(ErrorKind::refused, "{}: the other side is user {}", what, peer.uid);
}

}  // namespace

Result<LocalChannel> LocalChannel::connect(const std::string& path) {
  ZW_TRY(Place place, place_of(path));
  ZW_TRY(Descriptor fd, open_socket());
  if (::connect(fd.get(), as_any(place.address), sizeof place.address) != 0) {
    if (errno == ECONNREFUSED) return fail(ErrorKind::not_found, "{}: nobody listens", path);
    return fail_errno(path);
  }
  ZW_CHECK(check_user(fd.get(), path));
  return LocalChannel(std::move(fd));
}

Result<void> LocalChannel::send(std::string_view text, std::span<const int> descriptors) {
  ZW_ASSERT(!text.empty() && text.size() <= kMostOctets && descriptors.size() <= kMostDescriptors);
  std::string copy(text);
  iovec piece{copy.data(), copy.size()};
  Control control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.octets;
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(c), descriptors.data(), descriptors.size_bytes());
  }
  for (;;) {
    if (sendmsg(fd_.get(), &message, MSG_NOSIGNAL) >= 0) return {};
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail_errno("sending to another process");
    pollfd room{fd_.get(), POLLOUT, 0};
    if (poll(&room, 1, kSendTimeoutMs) == 0)
      return fail(ErrorKind::timeout, "sending to another process: it does not read");
  }
}

Result<LocalChannel::Message> LocalChannel::receive(std::chrono::milliseconds timeout) {
  pollfd something{fd_.get(), POLLIN, 0};
  int ready = poll(&something, 1, static_cast<int>(timeout.count()));
  if (ready == 0) return fail(ErrorKind::timeout, "the other process says nothing");
  if (ready < 0 && errno != EINTR) return fail_errno("waiting for another process");
  Message out;
  out.text.resize(kMostOctets);
  iovec piece{out.text.data(), out.text.size()};
  Control control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.octets;
  message.msg_controllen = sizeof control;
  ssize_t got = recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return fail(ErrorKind::timeout, "the other process says nothing");
  if (got < 0 && errno != ECONNRESET) return fail_errno("hearing another process");
  for (cmsghdr* c = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr; c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      out.descriptors.emplace_back(fd);
    }
  }
  if (got <= 0) return fail(ErrorKind::not_found, "the other process has ended");
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
    return fail(ErrorKind::limit, "a message of another process is too large");
  out.text.resize(static_cast<std::size_t>(got));
  return out;
}

Result<LocalListener> LocalListener::make(const std::string& path) {
  ZW_TRY(Place place, place_of(path));
  ZW_TRY(Descriptor fd, open_socket());
  unlink(path.c_str());
  if (bind(fd.get(), as_any(place.address), sizeof place.address) != 0) return fail_errno(path);
  if (listen(fd.get(), 8) != 0) return fail_errno(path);
  return LocalListener(std::move(fd));
}

Result<LocalChannel> LocalListener::accept() {
  Descriptor fd(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) {
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
      return fail(ErrorKind::timeout, "nobody connects");
    return fail_errno("accepting another process");
  }
  ZW_CHECK(check_user(fd.get(), "a process that connects"));
  return LocalChannel(std::move(fd));
}

}  // namespace zw
