#include "transfer/transfer_responder.h"

#include "transfer/notify_out.h"
#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

struct Reply final : TcpReply {
  void send(Bytes message) override { sent.emplace_back(message.begin(), message.end()); }
  void stream(std::unique_ptr<MessageSource> source) override {
    from_image = dynamic_cast<ImageSource*>(source.get()) != nullptr;
    for (Buffer& message : drain(*source)) sent.push_back(std::move(message));
  }
  void close() override { closed = true; }
  std::chrono::milliseconds keep_alive() override { return {}; }
  Messages sent;
  bool closed = false, from_image = false;
};

/// A server of `example.` with serial 9, where some may transfer and notify.
struct Story {
  explicit Story(ServedZone zone = ServedZone(small_zone(9))) : served(std::move(zone)) {
    REQUIRE(keys.add(key));
  }
  Messages ask(Buffer query, Transport transport = Transport::tcp, bool known_zone = true) {
    Request request = Request::read(query);
    TsigRequest tsig = verify_request(*request.message(), keys, kNow);
    Peer peer{{client, 4711}, {}, transport};
    TransferRequest asked{request, peer};
    std::optional<TsigStreamSigner> signer;
    if (tsig.wants_signer()) signer = *TsigStreamSigner::make(tsig);
    if (tsig.status == TsigStatus::good) asked.key = tsig.key->name();
    asked.signer = &signer;
    asked.now = kNow;
    if (known_zone) asked.zone = &served;
    asked.rendered = rendered;
    asked.may_transfer = &may_transfer;
    asked.may_notify = secondary ? &may_notify : nullptr;
    asked.keep = kept;
    Reply reply;
    Buffer out(4096);
    out.resize(responder.answer(asked, {}, out, transport == Transport::udp ? nullptr : &reply));
    from_image = reply.from_image;
    if (out.empty()) return std::move(reply.sent);
    return {out};
  }
  Rcode rcode_of(const Messages& messages) const {
    REQUIRE(messages.size() == 1);
    return MessageView::parse(messages[0])->header().rcode();
  }

  TsigKey key = *TsigKey::make(name("k."), TsigAlgorithm::hmac_sha256, as_bytes("0123456789abcdef"));
  TsigKeyring keys;
  IpAddress client = *IpAddress::parse("192.0.2.1");
  ServedZone served;
  Rendered rendered;
  bool from_image = false;
  AccessList may_transfer{{{*Network::parse("192.0.2.0/24"), {}}, {{}, name("k.")}}};
  AccessList may_notify{{{*Network::parse("192.0.2.1"), {}}}};
  bool secondary = true;
  std::shared_ptr<int> kept = std::make_shared<int>();
  StoppedClock clock;
  std::string told, lines;
  Logger logger{clock, {.least = LogLevel::debug}, [this](std::string_view line) { lines += line; }};
  LogRate rate{100, Milliseconds(1)};
  Responder answers;
  MessageWriter writer;
  TransferResponder responder{clock, answers, writer,
                              [this](const TransferAnswered& answered) {
                                told += print(answered.asked) +
                                        (answered.sent.whole ? " whole; " : " not whole; ");
                                log_transfer(logger, rate, answered);
                              },
                              [this](const NotifyAnswered& answered) {
                                told += answered.decision.refresh ? "look at " : "nothing new of ";
                                told += print(answered.zone) + " says " + answered.sender.ip.print() + "; ";
                              }};
};

Buffer query(RrType type, const Zone* current = nullptr) {
  return compose_transfer_query({.zone = name("example."), .type = type, .id = 7, .current = current});
}

}  // namespace

