#include "dns/message.h"

#include <doctest/doctest.h>

#include "base/random.h"

using namespace zw;

namespace {

// A message from hex digits; spaces are for the reader.
Buffer octets(std::string_view hex) {
  Buffer out;
  int high = -1;
  for (char c : hex) {
    if (c == ' ' || c == '\n') continue;
    int digit = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return out;
}

// example. NS ns.example. with glue; ID 0x1234, response, AA, RD.
const char* kReferral =
    "1234 8500 0001 0000 0001 0001"
    "03777777 076578616d706c65 00 0001 0001"    // www.example. A IN at 12
    "c010 0002 0001 00000e10 0005 026e73 c010"  // example. NS ns.example.
    "c029 0001 0001 0000003c 0004 c0000201"     // ns.example. A 192.0.2.1
    ;

MessageFault fault_of(Bytes message) {
  MessageFault fault;
  CHECK_FALSE(MessageView::read(message, fault));
  return fault;
}

}  // namespace

TEST_CASE("header, question and records are read where they lie") {
  Buffer message = octets(kReferral);
  auto view = MessageView::parse(message);
  REQUIRE(view);
  CHECK(view->id() == 0x1234);
  CHECK(view->header().qr());
  CHECK(view->header().aa());
  CHECK(view->header().rd());
  CHECK_FALSE(view->header().tc());
  CHECK_FALSE(view->header().ra());
  CHECK_FALSE(view->header().ad());
  CHECK_FALSE(view->header().cd());
  CHECK(view->header().opcode() == Opcode::QUERY);
  CHECK(view->header().rcode() == Rcode::NOERROR);
  CHECK(view->end() == message.size());

  auto question = view->question();
  REQUIRE(question);
  CHECK(print(question->name) == "www.example.");
  CHECK(question->name.data() == message.data() + 12);
  CHECK(question->type == RrType::A);
  CHECK(question->rr_class == RrClass::IN);

  CHECK(view->records(Section::answer).empty());
  REQUIRE(view->records(Section::authority).size() == 1);
  const RecordView ns = *view->records(Section::authority).begin();
  Name owner;
  REQUIRE(ns.expand_owner(owner));
  CHECK(print(owner) == "example.");
  CHECK(ns.type == RrType::NS);
  CHECK(ns.ttl == 3600);
  CHECK(ns.raw_rdata().size() == 5);
  Buffer rdata;
  REQUIRE(ns.read_rdata(rdata));
  CHECK(print(*NameView::read(rdata)) == "ns.example.");

  std::size_t seen = 0;
  for (const RecordView& glue : view->records(Section::additional)) {
    REQUIRE(glue.expand_owner(owner));
    CHECK(print(owner) == "ns.example.");
    CHECK(glue.end() == message.size());
    ++seen;
  }
  CHECK(seen == 1);
}

TEST_CASE("each flag, opcode and rcode stands in its own bits") {
  auto read = [](std::uint16_t bits) { return Header{0, bits, 0, {}}; };
  CHECK(read(0x8000).qr());
  CHECK(read(0x0400).aa());
  CHECK(read(0x0200).tc());
  CHECK(read(0x0100).rd());
  CHECK(read(0x0080).ra());
  CHECK(read(0x0020).ad());
  CHECK(read(0x0010).cd());
  CHECK(read(0x2800).opcode() == Opcode::UPDATE);
  CHECK(read(0x0005).rcode() == Rcode::REFUSED);
  CHECK(Header::pack(Opcode::NOTIFY, Rcode::NOTAUTH, Header::kQr | Header::kAa) == 0xa409);
  CHECK(Header::pack(Opcode::QUERY, Rcode::BADCOOKIE, 0) == 0x0007);
}

TEST_CASE("a message without a question has none") {
  Buffer message(12);
  auto view = MessageView::parse(message);
  REQUIRE(view);
  CHECK_FALSE(view->question());
  CHECK(view->end() == 12);
}

TEST_CASE("octets behind the last record are told, not refused") {
  Buffer message = octets(kReferral);
  std::size_t size = message.size();
  message.push_back(0);
  auto view = MessageView::parse(message);
  REQUIRE(view);
  CHECK(view->end() == size);
}

TEST_CASE("a message that is cut anywhere is refused") {
  Buffer message = octets(kReferral);
  for (std::size_t size = 0; size < message.size(); ++size) {
    CAPTURE(size);
    Buffer cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(fault_of(cut).at <= size);
  }
}

TEST_CASE("a fault says at which octet it stands") {
  CHECK(fault_of(octets("1234 0000 0001 0000 0000 0000 80 00 0001 0001")).at == 12);
  CHECK(fault_of(octets("1234 0000 0001 0000 0000 0000 0161 c00c 0001 0001")).at == 14);
  CHECK(fault_of(octets("1234 0000 0001 0000 0000 0000 00 0001")).at == 13);
  CHECK(fault_of(octets("1234 0000 0000 0001 0000 0000 00 0001 0001 00000000 0004 c00002")).at == 23);
  auto error = MessageView::parse(octets("1234 0000 0001 0000 0000 0000 80 00 0001 0001"));
  REQUIRE_FALSE(error);
  CHECK(error.error().kind == ErrorKind::malformed);
  CHECK(error.error().what == "message, octet 12: a label of a reserved kind");
}

TEST_CASE("a pointer leads backwards, and never into the header") {
  const char* front = "1234 0000 0000 0001 0000 0000 ";
  auto with_owner = [&](const char* owner) {
    return octets(std::string(front) + owner + " 0001 0001 00000000 0004 c0000201");
  };
  CHECK(fault_of(with_owner("c00c")).at == 12);  // itself
  CHECK(fault_of(with_owner("c00b")).at == 12);  // header
  CHECK(fault_of(with_owner("c010")).at == 12);  // forwards
  CHECK(fault_of(with_owner("0161c00c")).at == 14);
}

TEST_CASE("an owner of more than 255 octets is refused where it shows") {
  Buffer message = octets("1234 0000 0001 0000 0000 0000");
  for (int i = 0; i < 4; ++i) {
    message.push_back(63);
    message.insert(message.end(), 63, 'a');
  }
  append(message, octets("00 0001 0001"));
  CHECK(fault_of(message).what == std::string("a name of more than 255 octets"));
  message.resize(message.size() - 60);  // told at the label, though that is cut too
  CHECK(fault_of(message).at == 12 + 3 * 64);
  // 192 octets, and as many behind a pointer: only who follows it sees that it is too long.
  message = octets("1234 0000 0001 0001 0000 0000");
  for (int name = 0; name < 2; ++name) {
    for (int i = 0; i < 3; ++i) {
      message.push_back(63);
      message.insert(message.end(), 63, 'a');
    }
    append(message, octets(name == 0 ? "00 0001 0001" : "c00c 0001 0001 00000000 0004 c0000201"));
  }
  auto view = MessageView::parse(message);
  REQUIRE(view);
  Name owner = *Name::parse("untouched.");
  CHECK_FALSE(view->records(Section::answer).begin()->expand_owner(owner));
  CHECK(print(owner) == "untouched.");
}

TEST_CASE("OPT and TSIG records are counted on the way") {
  Buffer message = octets(
      "1234 0000 0000 0000 0000 0003"
      "00 0029 04d0 00008000 0000"
      "00 0029 0200 00000000 0000"
      "00 00fa 00ff 00000000 0000");
  auto view = MessageView::parse(message);
  REQUIRE(view);
  CHECK(view->opt_count() == 2);
  CHECK(view->tsig_count() == 1);
  CHECK(view->opt()->owner_at == 23);
  CHECK(view->tsig()->owner_at == 34);
  CHECK_FALSE(MessageView::parse(Buffer(12))->opt());
}

TEST_CASE("more than 65535 octets are no message") {
  Buffer message(kMaxMessageOctets + 1);
  CHECK(fault_of(message).at == kMaxMessageOctets);
  message.pop_back();
  CHECK(MessageView::parse(message));
}

TEST_CASE("random and bent octets are read without fault") {
  Splitmix random(1);
  Buffer good = octets(kReferral);
  Buffer rdata;
  std::size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    Buffer message = good;
    if (round % 4 == 0) {
      message.resize(random.below(80));
      random.fill(message);
      for (std::size_t i = 4; i < message.size() && i < 12; ++i) message[i] = i % 2 ? message[i] & 3 : 0;
    } else {
      for (std::uint64_t bends = 1 + random.below(4); bends > 0; --bends)
        message[random.below(message.size())] = static_cast<std::uint8_t>(random.next());
    }
    MessageFault fault;
    auto view = MessageView::read(message, fault);
    if (!view) {
      CHECK(fault.at <= message.size());
      continue;
    }
    ++accepted;
    for (auto section : {Section::answer, Section::authority, Section::additional}) {
      std::size_t end = view->section_at(section);
      for (const RecordView& record : view->records(section)) {
        Name owner;
        rdata.clear();
        bool named = record.expand_owner(owner);
        CHECK((!named || owner.size() <= 255));
        bool whole = record.read_rdata(rdata).has_value();
        CHECK((whole ? check_rdata(record.type, rdata) : rdata.empty()));
        CHECK(record.owner_at == end);
        end = record.end();
      }
      CHECK(end <= view->end());
    }
  }
  CHECK(accepted > 100);
}
