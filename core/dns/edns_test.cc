#include "dns/edns.h"

#include <doctest/doctest.h>

#include <vector>

#include "base/encoding.h"
#include "base/random.h"

using namespace zw;
using std::chrono::seconds;

namespace {

struct Sent {
  std::array<std::uint8_t, 4096> octets{};
  MessageWriter writer;
  EdnsView edns;
  MessageFault fault;
  Sent() { writer.start(octets, 1, 0); }
  // With the octets of the record as they are given.
  Sent& opt(Bytes rdata, std::uint32_t ttl = 0, std::uint16_t payload = 1232) {
    REQUIRE(writer.record(Section::additional, NameView(), RrType::OPT, static_cast<RrClass>(payload), ttl,
                          rdata));
    return *this;
  }
  EdnsStatus read() {
    auto view = MessageView::parse(writer.finish());
    REQUIRE(view);
    return EdnsView::read(*view, edns, fault);
  }
};

Buffer hex(std::string_view text) {
  Buffer out;
  REQUIRE(decode_base16(text, out));
  return out;
}

}  // namespace

TEST_CASE("without OPT there is no EDNS") {
  Sent sent;
  CHECK(sent.read() == EdnsStatus::absent);
  CHECK(sent.edns.payload_octets() == 512);
}

TEST_CASE("what is written into OPT is read back") {
  Sent sent;
  EdnsOptions options;
  const Buffer client = hex("2464C4ABCF10C957"), server = hex("010000005CF79F111F8130C3EEE29480");
  REQUIRE(options.nsid(as_bytes("ns1.fra")));
  REQUIRE(options.cookie(client, server));
  REQUIRE(options.expire(seconds(604800)));
  REQUIRE(options.keepalive(KeepaliveTime(300)));
  REQUIRE(options.extended_error(EdeCode::not_ready, "loading"));
  REQUIRE(options.extended_error(EdeCode::other));
  REQUIRE(options.report_channel(*Name::parse("agent.example.")));
  REQUIRE(options.add(static_cast<OptionCode>(65001), as_bytes("mine")));
  REQUIRE(options.add(static_cast<OptionCode>(65001), as_bytes("again")));
  std::size_t before = sent.writer.size();
  REQUIRE(write_opt(sent.writer, {4096, Rcode::BADCOOKIE, true, 0}, options.octets()));
  CHECK(sent.writer.size() - before == options.opt_octets());

  REQUIRE(sent.read() == EdnsStatus::good);
  const EdnsView& edns = sent.edns;
  CHECK(edns.payload_octets() == 4096);
  CHECK(edns.version() == 0);
  CHECK(edns.dnssec_ok());
  CHECK(edns.flags() == 0x8000);
  CHECK(edns.rcode(*Header::read(sent.octets)) == Rcode::BADCOOKIE);
  CHECK(Header::read(sent.octets)->rcode() == static_cast<Rcode>(23 & 15));
  CHECK(same_bytes(edns.nsid().value(), as_bytes("ns1.fra")));
  CHECK(same_bytes(edns.cookie().value().client, client));
  CHECK(same_bytes(edns.cookie().value().server, server));
  CHECK(edns.expire() == seconds(604800));
  CHECK(edns.keepalive() == seconds(30));
  CHECK(edns.extended_error().value().code == EdeCode::not_ready);
  CHECK(edns.extended_error().value().text == "loading");
  CHECK(edns.report_channel().value() == *Name::parse("agent.example."));
  CHECK(edns.has(static_cast<OptionCode>(65001)));
  CHECK_FALSE(edns.has(static_cast<OptionCode>(65002)));
  CHECK_FALSE(edns.has(OptionCode::PADDING));
  CHECK(same_bytes(edns.find(static_cast<OptionCode>(65001)).value(), as_bytes("mine")));

  std::vector<int> codes;
  std::size_t errors = 0;
  edns.each([&](OptionView option) {
    codes.push_back(static_cast<int>(option.code));
    if (option.code == OptionCode::EDE) errors += decode_extended_error(option.data).has_value();
  });
  CHECK(codes == std::vector<int>{3, 10, 9, 11, 15, 15, 18, 65001, 65001});
  CHECK(errors == 2);
}

