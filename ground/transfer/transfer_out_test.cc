#include "transfer/transfer_out.h"

#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

struct Source : Outgoing<ZoneSource, ZonePtr> {
  explicit Source(ZonePtr zone, TransferQuery query = {}) : Outgoing(zone->origin(), zone, query) {}
};

std::string types_of(const Messages& messages) {
  std::string out;
  for (const Buffer& message : messages)
    for (const RecordView& record : MessageView::parse(message)->records(Section::answer))
      out += print(record.type) + " ";
  return out;
}

constexpr std::string_view kNsec3Zone =
    "$TTL 300\nexample. IN SOA ns.example. host.example. 5 1 2 3 4\n"
    "example. NS ns\nns A 192.0.2.1\n"
    "example. NSEC3PARAM 1 0 0 -\n"
    "35mthgpgcu1qg68fab165klnsnk3dpvl NSEC3 1 0 0 - b4um86eghhds6nea196smvmlo4ors995 NS SOA NSEC3PARAM\n"
    "b4um86eghhds6nea196smvmlo4ors995 NSEC3 1 0 0 - 35mthgpgcu1qg68fab165klnsnk3dpvl A\n"
    "b4um86eghhds6nea196smvmlo4ors995 RRSIG NSEC3 13 2 300 20260901000000 20260801000000 1 example. AAAA\n";

}  // namespace

TEST_CASE("a zone goes out between its SOA and its SOA, with the records of NSEC3") {
  ZonePtr zone = zone_of(std::string("$ORIGIN example.\n") + std::string(kNsec3Zone));
  Messages messages = axfr_of(zone);
  CHECK(types_of(messages) == "SOA NS NSEC3PARAM A NSEC3 RRSIG NSEC3 SOA ");
  CHECK(dump(*arrived(messages, zone->origin())) == dump(*zone));
}

TEST_CASE("the header is as RFC 5936 says, and the question stands in the first message only") {
  Splitmix random(1);
  ZonePtr zone = random_zone(random, 1, 2000, name("example."));
  Source out(zone, {.recursion_desired = true});
  Messages messages = drain(*out.source);
  REQUIRE(messages.size() > 2);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto view = MessageView::parse(messages[i]);
    REQUIRE(view);
    Header header = view->header();
    CHECK(header.id == 7);
    CHECK(header.bits == (Header::kQr | Header::kAa | Header::kRd));
    CHECK(header.questions == (i == 0));
    CHECK(header.count(Section::authority) == 0);
    CHECK(header.count(Section::additional) == 0);
    CHECK(view->end() == messages[i].size());
  }
  CHECK(MessageView::parse(messages[0])->question()->type == RrType::AXFR);
}

TEST_CASE("the question is echoed in its letter case, and the zone keeps its own") {
  ZonePtr zone = zone_of("eXaMple. 5 IN SOA a. b. 1 2 3 4 5\nWWW.eXaMple. 5 A 192.0.2.1\n");
  MessageWriter writer;
  StoppedClock clock;
  ZoneSource source({writer, clock}, zone, {.zone = name("EXAMPLE."), .id = 7}, Seconds(0), {}, {});
  Messages messages = drain(source);
  auto view = MessageView::parse(messages[0]);
  CHECK(print(view->question()->name) == "EXAMPLE.");
  Name owner;
  REQUIRE(view->records(Section::answer).begin()->expand_owner(owner));
  CHECK(print(owner) == "eXaMple.");
}

TEST_CASE("messages are filled to about 16 KiB") {
  Splitmix random(2);
  ZonePtr zone = random_zone(random, 1, 5000, name("example."));
  Messages messages = axfr_of(zone);
  for (std::size_t i = 0; i + 1 < messages.size(); ++i) {
    CHECK(messages[i].size() <= ZoneSource::kMessageOctets);
    CHECK(messages[i].size() > ZoneSource::kMessageOctets - 3000);
  }
}

