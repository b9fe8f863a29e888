#include "authority/responder.h"

#include "authority/testing.h"

using namespace zw;

namespace {

constexpr std::string_view kParent = R"($ORIGIN test.
$TTL 300
@ SOA ns host 1 2 3 86400 60
@ NS ns
ns A 192.0.2.1
www A 192.0.2.2
child NS ns.child
child DS 1 13 2 00
ns.child A 192.0.2.3
many TXT "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
many TXT "1123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
many TXT "2123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
many TXT "3123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
many TXT "4123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
)";
constexpr std::string_view kChild =
    "child.test. 300 SOA a. b. 7 2 3 4 60\nchild.test. 300 NS ns.child.test.\n";

constexpr CookieSecret kSecret = {1, 2, 3};
constexpr std::uint8_t kAddress[4] = {192, 0, 2, 99};
const WallTime kNow = *parse_time("2026-08-05T00:00:00Z");

struct Answered {
  Buffer octets;
  std::optional<MessageView> message;
  std::optional<EdnsView> edns;

  Rcode rcode() const { return edns ? edns->rcode(message->header()) : message->header().rcode(); }
  std::string answer() const { return print_section(*message, Section::answer); }
  std::string authority() const { return print_section(*message, Section::authority); }
  std::optional<EdeCode> reason() const {
    auto error = edns ? edns->extended_error() : std::nullopt;
    return error ? std::optional(error->code) : std::nullopt;
  }
};

// Asks, and reads what comes back; each setting has a member.
struct Server {
  Server() {
    std::vector<ServedZone> list = {ServedZone(zone_of(kParent)), ServedZone(zone_of(kChild)),
                                    ServedZone(name_of("late.test."), ServedZone::Absence::not_ready),
                                    ServedZone(name_of("old.test."), ServedZone::Absence::expired)};
    zones = ZoneTable(std::move(list));
  }

  Answered operator()(std::string_view name, RrType type, bool with_edns = true) {
    std::uint8_t space[600];
    MessageWriter writer;
    writer.start(space, 4711, bits);
    if (!name.empty()) writer.question(name_of(name), type, rr_class);
    if (with_edns) write_opt(writer, {payload, Rcode::NOERROR, false, version}, options.octets());
    return exchange(writer.finish());
  }
  Answered exchange(Bytes query) {
    Buffer space(arrival.transport == Transport::udp ? 4096 : 65535);
    Request request = Request::read(query);
    std::size_t size = responder.answer(zones, setup, request, arrival, space);
    Answered out;
    out.octets.assign(space.begin(), space.begin() + static_cast<std::ptrdiff_t>(size));
    if (size == 0) return out;
    MessageFault fault;
    out.message = MessageView::read(out.octets, fault);
    REQUIRE(out.message);
    CHECK(out.message->id() == get16(query.data()));
    CHECK(out.message->header().qr());
    EdnsView edns;
    EdnsStatus status = EdnsView::read(*out.message, edns, fault);
    REQUIRE(status != EdnsStatus::malformed);
    if (status == EdnsStatus::good) out.edns = edns;
    return out;
  }

  ZoneTable zones;
  ResponderOptions setup;
  Arrival arrival{kAddress, Transport::udp, kNow, 0};
  Responder responder;
  std::uint16_t bits = Header::kRd, payload = 1232;
  std::uint8_t version = 0;
  RrClass rr_class = RrClass::IN;
  EdnsOptions options;
};

}  // namespace

TEST_CASE("a response repeats ID, opcode, RD and question, and has OPT only if the query has") {
  Server ask;
  ask.bits = Header::kRd | Header::kCd | Header::kAd;
  Answered said = ask("wWw.TEST.", RrType::A);
  CHECK(said.message->header().bits == (Header::kQr | Header::kAa | Header::kRd));
  CHECK(print(said.message->question()->name) == "wWw.TEST.");
  CHECK(said.answer() == "wWw.TEST. 300 A 192.0.2.2\n");
  CHECK(said.edns->payload_octets() == 1232);
  CHECK_FALSE(ask("www.test.", RrType::A, false).edns);
}

TEST_CASE("a response to a response, or to less than a header, is none") {
  Server ask;
  ask.bits = Header::kQr;
  CHECK(ask("www.test.", RrType::A).octets.empty());
  CHECK(ask.exchange(Buffer(5)).octets.empty());
}

