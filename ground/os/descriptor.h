// A file descriptor that closes itself, and the error of the last system call as an Error.
#pragma once

#include <string_view>
#include <utility>

#include "base/result.h"

namespace zw {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close();
  /// Gives the descriptor away: whoever takes it closes it.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// `subject: what the system says`, of errno; ENOENT is `not_found`, EACCES and EPERM `refused`, ETIMEDOUT
/// `timeout`, the rest `io`.
std::unexpected<Error> fail_errno(std::string_view subject, int code);
std::unexpected<Error> fail_errno(std::string_view subject);

/// Raises the soft limit of open files to the hard one, and returns it.
std::size_t raise_open_files();

}  // namespace zw
