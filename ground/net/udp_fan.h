// Datagrams to very many addresses, and their answers, over a few sockets at random ports that are not
// connected. Messages are written in place, gathered, and handed to the kernel in batches; each batch leaves
// by the next socket. Answers come in batches too. Who an answer is from, and whether it is one, is for the
// caller to say.
//
// Lives on its loop's thread. What it calls back must not destroy it.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "net/loop.h"
#include "net/socket.h"

namespace zw {

class UdpFan {
 public:
  static constexpr std::size_t kSockets = 4, kBatch = 64, kMostOctets = 1536;

  struct Calls {
    /// Came by the socket of this number.
    std::function<void(unsigned socket, const Address& from, Bytes message)> received;
    /// The system did not take the message that was staged with this tag.
    std::function<void(std::uint32_t tag)> unsent;
    /// There is room again, after flush() said that there was none.
    std::function<void()> writable;
  };

  /// Sends from `from`, which may be the wildcard of a family.
  static Result<std::unique_ptr<UdpFan>> make(Loop& loop, const IpAddress& from, Random& random, Calls calls);
  ~UdpFan();

  /// For the next message, kMostOctets of them; none if a batch is full and has to be flushed.
  MutableBytes room();
  /// The socket by which it will leave.
  unsigned socket() const { return turn_; }
  /// The message that was written into room(). `to`: of the family of `from`.
  void stage(const Address& to, std::size_t octets, std::uint32_t tag);
  /// Hands over what is staged. False if the system has no room for some of it, which is then kept and tried
  /// again soon; nothing is staged until `writable`.
  bool flush();
  /// Takes what has come in, which happens by itself too when the loop turns.
  void receive();

 private:
  struct Batch;
  struct Socket final : Watcher {
    UdpFan* fan = nullptr;
    unsigned number = 0;
    Descriptor fd;
    void ready(std::uint32_t) override { fan->receive(*this); }
  };
  UdpFan(Loop& loop, Calls calls);
  void receive(Socket& socket);
  bool send();
  void try_again();

  Loop& loop_;
  Calls calls_;
  std::array<Socket, kSockets> sockets_;
  std::unique_ptr<Batch> batch_;
  Timer again_;
  std::size_t staged_ = 0, sent_ = 0;
  unsigned turn_ = 0;
};

}  // namespace zw