TEST_CASE("names of zones that are not served are refused with the reason") {
  Server ask;
  Answered said = ask("example.org.", RrType::A);
  CHECK(said.rcode() == Rcode::REFUSED);
  CHECK(said.reason() == EdeCode::not_authoritative);
  CHECK_FALSE(said.message->header().aa());
  CHECK(ask("example.org.", RrType::A, false).rcode() == Rcode::REFUSED);
  ask.rr_class = RrClass::HS;
  CHECK(ask("www.test.", RrType::A).rcode() == Rcode::REFUSED);
  ask.rr_class = RrClass::ANY;
  CHECK(ask("www.test.", RrType::A).rcode() == Rcode::REFUSED);
}

TEST_CASE("a zone that is not here yet, or has expired, fails with the reason") {
  Server ask;
  Answered said = ask("www.late.test.", RrType::A);
  CHECK(said.rcode() == Rcode::SERVFAIL);
  CHECK(said.reason() == EdeCode::not_ready);
  said = ask("www.old.test.", RrType::A);
  CHECK(said.rcode() == Rcode::SERVFAIL);
  CHECK(said.reason() == EdeCode::invalid_data);
}

TEST_CASE("DS at the apex of a child is answered by the parent when both are served (RFC 4035 §3.1.4.1)") {
  Server ask;
  CHECK(ask("child.test.", RrType::DS).answer() == "child.test. 300 DS 1 13 2 00\n");
  CHECK(ask("child.test.", RrType::NS).answer() == "child.test. 300 NS ns.child.test.\n");
  CHECK(ask("test.", RrType::DS).authority() == "test. 60 SOA ns.test. host.test. 1 2 3 86400 60\n");
  std::vector<ServedZone> only_child = {ServedZone(zone_of(kChild))};
  ask.zones = ZoneTable(std::move(only_child));
  CHECK(ask("child.test.", RrType::DS).authority() == "child.test. 60 SOA a. b. 7 2 3 4 60\n");
}

TEST_CASE("what is wrong with a request comes back as its RCODE") {
  Server ask;
  ask.version = 3;
  Answered said = ask("www.test.", RrType::A);
  CHECK(said.rcode() == Rcode::BADVERS);
  CHECK(said.edns->version() == 0);
  CHECK(said.answer().empty());
  ask.version = 0;
  ask.bits = 2 << 11;
  CHECK(ask("www.test.", RrType::A).rcode() == Rcode::NOTIMP);
  CHECK(static_cast<int>(ask("www.test.", RrType::A).message->header().opcode()) == 2);
  ask.bits = 0;
  CHECK(ask("www.test.", RrType::NXNAME).reason() == EdeCode::invalid_query_type);
  CHECK(ask("test.", RrType::AXFR).rcode() == Rcode::REFUSED);
  Buffer cut = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 'a'};
  said = ask.exchange(cut);
  CHECK(said.rcode() == Rcode::FORMERR);
  CHECK(said.octets.size() == 12);
}

TEST_CASE("over UDP a response keeps to the least of the client's size, ours and 512 without EDNS") {
  Server ask;
  Answered said = ask("many.test.", RrType::TXT);
  CHECK_FALSE(said.message->header().tc());
  CHECK(said.octets.size() > 512);
  std::size_t size = said.octets.size();
  for (std::size_t payload : {size, size - 1, std::size_t{512}, std::size_t{0}}) {
    ask.payload = static_cast<std::uint16_t>(payload);
    said = ask("many.test.", RrType::TXT);
    CHECK(said.message->header().tc() == (payload < size));
    CHECK(said.answer().empty() == (payload < size));
    CHECK(said.edns);
  }
  CHECK(ask("many.test.", RrType::TXT, false).message->header().tc());
  ask.payload = 4096;
  ask.setup.udp_payload = static_cast<std::uint16_t>(size - 1);
  CHECK(ask("many.test.", RrType::TXT).message->header().tc());
  ask.arrival.transport = Transport::tcp;
  ask.payload = 512;
  CHECK_FALSE(ask("many.test.", RrType::TXT).message->header().tc());
  CHECK_FALSE(ask("many.test.", RrType::TXT, false).message->header().tc());
}