TEST_CASE("one record larger than a usual message makes its message larger") {
  ZoneBuilder builder(name("example."));
  builder.add(name("example."), RrType::SOA, 300, soa_rdata(name("example."), 1));
  builder.add(name("a.example."), RrType::A, 300, Buffer{192, 0, 2, 1});
  builder.add(name("big.example."), RrType{65280}, 300, Buffer(65'000, 'x'));
  builder.add(name("z.example."), RrType::A, 300, Buffer{192, 0, 2, 1});
  Findings findings;
  ZonePtr zone = *builder.build(findings);
  Messages messages = axfr_of(zone);
  CHECK(messages.size() == 2);
  CHECK(messages[1].size() > 65'000);
  CHECK(dump(*arrived(messages, zone->origin())) == dump(*zone));
}

TEST_CASE("a record that fits into no message ends the stream with SERVFAIL") {
  ZoneBuilder builder(name("example."));
  builder.add(name("example."), RrType::SOA, 300, soa_rdata(name("example."), 1));
  builder.add(name("big.example."), RrType{65280}, 300, Buffer(65'535, 'x'));
  Findings findings;
  Source out(*builder.build(findings));
  Messages messages = drain(*out.source);
  REQUIRE(messages.size() == 2);
  auto last = MessageView::parse(messages[1]);
  CHECK(last->header().rcode() == Rcode::SERVFAIL);
  CHECK(last->question()->type == RrType::AXFR);
  CHECK_FALSE(out.sent.whole);
  IncomingTransfer transfer(axfr_question());
  CHECK(feed(transfer, messages) == TransferState::failed);
}

TEST_CASE("OPT stands in the first message if the query had one, with EXPIRE if it asked") {
  for (bool asks : {false, true}) {
    Source out(small_zone(5), {.edns = true, .asks_expire = asks});
    Messages messages = drain(*out.source);
    EdnsView edns;
    MessageFault fault;
    REQUIRE(EdnsView::read(*MessageView::parse(messages[0]), edns, fault) == EdnsStatus::good);
    CHECK(edns.expire() == (asks ? std::optional(Seconds(4711)) : std::nullopt));
  }
}

TEST_CASE("IXFR is answered with the whole zone under its own question") {
  ZonePtr zone = small_zone(9);
  Source out(zone, {.type = RrType::IXFR, .client = Serial(8)});
  IncomingTransfer transfer(ixfr_question(small_zone(8)));
  CHECK(feed(transfer, drain(*out.source)) == TransferState::complete);
  TransferredRecords records = transfer.take();
  CHECK(records.method == TransferMethod::axfr);
  Findings findings;
  CHECK(dump(**records.build(findings)) == dump(*zone));
}

TEST_CASE("one version goes out from first to last, whoever drops it meanwhile") {
  Splitmix random(3);
  ZonePtr zone = random_zone(random, 1, 2000, name("example."));
  std::string expected = dump(*zone);
  Source out(zone);
  std::weak_ptr<const Zone> held = zone;
  zone.reset();
  CHECK(dump(*arrived(drain(*out.source), name("example."))) == expected);
  CHECK_FALSE(held.expired());
  out.source.reset();
  CHECK(held.expired());
}

TEST_CASE("what went out is told once, at the end or when the client leaves") {
  ZonePtr zone = small_zone(5);
  Source whole(zone);
  Messages messages = drain(*whole.source);
  CHECK(whole.ends == 1);
  CHECK(whole.sent.whole);
  CHECK(whole.sent.records == 4);
  CHECK(whole.sent.messages == 1);
  CHECK(whole.sent.octets == messages[0].size());
  whole.source.reset();
  CHECK(whole.ends == 1);

  Source left(zone);
  left.source.reset();
  CHECK(left.ends == 1);
  CHECK_FALSE(left.sent.whole);
}

TEST_CASE("random zones of every type arrive as they were") {
  Splitmix random(4);
  for (int round = 0; round < 30; ++round) {
    Name origin = round % 3 == 0 ? Name() : random_name(random, {}, 3);
    ZonePtr zone = random_zone(random, static_cast<std::uint32_t>(random.next()), random.below(800), origin);
    CHECK(dump(*arrived(axfr_of(zone), origin)) == dump(*zone));
  }
}

TEST_CASE("however a stream is cut into messages, the same zone arrives") {
  Splitmix random(6);
  for (int round = 0; round < 20; ++round) {
    ZonePtr zone = random_zone(random, 9, 200, name("example."));
    Messages original = axfr_of(zone), cut;
    MessageWriter writer;
    Buffer space(65535);
    bool open = false;
    auto close = [&] {
      auto message = writer.finish();
      cut.emplace_back(message.begin(), message.end());
      open = false;
    };
    for (const Buffer& message : original)
      for (const RecordView& record : MessageView::parse(message)->records(Section::answer)) {
        if (!open) {
          writer.start(space, 7, Header::kQr);
          if (cut.empty() || random.below(2)) writer.question(name("example."), RrType::AXFR, RrClass::IN);
          open = true;
        }
        Name owner;
        Buffer rdata;
        REQUIRE(record.expand_owner(owner));
        REQUIRE(record.read_rdata(rdata));
        REQUIRE(writer.record(Section::answer, owner, record.type, record.rr_class, record.ttl, rdata));
        if (random.below(3) == 0) close();
      }
    if (open) close();
    CHECK(dump(*arrived(cut, zone->origin())) == dump(*zone));
  }
}
