#include "localroot/handler.h"

#include <doctest/doctest.h>

#include "localroot/portal/feed_book.h"
#include "os/clock.h"
#include "transfer/transfer_query.h"
#include "zone/reader.h"

using namespace zw;
using namespace zw::localroot;

namespace {

const Name kOrigin = *Name::parse("example.");

ZonePtr zone_of_serial(std::uint32_t serial) {
  return read_zone(
             "example. 300 IN SOA ns host " + std::to_string(serial) +
                 " 1800 900 604800 86400\nexample. 300 IN NS ns.example.\nns.example. 300 IN A 192.0.2.1\n",
             "z", {.origin = kOrigin})
      .zone;
}

/// Keeps what a stream sends between the octets of one client.
struct Reply final : TcpReply {
  void send(Bytes) override { ++messages; }
  void stream(std::unique_ptr<MessageSource> source) override {
    for (MessageParts parts; source->next(parts);) bodies.push_back(parts.body);
  }
  void close() override {}
  std::chrono::milliseconds keep_alive() override { return {}; }
  std::vector<Bytes> bodies;
  int messages = 0;
};

struct Story {
  Reply ask(RrType type) {
    Reply reply;
    handler.tcp(compose_transfer_query({.zone = kOrigin, .type = type, .id = 7}), peer, reply);
    return reply;
  }
  Rcode rcode_of(std::string_view name) {
    Buffer query = compose_transfer_query({.zone = *Name::parse(name), .type = RrType::SOA, .id = 7});
    Buffer out(512);
    std::size_t size = handler.udp(query, peer, out);
    REQUIRE(size >= 12);
    return static_cast<Rcode>(out[3] & 15);
  }
  void serve(std::vector<ServedZone> zones, std::vector<Rendered> rendered) {
    auto rules = std::make_shared<Rules>();
    AccessList all{{{*Network::parse("0.0.0.0/0"), {}}}};
    for (const ServedZone& zone : zones) rules->zones.push_back({Name(zone.origin()), all, {}});
    handler.take(std::make_shared<const Snapshot>(
        Snapshot{ZoneTable(std::move(zones)), std::move(rendered), std::move(rules)}));
  }

  SystemClock clock;
  Metrics metrics{1};
  int transfers = 0;
  Tidings tidings{[](NameView, const Address&) {}, [this](const TransferAnswered&) { ++transfers; }};
  ZoneHandler handler{clock, tidings, make_handler_counters(metrics, 0)};
  Peer peer{{*IpAddress::parse("192.0.2.7"), 4711}, {}, Transport::tcp};
};

}  // namespace

TEST_CASE("the image of a zone goes out to who asks for it, also among others") {
  Story story;
  ZonePtr zone = zone_of_serial(9);
  WireImagePtr image = WireImage::make(zone, 1 << 20);
  std::vector<ServedZone> zones = {ServedZone(*Name::parse("late."), ServedZone::Absence::not_ready),
                                   ServedZone(zone)};
  story.serve(zones, {{}, {image, nullptr}});
  Reply reply = story.ask(RrType::AXFR);
  REQUIRE(reply.bodies.size() == 1);
  CHECK(reply.bodies[0].data() == image->messages()[0].answers.data());
  CHECK(story.transfers == 1);
}

TEST_CASE("a zone without an image, and one that has gone, are answered too") {
  Story story;
  story.serve({ServedZone(zone_of_serial(9))}, {{}});
  Reply rendered = story.ask(RrType::AXFR);
  REQUIRE(rendered.bodies.size() == 1);
  CHECK(rendered.bodies[0].empty());
  story.serve({ServedZone(kOrigin, ServedZone::Absence::expired)}, {{}});
  Reply refused = story.ask(RrType::AXFR);
  CHECK(refused.bodies.empty());
  CHECK(refused.messages == 1);
  story.serve({}, {});
  CHECK(story.ask(RrType::AXFR).messages == 1);
}

TEST_CASE("a catalog is told to those alone who may fetch it, and hides no other zone") {
  Story story;
  auto rules = std::make_shared<Rules>();
  AccessList all{{{*Network::parse("0.0.0.0/0"), {}}}}, nobody;
  rules->zones = {{kOrigin, nobody, {}}, {*Name::parse("open.example."), nobody, {}}};
  std::vector<ServedZone> zones = {ServedZone(zone_of_serial(9)),
                                   ServedZone(*Name::parse("open.example."), ServedZone::Absence::not_ready)};
  auto take = [&] {
    story.handler.take(std::make_shared<const Snapshot>(
        Snapshot{ZoneTable(zones), {{}, {}}, std::make_shared<const Rules>(*rules)}));
  };
  take();
  CHECK(story.rcode_of("example.") == Rcode::NOERROR);
  rules->catalogs = {0};
  take();
  CHECK(story.rcode_of("example.") == Rcode::REFUSED);
  CHECK(story.rcode_of("ns.example.") == Rcode::REFUSED);
  CHECK(story.rcode_of("open.example.") == Rcode::SERVFAIL);
  rules->zones[0].transfer = all;
  take();
  CHECK(story.rcode_of("example.") == Rcode::NOERROR);
}

TEST_CASE(
    "who is registered with the portal is given the zone, but not in clear text where all rules are for "
    "TLS") {
  Story story;
  portal::PortalZone offered;
  offered.id = 1;
  offered.name = kOrigin;
  portal::FeedRow row;
  row.id = 1;
  row.claim = {story.peer.address.ip, kDnsPort, 1, {}};
  portal::FeedBook book;
  book.set_zones({offered});
  book.set_target(row);
  ServedZone zone(zone_of_serial(9));
  auto given = [&](std::vector<AccessRule> transfer, bool with_portal) {
    auto rules = std::make_shared<Rules>();
    rules->zones = {{kOrigin, AccessList(std::move(transfer)), {}}};
    Snapshot snapshot{ZoneTable({zone}), {{}}, rules};
    if (with_portal) snapshot.portal = book.access();
    story.handler.take(std::make_shared<const Snapshot>(std::move(snapshot)));
    return !story.ask(RrType::AXFR).bodies.empty();
  };
  AccessRule elsewhere{Network::parse("203.0.113.0/24").value()}, tls{{}, {}, true},
      certificate{{}, {}, false, "a.example"};
  TlsPeer session;
  CHECK_FALSE(given({elsewhere}, false));
  CHECK(given({elsewhere}, true));
  CHECK(given({}, true));
  CHECK(given({tls, elsewhere}, true));
  CHECK_FALSE(given({tls}, true));
  CHECK_FALSE(given({tls, certificate}, true));
  story.peer.tls = &session;
  CHECK(given({certificate}, true));
  CHECK_FALSE(given({certificate}, false));
}