TEST_CASE("octets that are kept for TSIG stay free") {
  Server ask;
  std::size_t size = ask("many.test.", RrType::TXT).octets.size();
  ask.payload = static_cast<std::uint16_t>(size + 100);
  ask.arrival.reserve = 100;
  CHECK_FALSE(ask("many.test.", RrType::TXT).message->header().tc());
  ask.arrival.reserve = 101;
  CHECK(ask("many.test.", RrType::TXT).message->header().tc());
}

TEST_CASE("what no UDP or TCP message can hold fails") {
  std::string text(kParent);
  for (int i = 0; i < 300; ++i) text += "huge TXT " + std::string(250, 'x') + " " + std::to_string(i) + "\n";
  Server ask;
  std::vector<ServedZone> list = {ServedZone(zone_of(text))};
  ask.zones = ZoneTable(std::move(list));
  CHECK(ask("huge.test.", RrType::TXT).message->header().tc());
  ask.arrival.transport = Transport::tcp;
  CHECK(ask("huge.test.", RrType::TXT).rcode() == Rcode::SERVFAIL);
}

TEST_CASE("the identifier of the server is told to who asks for it") {
  Server ask;
  ask.options.nsid();
  CHECK_FALSE(ask("www.test.", RrType::A).edns->nsid());
  ask.setup.nsid = {'n', '1'};
  CHECK(as_text(*ask("www.test.", RrType::A).edns->nsid()) == "n1");
  CHECK(as_text(*ask("example.org.", RrType::A).edns->nsid()) == "n1");
  Server other;
  other.setup.nsid = {'n', '1'};
  CHECK_FALSE(other("www.test.", RrType::A).edns->nsid());
}

TEST_CASE("CHAOS names are answered only when configured") {
  Server ask;
  ask.rr_class = RrClass::CH;
  CHECK(ask("version.bind.", RrType::TXT).rcode() == Rcode::REFUSED);
  ask.setup.version = "zonewright 1";
  ask.setup.server_id = "lax-1";
  CHECK(ask("VERSION.bind.", RrType::TXT).answer() == "VERSION.bind. 0 TXT \"zonewright 1\"\n");
  CHECK(ask("version.server.", RrType::TXT).answer() == "version.server. 0 TXT \"zonewright 1\"\n");
  CHECK(ask("id.server.", RrType::ANY).answer() == "id.server. 0 TXT \"lax-1\"\n");
  CHECK(ask("hostname.bind.", RrType::TXT).message->header().aa());
  CHECK(ask("hostname.bind.", RrType::A).rcode() == Rcode::REFUSED);
  CHECK(ask("authors.bind.", RrType::TXT).rcode() == Rcode::REFUSED);
}

TEST_CASE("keepalive is told over TCP to who asks (RFC 7828)") {
  Server ask;
  ask.options.ask_keepalive();
  ask.setup.keepalive = KeepaliveTime(123);
  CHECK_FALSE(ask("www.test.", RrType::A).edns->has(OptionCode::TCP_KEEPALIVE));
  ask.arrival.transport = Transport::tcp;
  CHECK(ask("www.test.", RrType::A).edns->keepalive() == KeepaliveTime(123));
  ask.setup.keepalive.reset();
  CHECK_FALSE(ask("www.test.", RrType::A).edns->has(OptionCode::TCP_KEEPALIVE));
}

TEST_CASE("EXPIRE tells what the SOA says, or what is left of a copy (RFC 7314)") {
  Server ask;
  ask.options.ask_expire();
  CHECK(ask("test.", RrType::SOA).edns->expire() == Seconds(86400));
  CHECK_FALSE(ask("www.test.", RrType::SOA).edns->expire());
  CHECK_FALSE(ask("test.", RrType::NS).edns->expire());
  std::vector<ServedZone> copy = {ServedZone(zone_of(kParent), kNow + Seconds(55))};
  ask.zones = ZoneTable(std::move(copy));
  CHECK(ask("test.", RrType::SOA).edns->expire() == Seconds(55));
  ask.arrival.now += Seconds(60);
  CHECK(ask("test.", RrType::SOA).edns->expire() == Seconds(0));
}

