// The octets of a connection: a socket's as they are, or in TLS. Nothing here blocks.
#pragma once

#include <memory>
#include <span>

#include "base/scratch.h"
#include "crypto/tls.h"
#include "net/handler.h"
#include "os/descriptor.h"

namespace zw {

class Wire {
 public:
  /// What reading and writing need for a moment; wires of one thread share it.
  struct Room {
    Room() : in(kMaxMessage + 2), plain(in.size() + TlsSession::kRecordOctets) {}
    Scratch in, plain;
  };

  explicit Wire(Descriptor fd = {}, std::unique_ptr<TlsSession> tls = nullptr)
      : fd_(std::move(fd)), tls_(std::move(tls)) {}

  int fd() const { return fd_.get(); }
  explicit operator bool() const { return static_cast<bool>(fd_); }
  void close();

  bool is_tls() const { return tls_ != nullptr; }
  /// Nothing can be written yet.
  bool in_handshake() const { return tls_ && tls_->status() == TlsSession::Status::handshake; }
  /// The TLS session failed, and the error is about that.
  bool has_failed() const { return tls_ && tls_->status() == TlsSession::Status::failed; }
  /// Why.
  std::string_view fault() const { return tls_->error().what; }
  /// Who the other side is, as far as TLS knows; null without TLS.
  const TlsPeer* peer() const { return tls_ ? &tls_->peer() : nullptr; }

  struct Got {
    Bytes octets;      // in the room; perhaps none
    bool end = false;  // nothing more comes
  };
  /// Reads from the socket once. Errors are without the address.
  Result<Got> read(Room& room);

  struct Put {
    std::size_t taken = 0;  // octets of the pieces; what of them is under way is pending()
    bool blocked = false;   // the socket takes no more
  };
  /// Writes the pieces, one after another, or a part of them.
  /// `more`: what comes next is not far; until then the kernel may keep what fills no segment.
  Result<Put> write(std::span<const Bytes> pieces, Room& room, bool more = false);
  /// Writes what is pending.
  Result<Put> flush(bool more = false);
  /// The same for last words: whether they arrive is nobody's concern.
  void try_flush() {
    if (auto put = flush(); !put) return;
  }
  /// Octets wait in us for the socket.
  bool pending() const { return tls_ && !tls_->outgoing().empty(); }
  /// What is pending is of what was said, not of the handshake.
  bool carries() const { return carries_ && pending(); }

  /// Says in TLS that nothing more comes. True the first time, if there is something to be said: then flush.
  bool say_end();
  /// To be called when nothing goes on: gives memory back.
  void rest();

  /// Octets that the kernel took.
  std::uint64_t written() const { return written_; }

 private:
  Result<Put> put(std::span<const Bytes> pieces, bool more);

  Descriptor fd_;
  std::unique_ptr<TlsSession> tls_;
  bool carries_ = false, said_end_ = false;
  std::uint64_t written_ = 0;
};

}  // namespace zw
