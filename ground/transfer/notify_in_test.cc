#include "transfer/notify_in.h"

#include "authority/responder.h"
#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

const AccessList kPrimaries({{*Network::parse("192.0.2.1"), {}}, {{}, name("key.example.")}});
const IpAddress kPrimary = *IpAddress::parse("192.0.2.1"), kStranger = *IpAddress::parse("198.51.100.1");

struct Message {
  explicit Message(std::string_view zone = "example.", RrType type = RrType::SOA,
                   std::uint16_t flags = Header::kAa)
      : space(1000) {
    writer.start(space, 0x1234, Header::pack(Opcode::NOTIFY, Rcode::NOERROR, flags));
    writer.question(name(zone), type, RrClass::IN);
  }
  Message& hint(std::uint32_t serial, std::string_view owner = "example.", RrType type = RrType::SOA) {
    writer.record(Section::answer, name(owner), type, RrClass::IN, 0, soa_rdata(name("example."), serial));
    return *this;
  }
  Bytes octets() { return writer.finish(); }
  Buffer space;
  MessageWriter writer;
};

NotifyDecision decide(Message& message, std::optional<Serial> published = Serial(7),
                      IpAddress sender = kPrimary, std::optional<NameView> key = {}) {
  Request request = Request::read(message.octets());
  REQUIRE(request.kind() == RequestKind::notify);
  NotifiedZone zone{kPrimaries, published};
  return decide_notify(read_notify(request), &zone, sender, key);
}

NotifyDecision decide(Message&& message, std::optional<Serial> published = Serial(7),
                      IpAddress sender = kPrimary, std::optional<NameView> key = {}) {
  return decide(message, published, sender, key);
}

}  // namespace

TEST_CASE("NOTIFY from a primary, by address or by key, makes us look") {
  CHECK(decide(Message()).refresh);
  CHECK(decide(Message()).rcode == Rcode::NOERROR);
  Name key = name("KEY.example.");
  CHECK(decide(Message(), Serial(7), kStranger, key.view()).refresh);
}

TEST_CASE("NOTIFY without AA is heard, too") { CHECK(decide(Message("example.", RrType::SOA, 0)).refresh); }

TEST_CASE("NOTIFY from a stranger is refused and changes nothing") {
  auto decision = decide(Message(), Serial(7), kStranger);
  CHECK(decision.rcode == Rcode::REFUSED);
  CHECK_FALSE(decision.refresh);
  Name key = name("other.example.");
  CHECK(decide(Message(), Serial(7), kStranger, key.view()).rcode == Rcode::REFUSED);
}

TEST_CASE("NOTIFY for a zone that we do not look after is answered NOTAUTH") {
  Message message("other.");
  auto notify = read_notify(Request::read(message.octets()));
  CHECK(decide_notify(notify, nullptr, kPrimary, {}).rcode == Rcode::NOTAUTH);
}

TEST_CASE("NOTIFY of another type than SOA is not implemented") {
  CHECK(decide(Message("example.", RrType::CDS)).rcode == Rcode::NOTIMP);
  CHECK_FALSE(decide(Message("example.", RrType::CDS)).refresh);
}

TEST_CASE("a hint that is what we have spares us a look; every other hint, and none, does not") {
  CHECK_FALSE(decide(Message().hint(7)).refresh);
  CHECK(decide(Message().hint(7)).rcode == Rcode::NOERROR);
  CHECK(decide(Message().hint(8)).refresh);
  CHECK(decide(Message().hint(6)).refresh);
  CHECK(decide(Message().hint(7), std::nullopt).refresh);  // we have none
  CHECK(decide(Message().hint(7, "other.")).refresh);      // no SOA of this zone
  CHECK(decide(Message().hint(7, "example.", RrType{65280})).refresh);
}

TEST_CASE("the answer to NOTIFY has the ID, the opcode, the question, QR and AA") {
  Message message;
  Request request = Request::read(message.octets());
  Responder responder;
  Buffer out(512);
  out.resize(responder.decline({}, request, {}, Rcode::NOERROR, {}, out));
  mark_notify_answer(out);
  auto answer = MessageView::parse(out);
  CHECK(answer->id() == 0x1234);
  CHECK(answer->header().bits == Header::pack(Opcode::NOTIFY, Rcode::NOERROR, Header::kQr | Header::kAa));
  CHECK(answer->question()->name == name("example.").view());
  CHECK(answer->question()->type == RrType::SOA);
  CHECK(answer->records(Section::answer).empty());
}
