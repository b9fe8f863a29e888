// Between two processes of one user on one machine: whole messages in order, with descriptors beside them
// (unix(7), SOCK_SEQPACKET and SCM_RIGHTS). The path of a listener may be of any length.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "os/descriptor.h"

namespace zw {

class LocalChannel {
 public:
  static constexpr std::size_t kMostOctets = 16 << 10;  // of a message
  static constexpr std::size_t kMostDescriptors = 8;

  struct Message {
    std::string text;
    std::vector<Descriptor> descriptors;
  };

  /// `not_found` if nobody listens at `path`; `refused` if who does is another user (and we are not root).
  static Result<LocalChannel> connect(const std::string& path);
  explicit LocalChannel(Descriptor fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }  // readable when receive() has something to say

  /// The descriptors are the caller's still. Waits for some seconds if the other side does not read.
  Result<void> send(std::string_view text, std::span<const int> descriptors = {});
  /// `timeout`; `not_found` if the other side has ended; `limit` if the message is larger than allowed.
  Result<Message> receive(std::chrono::milliseconds timeout);

 private:
  Descriptor fd_;
};

class LocalListener {
 public:
  /// Replaces what is at `path`.
  static Result<LocalListener> make(const std::string& path);
  int fd() const { return fd_.get(); }
  /// Does not wait: `timeout` if nobody is there, `refused` for another user, who is let go.
  Result<LocalChannel> accept();

 private:
  explicit LocalListener(Descriptor fd) : fd_(std::move(fd)) {}
  Descriptor fd_;
};

}  // namespace zw
