// zw_packet_storm KIND ADDRESS@PORT COUNT SECONDS SEED DNS-ADDRESS@PORT ZONE KEY [AUTHORITIES]: bad input for
// one listener of a server that answers for ZONE at DNS-ADDRESS, until COUNT messages are sent or SECONDS are
// over. KIND: udp, tcp, tls or http. KEY: as for dig -y. AUTHORITIES: a file in PEM, for tls; the server is
// ns.test.
//
// In between, and at the end, the server must answer a good query at DNS-ADDRESS; if it does not within ten
// seconds, this ends with 1. Prints one line of JSON: messages that were sent and answers that came,
// connections, good queries (probes), and seconds.
#include <errno.h>
#include <fmt/core.h>
#include <poll.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "crypto/tls.h"
#include "dns/edns.h"
#include "net/frames.h"
#include "net/socket.h"
#include "os/clock.h"
#include "os/files.h"
#include "packet_maker.h"

namespace zw {
namespace {

constexpr int kBatch = 64;              // datagrams at once
constexpr int kBatchesBeforeProbe = 4;  // so that few are lost: the server's queue is short
constexpr int kProbeMs = 200, kProbes = 50;

struct Order {
  std::string kind;
  Address target, dns;
  std::uint64_t count = 0;
  Seconds seconds{0};
  std::uint64_t seed = 0;
  Name zone;
  std::string authorities;
};

struct Tally {
  std::uint64_t sent = 0, answers = 0, connections = 0, probes = 0;
};

int wait_for(int fd, short events, int milliseconds) {
  pollfd waiting{fd, events, 0};
  return poll(&waiting, 1, milliseconds) > 0 ? waiting.revents : 0;
}

// Asks for the SOA of the zone, again and again until there is an answer.
class Probe {
 public:
  static Result<Probe> make(const Order& order, Random& random) {
    ZW_TRY(Descriptor fd, open_udp_client(order.dns, std::nullopt, random));
    return Probe(order, std::move(fd));
  }

  /// RDATA of the SOA.
  Result<Buffer> ask() {
    for (int i = 0; i < kProbes; ++i) {
      Buffer query = compose(++id_);
      send(fd_.get(), query.data(), query.size(), 0);
      while (wait_for(fd_.get(), POLLIN, kProbeMs) & POLLIN) {
        std::uint8_t space[4096];
        ssize_t got = recv(fd_.get(), space, sizeof space, 0);
        if (got < 12) continue;
        if (auto soa = read(Bytes(space, static_cast<std::size_t>(got)))) return *soa;
      }
      if (errno == ECONNREFUSED) break;
    }
    return fail(ErrorKind::timeout, "a good query for the SOA of {} got no good answer from {}", print(zone_),
                to_.print());
  }

 private:
  Probe(const Order& order, Descriptor fd) : zone_(order.zone), to_(order.dns), fd_(std::move(fd)) {}

  Buffer compose(std::uint16_t id) {
    Buffer out(512);
    writer_->start(out, id, 0);
    bool fits = writer_->question(zone_, RrType::SOA, RrClass::IN) && write_opt(*writer_, {});
    ZW_ASSERT(fits);
    out.resize(writer_->finish().size());
    return out;
  }
  std::optional<Buffer> read(Bytes octets) const {
    MessageFault fault;
    auto message = MessageView::read(octets, fault);
    if (!message || message->header().id != id_ || message->header().rcode() != Rcode::NOERROR)
      return std::nullopt;
    for (const RecordView& record : message->records(Section::answer)) {
      Buffer rdata;
      if (record.type == RrType::SOA && record.read_rdata(rdata)) return rdata;
    }
    return std::nullopt;
  }

  Name zone_;
  Address to_;
  Descriptor fd_;
  std::uint16_t id_ = 0;
  std::unique_ptr<MessageWriter> writer_ = std::make_unique<MessageWriter>();
};

class Storm {
 public:
  Storm(const Order& order, Random& random, Probe probe, Buffer soa, const TsigKey& key, TlsContextPtr tls)
      : order_(order),
        random_(random),
        probe_(std::move(probe)),
        maker_(random, order.zone, std::move(soa), key),
        tls_(std::move(tls)),
        end_(std::chrono::steady_clock::now() + order.seconds) {}

  Result<Tally> run() {
    ZW_CHECK(order_.kind == "udp" ? datagrams() : connections());
    ZW_CHECK(probe());
    return tally_;
  }

 private:
  bool goes_on() const { return tally_.sent < order_.count && std::chrono::steady_clock::now() < end_; }
  bool chance(std::uint64_t percent) { return random_.below(100) < percent; }