TEST_CASE("AXFR over TCP is answered with the zone, and told when it is out") {
  Story story;
  IncomingTransfer transfer(axfr_question());
  CHECK(feed(transfer, story.ask(query(RrType::AXFR))) == TransferState::complete);
  CHECK(dump(*build(transfer)) == dump(*small_zone(9)));
  CHECK(transfer.expire() == Seconds(604'800));
  CHECK(story.told == "AXFR whole; ");
  CHECK(story.lines.find("msg=\"zone sent\" zone=example. client=192.0.2.1@4711 key=none asked=AXFR "
                         "given=axfr serial=9 bytes=") != std::string::npos);
}

TEST_CASE("an image is sent for the version that it is of, and for no other") {
  for (bool same : {true, false}) {
    Story story;
    story.rendered.whole = WireImage::make(same ? story.served.zone_pointer() : small_zone(8), 1 << 20);
    IncomingTransfer transfer(axfr_question());
    CHECK(feed(transfer, story.ask(query(RrType::AXFR))) == TransferState::complete);
    CHECK(dump(*build(transfer)) == dump(*small_zone(9)));
    CHECK(transfer.expire() == Seconds(604'800));
    CHECK(story.from_image == same);
    CHECK(story.told == "AXFR whole; ");
  }
}

TEST_CASE("IXFR gets the differences if they are known, smaller, and of the version that is served") {
  ZonePtr old = small_zone(7, "a.example. TXT \"a longer text than that of the zone that is served\"\n");
  struct Case {
    Serial client;
    std::size_t whole;
    bool same_version, differences;
    std::string_view why;
  };
  for (const Case& each :
       {Case{Serial(7), 1 << 20, true, true, ""},
        Case{Serial(7), 100, true, false, "the differences are larger than the zone"},
        Case{Serial(6), 1 << 20, true, false, "the client's version is not in the journal"},
        Case{Serial(7), 1 << 20, false, false, "the client's version is not in the journal"}}) {
    Story story;
    ZonePtr served = story.served.zone_pointer(), other = small_zone(9);
    ZonePtr newest = each.same_version ? served : other;
    auto none = Differences::none(old, {.whole = each.whole});
    story.rendered.differences = none->with(*diff(*old, *newest), newest, {.whole = each.whole});
    ZonePtr client = each.client == Serial(7) ? old : small_zone(6);
    IncomingTransfer transfer(ixfr_question(client));
    CHECK(feed(transfer, story.ask(query(RrType::IXFR, client.get()))) == TransferState::complete);
    CHECK(transfer.came_by() == (each.differences ? TransferMethod::ixfr : TransferMethod::axfr));
    CHECK(dump(*build(transfer)) == dump(*served));
    CHECK(story.told == "IXFR whole; ");
    std::string given = each.differences ? "given=ixfr serial=9" : "given=axfr serial=9";
    CHECK(story.lines.find(given) != std::string::npos);
    CHECK(story.lines.find(each.why) != std::string::npos);
  }
}

TEST_CASE("a signed request is answered signed, and a key opens what an address does not") {
  Story story;
  story.client = *IpAddress::parse("198.51.100.1");
  CHECK(story.rcode_of(story.ask(query(RrType::AXFR))) == Rcode::REFUSED);
  Buffer asked = query(RrType::AXFR);
  auto tsig = TsigStreamVerifier::sign_request(story.key, asked, kNow);
  IncomingTransfer transfer(axfr_question(), {}, std::move(*tsig));
  CHECK(feed(transfer, story.ask(asked)) == TransferState::complete);
  CHECK(story.lines.find("key=k.") != std::string::npos);
}

TEST_CASE("refusals carry their reason for those who know EDNS") {
  Story story;
  story.may_transfer = AccessList();
  Messages messages = story.ask(query(RrType::AXFR));
  EdnsView edns;
  MessageFault fault;
  REQUIRE(EdnsView::read(*MessageView::parse(messages[0]), edns, fault) == EdnsStatus::good);
  CHECK(edns.extended_error()->code == EdeCode::prohibited);
  CHECK(story.lines.find("rcode=REFUSED reason=\"this address is not allowed\"") != std::string::npos);
}

TEST_CASE("a zone that is not served is NOTAUTH, one that expired SERVFAIL") {
  CHECK(Story().rcode_of(Story().ask(query(RrType::AXFR), Transport::tcp, false)) == Rcode::NOTAUTH);
  Story expired(ServedZone(name("example."), ServedZone::Absence::expired));
  CHECK(expired.rcode_of(expired.ask(query(RrType::AXFR))) == Rcode::SERVFAIL);
}

TEST_CASE("IXFR over UDP gets the SOA, signed if it was signed, within what the client takes") {
  Story story;
  ZonePtr current = small_zone(8);
  Buffer asked = query(RrType::IXFR, current.get());
  auto tsig = TsigStreamVerifier::sign_request(story.key, asked, kNow);
  auto question = ixfr_question(current);
  question.over_udp = true;
  IncomingTransfer transfer(question, {}, std::move(*tsig));
  Messages messages = story.ask(asked, Transport::udp);
  CHECK(messages[0].size() <= 1232);
  CHECK(feed(transfer, messages) == TransferState::retry_over_tcp);
  CHECK(story.told == "IXFR not whole; ");
  CHECK(story.rcode_of(story.ask(query(RrType::AXFR), Transport::udp)) == Rcode::NOTIMP);
}

TEST_CASE("IXFR from our version over TCP gets one SOA, from an older one the whole zone") {
  Story story;
  ZonePtr same = small_zone(9), older = small_zone(8);
  IncomingTransfer current(ixfr_question(same));
  CHECK(feed(current, story.ask(query(RrType::IXFR, same.get()))) == TransferState::up_to_date);
  IncomingTransfer behind(ixfr_question(older));
  CHECK(feed(behind, story.ask(query(RrType::IXFR, older.get()))) == TransferState::complete);
  CHECK(behind.came_by() == TransferMethod::axfr);
}

TEST_CASE("NOTIFY is answered with AA and handed on, over UDP and TCP") {
  for (Transport transport : {Transport::udp, Transport::tcp}) {
    Story story;
    Messages messages = story.ask(compose_notify(*small_zone(10), 7), transport);
    CHECK(read_notify_answer(messages[0], name("example."), 7, nullptr, kNow).rcode == Rcode::NOERROR);
    CHECK(MessageView::parse(messages[0])->header().aa());
    CHECK(story.told == "look at example. says 192.0.2.1; ");
  }
}

TEST_CASE("NOTIFY of what we have is answered and not handed on; from a stranger it is refused") {
  Story story;
  CHECK(story.rcode_of(story.ask(compose_notify(*small_zone(9), 7))) == Rcode::NOERROR);
  story.client = *IpAddress::parse("192.0.2.2");
  CHECK(story.rcode_of(story.ask(compose_notify(*small_zone(10), 7))) == Rcode::REFUSED);
  CHECK(story.told == "nothing new of example. says 192.0.2.1; nothing new of example. says 192.0.2.2; ");
}

TEST_CASE("NOTIFY for a zone that has expired here, or is not ready, is handed on whatever it hints") {
  Story story(ServedZone(name("example."), ServedZone::Absence::expired));
  story.ask(compose_notify(*small_zone(9), 7));
  CHECK(story.told == "look at example. says 192.0.2.1; ");
}

TEST_CASE("NOTIFY to a primary is NOTAUTH") {
  Story story;
  story.secondary = false;
  CHECK(story.rcode_of(story.ask(compose_notify(*small_zone(10), 7))) == Rcode::NOTAUTH);
}

TEST_CASE("what an answer needs lives as long as its stream") {
  Story story;
  struct Holder final : TcpReply {
    void send(Bytes) override {}
    void stream(std::unique_ptr<MessageSource> given) override { source = std::move(given); }
    void close() override {}
    std::chrono::milliseconds keep_alive() override { return {}; }
    std::unique_ptr<MessageSource> source;
  } holder;
  Buffer asked = query(RrType::AXFR);
  Request request = Request::read(asked);
  Peer peer{{story.client, 4711}, {}, Transport::tcp};
  {
    TransferRequest transfer{request, peer};
    transfer.zone = &story.served;
    transfer.may_transfer = &story.may_transfer;
    transfer.keep = story.kept;
    Buffer out(4096);
    CHECK(story.responder.answer(transfer, {}, out, &holder) == 0);
  }
  CHECK(story.kept.use_count() == 2);
  holder.source.reset();
  CHECK(story.kept.use_count() == 1);
  CHECK(story.lines.find("msg=\"zone sent in part only\"") != std::string::npos);
}