TEST_CASE("an OPT record stands on the wire as RFC 6891 §6.1.2 draws it") {
  Sent sent;
  EdnsOptions options;
  REQUIRE(options.nsid());
  REQUIRE(write_opt(sent.writer, {1232, Rcode::BADVERS, true, 0}, options.octets()));
  CHECK(base16(sent.writer.finish().subspan(12)) == "00002904D001008000000400030000");
}

TEST_CASE("a query asks with empty options") {
  Sent sent;
  EdnsOptions options;
  REQUIRE(options.nsid());
  REQUIRE(options.ask_expire());
  REQUIRE(options.ask_keepalive());
  REQUIRE(options.cookie(Buffer(8)));
  REQUIRE(write_opt(sent.writer, {}, options.octets()));
  REQUIRE(sent.read() == EdnsStatus::good);
  CHECK(sent.edns.nsid().value().empty());
  CHECK(sent.edns.has(OptionCode::EXPIRE));
  CHECK_FALSE(sent.edns.expire());
  CHECK(sent.edns.has(OptionCode::TCP_KEEPALIVE));
  CHECK_FALSE(sent.edns.keepalive());
  CHECK(sent.edns.cookie().value().server.empty());
}

TEST_CASE("a payload below 512 counts as 512") {
  for (std::uint16_t payload : {0, 511, 512, 513, 65535}) {
    Sent sent;
    REQUIRE(sent.opt({}, 0, payload).read() == EdnsStatus::good);
    CHECK(sent.edns.payload_octets() == std::max<std::size_t>(payload, 512));
  }
}

TEST_CASE("two OPT records, a wrong section and a wrong owner are malformed") {
  Sent two;
  CHECK(two.opt({}).opt({}).read() == EdnsStatus::malformed);
  CHECK(two.fault.at == 23);
  Sent answer;
  REQUIRE(answer.writer.record(Section::answer, NameView(), RrType::OPT, RrClass::IN, 0, {}));
  CHECK(answer.read() == EdnsStatus::malformed);
  CHECK(answer.fault.at == 12);
  Sent owner;
  REQUIRE(owner.writer.record(Section::additional, *Name::parse("a."), RrType::OPT, RrClass::IN, 0, {}));
  CHECK(owner.read() == EdnsStatus::malformed);
}

TEST_CASE("a higher version is told, and its options are left alone") {
  Sent sent;
  REQUIRE(sent.opt(hex("000A0001"), 0x00010000).read() == EdnsStatus::good);
  CHECK(sent.edns.version() == 1);
  CHECK_FALSE(sent.edns.has(OptionCode::COOKIE));
  CHECK_FALSE(sent.edns.cookie());
}

TEST_CASE("each typed option has its lengths") {
  auto status = [](OptionCode code, std::size_t size) {
    Sent sent;
    Buffer rdata;
    append16(rdata, static_cast<std::uint16_t>(code));
    append16(rdata, static_cast<std::uint16_t>(size));
    rdata.resize(4 + size);
    return sent.opt(rdata).read();
  };
  for (std::size_t size = 0; size <= 48; ++size) {
    CAPTURE(size);
    auto expected = [](bool good) { return good ? EdnsStatus::good : EdnsStatus::malformed; };
    CHECK(status(OptionCode::COOKIE, size) == expected(size == 8 || (size >= 16 && size <= 40)));
    CHECK(status(OptionCode::EXPIRE, size) == expected(size == 0 || size == 4));
    CHECK(status(OptionCode::TCP_KEEPALIVE, size) == expected(size == 0 || size == 2));
    CHECK(status(OptionCode::EDE, size) == expected(size >= 2));
    CHECK(status(OptionCode::REPORT_CHANNEL, size) == expected(size == 1));  // of zero octets: the root
    CHECK(status(OptionCode::NSID, size) == EdnsStatus::good);
    CHECK(status(OptionCode::PADDING, size) == EdnsStatus::good);
    CHECK(status(OptionCode::CLIENT_SUBNET, size) == EdnsStatus::good);
  }
}

TEST_CASE("options that are cut short are malformed, at their octet") {
  for (const char* text : {"00", "000300", "00030001", "0003000041"}) {
    Sent sent;
    CAPTURE(text);
    CHECK(sent.opt(hex(text)).read() == EdnsStatus::malformed);
    CHECK(sent.fault.at >= 23);
    CHECK(sent.fault.at <= 23 + hex(text).size());
  }
}