TEST_CASE("a client gets a server cookie, and its good one back (RFC 7873, RFC 9018)") {
  constexpr std::uint8_t kClient[8] = {8, 7, 6, 5, 4, 3, 2, 1};
  Server ask;
  ask.options.cookie(kClient);
  CHECK_FALSE(ask("www.test.", RrType::A).edns->cookie());
  ask.setup.cookies.emplace(kSecret);
  Answered first = ask("www.test.", RrType::A);
  REQUIRE(first.edns->cookie());
  CHECK(same_bytes(first.edns->cookie()->client, kClient));
  CHECK(first.answer() == "www.test. 300 A 192.0.2.2\n");
  Buffer cookie(first.edns->cookie()->server.begin(), first.edns->cookie()->server.end());

  ask.options = EdnsOptions();
  ask.options.cookie(kClient, cookie);
  ask.arrival.now += Seconds(60);
  CHECK(same_bytes(ask("www.test.", RrType::A).edns->cookie()->server, cookie));
  ask.arrival.now += Seconds(3000);
  CHECK_FALSE(same_bytes(ask("www.test.", RrType::A).edns->cookie()->server, cookie));
}

TEST_CASE("where cookies are required, others learn one or come over TCP") {
  constexpr std::uint8_t kClient[8] = {8, 7, 6, 5, 4, 3, 2, 1};
  Server ask;
  ask.setup.cookies.emplace(kSecret);
  ask.setup.require_cookies = RequireCookies::over_udp;
  Answered said = ask("www.test.", RrType::A);
  CHECK(said.message->header().tc());
  CHECK(said.answer().empty());
  CHECK(ask("www.test.", RrType::A, false).message->header().tc());
  ask.options.cookie(kClient);
  said = ask("www.test.", RrType::A);
  CHECK(said.rcode() == Rcode::BADCOOKIE);
  CHECK(said.answer().empty());
  Buffer cookie(said.edns->cookie()->server.begin(), said.edns->cookie()->server.end());
  ask.options = EdnsOptions();
  ask.options.cookie(kClient, cookie);
  CHECK(ask("www.test.", RrType::A).rcode() == Rcode::NOERROR);
  ask.options = EdnsOptions();
  cookie[15] ^= 1;
  ask.options.cookie(kClient, cookie);
  CHECK(ask("www.test.", RrType::A).rcode() == Rcode::BADCOOKIE);
  ask.arrival.transport = Transport::tcp;
  CHECK(ask("www.test.", RrType::A).rcode() == Rcode::NOERROR);
}

TEST_CASE("a query for nothing but a cookie is answered with one (RFC 7873 §5.4)") {
  constexpr std::uint8_t kClient[8] = {8, 7, 6, 5, 4, 3, 2, 1};
  Server ask;
  ask.setup.cookies.emplace(kSecret);
  ask.options.cookie(kClient);
  Answered said = ask("", RrType::A);
  CHECK(said.rcode() == Rcode::NOERROR);
  CHECK(said.message->header().questions == 0);
  Buffer cookie(said.edns->cookie()->server.begin(), said.edns->cookie()->server.end());
  cookie[9] ^= 1;
  ask.options = EdnsOptions();
  ask.options.cookie(kClient, cookie);
  CHECK(ask("", RrType::A).rcode() == Rcode::BADCOOKIE);
}

TEST_CASE("options that a long name leaves no room for are left out") {
  Server ask;
  ask.setup.nsid = Buffer(255, 'n');
  ask.options.nsid();
  ask.payload = 512;
  std::string name = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                     std::string(55, 'd') + ".test.";
  Answered said = ask(name, RrType::A);
  CHECK(said.octets.size() <= 512);
  CHECK(said.message->header().tc());
  CHECK(said.edns);
}

TEST_CASE("the caller can decline with a reason") {
  Server ask;
  std::uint8_t space[512];
  MessageWriter writer;
  writer.start(space, 9, 0);
  writer.question(name_of("test."), RrType::AXFR, RrClass::IN);
  write_opt(writer, {});
  Buffer query(writer.finish().begin(), writer.finish().end());
  Buffer out(512);
  out.resize(ask.responder.decline(ask.setup, Request::read(query), ask.arrival, Rcode::NOTAUTH,
                                   EdeCode::prohibited, out));
  auto message = MessageView::parse(out);
  REQUIRE(message);
  CHECK(message->header().rcode() == Rcode::NOTAUTH);
  EdnsView edns;
  MessageFault fault;
  REQUIRE(EdnsView::read(*message, edns, fault) == EdnsStatus::good);
  CHECK(edns.extended_error()->code == EdeCode::prohibited);
}
