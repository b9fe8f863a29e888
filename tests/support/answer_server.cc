// zw_answer_server ADDRESS FILE...: answers over UDP and TCP from zone files, until SIGTERM. For the stories
// that compare our answers with those of other servers; it reads its zones once and knows no transfers.
#include <fmt/core.h>
#include <poll.h>

#include <cstdio>

#include "authority/responder.h"
#include "net/server.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/service.h"
#include "zone/reader.h"

namespace zw {
namespace {

constexpr std::size_t kMostFileOctets = 1u << 30;

class Answers final : public Handler {
 public:
  Answers(const ZoneTable& zones, const ResponderOptions& options) : zones_(zones), options_(options) {}

  std::size_t udp(Bytes query, const Peer& peer, MutableBytes answer) override {
    return write(query, peer, Transport::udp, answer);
  }
  void tcp(Bytes query, const Peer& peer, TcpReply& reply) override {
    std::size_t size = write(query, peer, Transport::tcp, space_);
    if (size > 0) reply.send(Bytes(space_).first(size));
  }

 private:
  std::size_t write(Bytes query, const Peer& peer, Transport transport, MutableBytes answer) {
    Bytes address = peer.address.ip.octets();
    Arrival arrival{address, transport, clock_.wall(), 0};
    return responder_.answer(zones_, options_, Request::read(query), arrival, answer);
  }

  const ZoneTable& zones_;
  const ResponderOptions& options_;
  SystemClock clock_;
  Responder responder_;
  Buffer space_ = Buffer(kMaxMessageOctets);
};

Result<ZoneTable> load(std::span<char*> files) {
  std::vector<ServedZone> zones;
  for (const char* file : files) {
    ZW_TRY(Buffer octets, read_file(file, kMostFileOctets));
    ZoneReading reading = read_zone(as_text(octets), file);
    if (!reading.zone)
      return fail(ErrorKind::malformed, "{}",
                  reading.report.issues.empty() ? std::string(file) : print(reading.report.issues[0]));
    zones.emplace_back(reading.zone);
  }
  return ZoneTable(std::move(zones));
}

Result<void> serve(const Address& at, std::span<char*> files) {
  ZW_TRY(Signals signals, Signals::make());
  ZW_TRY(ZoneTable zones, load(files));
  ResponderOptions options;
  options.cookies.emplace(CookieSecret{1, 2, 3, 4});
  Metrics metrics(1);
  auto make = [&](std::size_t) { return std::make_unique<Answers>(zones, options); };
  ZW_TRY(auto server, Server::make(1, make, metrics, TcpLimits{}));
  ZW_CHECK(server->listen(std::span(&at, 1)));
  pollfd waiting{signals.fd(), POLLIN, 0};
  while (signals.next() != Signal::stop) poll(&waiting, 1, -1);
  server->stop(Milliseconds(100));
  return {};
}

}  // namespace
}  // namespace zw

int main(int count, char** words) {
  auto at = count > 2 ? zw::Address::parse(words[1], zw::kDnsPort) : std::nullopt;
  if (!at) {
    std::fputs("zw_answer_server ADDRESS@PORT FILE...\n", stderr);
    return 2;
  }
  auto done = zw::serve(*at, std::span(words + 2, words + count));
  if (!done) fmt::print(stderr, "zw_answer_server: {}\n", done.error().what);
  return done ? 0 : 3;
}