  Result<void> probe() {
    ZW_TRY(Buffer soa, probe_.ask());
    ++tally_.probes;
    return {};
  }

  // Of the first the server may believe a NOTIFY.
  std::optional<IpAddress> source() {
    if (!order_.target.ip.is_v4() || chance(20)) return std::nullopt;
    std::uint8_t octets[4] = {127, 9, static_cast<std::uint8_t>(random_.next()),
                              static_cast<std::uint8_t>(1 + random_.below(254))};
    return IpAddress::v4(octets);
  }

  // ---- UDP ----

  Result<void> datagrams() {
    while (goes_on()) {
      ZW_TRY(Descriptor fd, open_udp_client(order_.target, source(), random_));
      for (int i = 0; i < 64 && goes_on(); ++i) {
        for (int j = 0; j < kBatchesBeforeProbe; ++j) send_batch(fd.get());
        ZW_CHECK(probe());
        take_answers(fd.get());
      }
    }
    return {};
  }

  void send_batch(int fd) {
    Buffer messages[kBatch];
    iovec pieces[kBatch];
    mmsghdr headers[kBatch] = {};
    for (int i = 0; i < kBatch; ++i) {
      Bytes made = maker_.message(clock_.wall());
      messages[i].assign(made.begin(), made.end());
      pieces[i] = {messages[i].data(), messages[i].size()};
      headers[i].msg_hdr.msg_iov = &pieces[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    for (int at = 0; at < kBatch;) {
      int sent = sendmmsg(fd, headers + at, static_cast<unsigned>(kBatch - at), 0);
      if (sent <= 0) {
        if (errno == EAGAIN || errno == ENOBUFS) {
          wait_for(fd, POLLOUT, 100);
          continue;
        }
        ++at;  // refused: the next probe will tell
        continue;
      }
      at += sent;
      tally_.sent += static_cast<std::uint64_t>(sent);
    }
  }

  void take_answers(int fd) {
    std::uint8_t space[4096];
    while (recv(fd, space, sizeof space, MSG_DONTWAIT) >= 0) ++tally_.answers;
  }

  // ---- TCP, TLS, HTTP ----

  Result<void> connections() {
    while (goes_on()) {
      ++tally_.connections;
      auto fd = open_tcp_client(order_.target, source());
      if (!fd) return std::unexpected(fd.error());
      if (!(wait_for(fd->get(), POLLOUT, 1000) & POLLOUT) || pending_error(fd->get()) != 0) {
        ZW_CHECK(probe());  // it may be full for a moment, but not gone
        continue;
      }
      if (order_.kind == "tls")
        talk_tls(fd->get());
      else
        talk(fd->get());
      if (chance(50)) reset_on_close(fd->get());
      if (tally_.connections % 64 == 0) ZW_CHECK(probe());
    }
    return {};
  }

  // A stream of some messages, with what is wrong in its framing.
  Buffer stream() {
    Buffer out;
    for (std::uint64_t i = 1 + random_.below(order_.kind == "http" ? 3 : 24); i > 0; --i) {
      ++tally_.sent;
      if (order_.kind == "http") {
        append(out, maker_.http_request());
        continue;
      }
      append_frame(out, maker_.message(clock_.wall()));
    }
    if (order_.kind != "http" && chance(40)) {
      // Somewhere a length is wrong, and all that follows is read at the wrong places.
      std::size_t at = chance(30) ? 0 : random_.below(out.size() - 1);
      set16(&out[at], static_cast<std::uint16_t>(random_.next()));
    }
    if (chance(10)) maker_.mutate(out);
    if (chance(20)) out.resize(random_.below(out.size() + 1));  // ends in midst of one
    return out;
  }

  void talk(int fd) {
    Buffer out = stream();
    bool whole = put(fd, out);
    if (chance(30)) shutdown(fd, SHUT_WR);
    if (whole && chance(70)) take(fd);
  }

  // In pieces, as chance has it. False if the server took no more.
  bool put(int fd, Bytes octets) {
    while (!octets.empty()) {
      std::size_t piece = chance(70) ? octets.size() : 1 + random_.below(octets.size());
      ssize_t sent = send(fd, octets.data(), piece, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EAGAIN && (wait_for(fd, POLLOUT, 20) & POLLOUT)) continue;
      if (sent < 0) return false;
      octets = octets.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // What comes, until nothing does for a moment.
  void take(int fd, TlsSession* session = nullptr) {
    Buffer space(65536), plain(space.size() + TlsSession::kRecordOctets);
    for (int i = 0; i < 64 && (wait_for(fd, POLLIN, 2) & POLLIN); ++i) {
      ssize_t got = recv(fd, space.data(), space.size(), MSG_DONTWAIT);
      if (got <= 0) return;
      if (session && session->receive(Bytes(space).first(static_cast<std::size_t>(got)), plain) == 0)
        continue;
      ++tally_.answers;
    }
  }

  // Garbage in place of the hello, a hello that was changed, messages in a good session, garbage in one.
  void talk_tls(int fd) {
    auto session = tls_->start();
    Buffer hello(session->outgoing().begin(), session->outgoing().end());
    session->sent(hello.size());
    if (chance(50)) {
      ++tally_.sent;
      if (chance(20))
        maker_.random_octets(hello, 2000);
      else
        maker_.mutate(hello);
      put(fd, hello);
      if (chance(70)) take(fd);
      return;
    }
    if (!put(fd, hello) || !shake_hands(fd, *session)) return;
    session->send(stream());
    Buffer out(session->outgoing().begin(), session->outgoing().end());
    session->sent(out.size());
    if (chance(25)) maker_.mutate(out);  // no more of this session
    bool whole = put(fd, out);
    if (chance(20)) session->end();
    put(fd, session->outgoing());
    session->sent(session->outgoing().size());
    if (whole && chance(70)) take(fd, session.get());
  }

  bool shake_hands(int fd, TlsSession& session) {
    Buffer space(16384), plain(space.size() + TlsSession::kRecordOctets);
    while (session.status() == TlsSession::Status::handshake) {
      if (!(wait_for(fd, POLLIN, 1000) & POLLIN)) return false;
      ssize_t got = recv(fd, space.data(), space.size(), MSG_DONTWAIT);
      if (got <= 0) return false;
      session.receive(Bytes(space).first(static_cast<std::size_t>(got)), plain);
      bool sent = put(fd, session.outgoing());
      session.sent(session.outgoing().size());
      if (!sent) return false;
    }
    return session.status() == TlsSession::Status::open;
  }

  const Order& order_;
  Random& random_;
  Probe probe_;
  PacketMaker maker_;
  TlsContextPtr tls_;
  SystemClock clock_;
  std::chrono::steady_clock::time_point end_;
  Tally tally_;
};

Result<void> run(const Order& order, const TsigKey& key) {
  Splitmix random(order.seed);
  TlsContextPtr tls;
  if (order.kind == "tls") {
    ZW_TRY(Buffer authorities, read_file(order.authorities, 1 << 20));
    ZW_TRY(tls, TlsContext::make_client({"ns.test", as_text(authorities)}));
  }
  ZW_TRY(Probe probe, Probe::make(order, random));
  ZW_TRY(Buffer soa, probe.ask());
  auto begin = std::chrono::steady_clock::now();
  Storm storm(order, random, std::move(probe), std::move(soa), key, tls);
  ZW_TRY(Tally tally, storm.run());
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  fmt::print(R"({{"sent": {}, "answers": {}, "connections": {}, "probes": {}, "seconds": {:.3f}}})"
             "\n",
             tally.sent, tally.answers, tally.connections, tally.probes, took.count());
  return {};
}

std::optional<Order> read_order(int count, char** words) {
  if (count < 9) return std::nullopt;
  Order order{words[1],
              {},
              {},
              std::strtoull(words[3], nullptr, 10),
              Seconds(std::strtoul(words[4], nullptr, 10)),
              std::strtoull(words[5], nullptr, 10),
              {},
              count > 9 ? words[9] : ""};
  auto target = Address::parse(words[2], 0), dns = Address::parse(words[6], 0);
  auto zone = Name::parse(words[7]);
  bool known = order.kind == "udp" || order.kind == "tcp" || order.kind == "tls" || order.kind == "http";
  if (!known || !target || !dns || !zone || !target->ip.is_loopback() || !dns->ip.is_loopback())
    return std::nullopt;
  order.target = *target;
  order.dns = *dns;
  order.zone = *zone;
  return order;
}

}  // namespace
}  // namespace zw

int main(int count, char** words) {
  auto order = zw::read_order(count, words);
  auto key = count > 8 ? zw::TsigKey::parse(words[8]) : zw::fail(zw::ErrorKind::malformed, "no key");
  if (!order || !key) {
    std::fputs(
        "zw_packet_storm udp|tcp|tls|http ADDRESS@PORT COUNT SECONDS SEED DNS-ADDRESS@PORT ZONE KEY "
        "[AUTHORITIES]; only on loopback\n",
        stderr);
    return 2;
  }
  auto done = zw::run(*order, *key);
  if (!done) fmt::print(stderr, "zw_packet_storm: {}\n", done.error().what);
  return done ? 0 : 1;
}
