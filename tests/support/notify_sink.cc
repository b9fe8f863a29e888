// zw_notify_sink PORT DEAD-PORT [KEY]: a crowd of secondaries for comparisons. At PORT of every loopback
// address it answers each NOTIFY, over UDP and TCP, signed if that was signed; at DEAD-PORT it takes what
// comes and never answers. On SIGHUP it prints what came since the last time as one line of JSON, and forgets
// it:
//   messages, targets (addresses that were told), and seconds from the first message to the last new target.
// KEY: as for dig -y.
#include <fmt/core.h>
#include <poll.h>

#include <bitset>
#include <chrono>
#include <cstdio>
#include <mutex>

#include "dns/message_writer.h"
#include "dns/tsig.h"
#include "net/server.h"
#include "net/socket.h"
#include "os/clock.h"
#include "os/service.h"

namespace zw {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// What came, from the worker's thread and asked for by another.
class Tally {
 public:
  void add(const IpAddress& target) {
    auto now = std::chrono::steady_clock::now();
    std::lock_guard lock(mutex_);
    if (messages_++ == 0) first_ = now;
    std::size_t place = get32(target.octets().data()) & 0xffffff;
    if (told_[place]) return;
    told_[place] = true;
    ++targets_;
    last_ = now;
  }
  std::string take() {
    std::lock_guard lock(mutex_);
    double seconds = targets_ > 0 ? std::chrono::duration<double>(last_ - first_).count() : 0;
    std::string out =
        fmt::format(R"({{"messages": {}, "targets": {}, "seconds": {:.6f}}})", messages_, targets_, seconds);
    told_.reset();
    messages_ = targets_ = 0;
    return out;
  }

 private:
  std::mutex mutex_;
  std::bitset<1 << 24> told_;  // of 127.0.0.0/8
  std::uint64_t messages_ = 0, targets_ = 0;
  SteadyTime first_, last_;
};

class Crowd final : public Handler {
 public:
  Crowd(Tally& tally, const TsigKeyring& keys) : tally_(tally), keys_(keys) {}

  std::size_t udp(Bytes query, const Peer& peer, MutableBytes answer) override {
    tally_.add(peer.local.ip);
    return write(query, answer);
  }
  void tcp(Bytes query, const Peer& peer, TcpReply& reply) override {
    tally_.add(peer.local.ip);
    std::size_t size = write(query, space_);
    if (size > 0) reply.send(Bytes(space_).first(size));
  }

 private:
  std::size_t write(Bytes query, MutableBytes answer) {
    MessageFault fault;
    auto view = MessageView::read(query, fault);
    if (!view) return 0;
    writer_.start_response(answer, *view, Rcode::NOERROR, Header::kAa);
    std::size_t size = writer_.finish().size();
    if (keys_.size() == 0) return size;
    TsigRequest tsig = verify_request(*view, keys_, clock_.wall());
    if (!tsig.wants_signer()) return size;
    auto signer = TsigStreamSigner::make(tsig);
    return signer ? signer->sign(answer, size, clock_.wall()) : 0;
  }

  Tally& tally_;
  const TsigKeyring& keys_;
  SystemClock clock_;
  MessageWriter writer_;
  Buffer space_ = Buffer(kMaxMessageOctets);
};

Result<void> listen(std::uint16_t port, std::uint16_t dead_port, const TsigKeyring& keys) {
  ZW_TRY(Signals signals, Signals::make());
  Address living{*IpAddress::parse("0.0.0.0"), port}, dead{living.ip, dead_port};
  ZW_TRY(Descriptor dead_udp, open_udp_server(dead));
  ZW_TRY(Descriptor dead_tcp, open_tcp_server(dead));  // never accepted from
  auto tally = std::make_unique<Tally>();
  Metrics metrics(1);
  auto make = [&](std::size_t) { return std::make_unique<Crowd>(*tally, keys); };
  TcpLimits limits;
  limits.of_client = limits.connections;
  ZW_TRY(auto server, Server::make(1, make, metrics, limits));
  ZW_CHECK(server->listen(std::span(&living, 1)));
  pollfd waiting{signals.fd(), POLLIN, 0};
  while (true) {
    while (auto signal = signals.next()) {
      if (*signal == Signal::stop) return server->stop(Milliseconds(0)), Result<void>();
      fmt::print("{}\n", tally->take());
      std::fflush(stdout);
    }
    poll(&waiting, 1, -1);
  }
}

Result<void> run(int count, char** words) {
  TsigKeyring keys;
  if (count > 3) {
    ZW_TRY(TsigKey key, TsigKey::parse(words[3]));
    ZW_CHECK(keys.add(std::move(key)));
  }
  auto port = [&](int i) { return static_cast<std::uint16_t>(std::strtoul(words[i], nullptr, 10)); };
  return listen(port(1), port(2), keys);
}

}  // namespace
}  // namespace zw

int main(int count, char** words) {
  if (count < 3) {
    std::fputs("zw_notify_sink PORT DEAD-PORT [KEY]\n", stderr);
    return 2;
  }
  auto done = zw::run(count, words);
  if (!done) fmt::print(stderr, "zw_notify_sink: {}\n", done.error().what);
  return done ? 0 : 3;
}
