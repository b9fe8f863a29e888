// DNS messages in a TCP stream: each after two octets of its length (RFC 1035 §4.2.2, RFC 7766 §8).
#pragma once

#include <utility>

#include "base/bytes.h"

namespace zw {

inline void append_frame(Buffer& out, Bytes message) {
  std::uint8_t length[2];
  set16(length, static_cast<std::uint16_t>(message.size()));
  append(out, length);
  append(out, message);
}

/// Cuts what comes in, in pieces of any size, into messages. Keeps only octets that have come, never memory
/// for what a length announces.
class FrameReader {
 public:
  /// Takes what came in and calls `take(Bytes message)` for each message that is whole, until it returns
  /// false; the messages after that wait for the next call, which may bring no octets.
  template <typename Take>
  void feed(Bytes octets, Take&& take) {
    if (!kept_.empty()) append(kept_, octets);
    Bytes all = kept_.empty() ? octets : Bytes(kept_);
    Bytes rest = all;
    bool more = true;
    while (more && has_frame(rest)) {
      Bytes message = rest.subspan(2, get16(rest.data()));
      rest = rest.subspan(2 + message.size());
      more = take(message);
    }
    if (rest.empty())
      kept_ = Buffer();  // an idle connection holds no memory
    else if (kept_.empty())
      kept_.assign(rest.begin(), rest.end());
    else
      kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(all.size() - rest.size()));
  }

  /// A whole message waits.
  bool waiting() const { return has_frame(kept_); }
  /// A message has begun, or waits.
  bool begun() const { return !kept_.empty(); }
  /// The size of the message that has begun; 0 if none has, or too little of it to know.
  std::size_t announced() const { return kept_.size() < 2 ? 0 : get16(kept_.data()); }

 private:
  static bool has_frame(Bytes octets) {
    return octets.size() >= 2 && octets.size() - 2 >= get16(octets.data());
  }
  Buffer kept_;
};

}  // namespace zw