TEST_CASE("the text of an extended error may end in NUL and be no UTF-8") {
  const Buffer closed = hex("0012616200"), odd = hex("0000FF");
  auto error = decode_extended_error(closed);
  REQUIRE(error);
  CHECK(error->code == EdeCode::prohibited);
  CHECK(error->text == "ab");
  CHECK(decode_extended_error(odd).value().text == "\xff");
  CHECK_FALSE(decode_extended_error(hex("00")));
  CHECK(print(EdeCode::prohibited) == "Prohibited");
  CHECK(print(EdeCode::invalid_query_type) == "Invalid Query Type");
  CHECK(print(static_cast<EdeCode>(49151)).empty());
}

TEST_CASE("values that cannot stand in their option are refused") {
  EdnsOptions options;
  CHECK_FALSE(options.cookie(Buffer(7)));
  CHECK_FALSE(options.cookie(Buffer(8), Buffer(7)));
  CHECK_FALSE(options.cookie(Buffer(8), Buffer(33)));
  CHECK_FALSE(options.expire(seconds(-1)));
  CHECK_FALSE(options.expire(seconds(0x100000000)));
  CHECK(options.octets().empty());
  CHECK(options.nsid(Buffer(1000)));
  CHECK_FALSE(options.nsid(Buffer(17)));
  CHECK(options.nsid(Buffer(16)));
  CHECK_FALSE(options.nsid());
  CHECK(options.octets().size() == 1024);
}

TEST_CASE("padding fills the message to a multiple of the block, TSIG included") {
  for (std::size_t front = 0; front < 300; front += 7) {
    Sent sent;
    REQUIRE(sent.writer.record(Section::answer, NameView(), RrType::TXT, RrClass::IN, 0, Buffer(front)));
    REQUIRE(sent.writer.reserve(61));
    EdnsOptions options;
    REQUIRE(options.nsid(as_bytes("ns1")));
    REQUIRE(options.pad(sent.writer, 128));
    REQUIRE(write_opt(sent.writer, {}, options.octets()));
    CHECK((sent.writer.size() + 61) % 128 == 0);
    REQUIRE(sent.read() == EdnsStatus::good);
    Bytes padding = sent.edns.find(OptionCode::PADDING).value();
    CHECK(same_bytes(padding, Buffer(padding.size())));
  }
  Sent tight;
  tight.writer.set_limit(12 + 11 + 4 + 5);
  EdnsOptions options;
  REQUIRE(options.pad(tight.writer, 468));
  REQUIRE(write_opt(tight.writer, {}, options.octets()));
  CHECK(tight.writer.room() == 0);
}

TEST_CASE("random options are read without fault") {
  Splitmix random(3);
  std::size_t good = 0;
  for (int round = 0; round < 20000; ++round) {
    Buffer rdata;
    for (std::uint64_t left = random.below(4); left > 0; --left) {
      Buffer data(random.below(4) ? random.below(5) : random.below(44));
      random.fill(data);
      if (!data.empty() && random.below(2)) data[0] = 0;
      append16(rdata, static_cast<std::uint16_t>(random.below(20)));
      append16(rdata, static_cast<std::uint16_t>(data.size() + (random.below(16) == 0)));
      append(rdata, data);
    }
    Sent sent;
    if (sent.opt(rdata, static_cast<std::uint32_t>(random.below(2) ? 0 : random.next())).read() !=
        EdnsStatus::good)
      continue;
    ++good;
    std::size_t octets = 0;
    sent.edns.each([&](OptionView option) {
      octets += 4 + option.data.size();
      CHECK(sent.edns.has(option.code));
    });
    CHECK(octets == (sent.edns.version() == 0 ? rdata.size() : 0));
    CHECK(sent.edns.cookie().has_value() == sent.edns.has(OptionCode::COOKIE));
    CHECK(sent.edns.extended_error().has_value() == sent.edns.has(OptionCode::EDE));
    CHECK(sent.edns.report_channel().has_value() == sent.edns.has(OptionCode::REPORT_CHANNEL));
    static_cast<void>(sent.edns.expire());
    static_cast<void>(sent.edns.keepalive());
  }
  CHECK(good > 1000);
}
