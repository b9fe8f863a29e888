#include "zone/writer.h"

#include <doctest/doctest.h>

#include "crypto/digest.h"
#include "zone/random_zone.h"
#include "zone/reader.h"

using namespace zw;
using zw::testing::RandomZone;
using namespace std::string_literals;

namespace {

Name name(std::string_view text) { return *Name::parse(text); }

using Writer = Result<void> (*)(const Zone&, const BlockSink&);

std::string written(Writer writer, const Zone& zone) {
  std::string out;
  CHECK(writer(zone, [&](Bytes block) -> Result<void> {
    out += as_text(block);
    return {};
  }));
  return out;
}

// The octets of each record as they are, in order.
std::string octets_of(const Zone& zone) {
  std::string out;
  zone.visit_rrsets([&](NameView relative, const RrSetView& set) {
    out += print(relative) + " " + print(set.type()) + std::to_string(set.ttl());
    for (Bytes rdata : set.rdatas()) out += "|" + std::string(as_text(rdata));
    out += "\n";
  });
  return out;
}

ZonePtr read(std::string_view text, RrClass rr_class = RrClass::IN) {
  ReaderOptions options;
  options.rr_class = rr_class;
  ZoneReading reading = read_zone(text, "zone", options);
  REQUIRE_MESSAGE(reading.zone, print(reading.report.issues.at(0)));
  CHECK(reading.report.issues.empty());
  CHECK(reading.findings.warnings() == 0);
  return reading.zone;
}

ZonePtr sample() {
  return read(
      "$ORIGIN Example.\n"
      "@ 600 IN SOA NS host.else. 7 2h 1h 2w 5m\n"
      "@ 300 IN NS NS\n"
      "@ 300 IN NS ns.else.\n"
      "@ 300 IN MX 10 @\n"
      "NS 300 IN A 192.0.2.1\n"
      "NS 60 IN AAAA 2001:db8::1\n"
      "a\\@b 300 IN TXT \"x;y\" \"\\\"\"\n"
      "l.Ns 300 IN CNAME www.NS.example.\n"
      "B32 300 IN NSEC3 1 1 0 - b4 A\n"
      "B32 300 IN RRSIG NSEC3 13 2 300 20300101000000 20200101000000 1 example. AAAA\n"
      "B32 300 IN A 192.0.2.9\n");
}

}  // namespace

TEST_CASE("canonical text is one record a line, in canonical form and order") {
  CHECK(written(write_canonical, *sample()) ==
        "example. 300 IN NS ns.else.\n"
        "example. 300 IN NS ns.example.\n"
        "example. 600 IN SOA ns.example. host.else. 7 7200 3600 1209600 300\n"
        "example. 300 IN MX 10 example.\n"
        "a\\@b.example. 300 IN TXT \"x;y\" \"\\\"\"\n"
        "b32.example. 300 IN A 192.0.2.9\n"
        "b32.example. 300 IN RRSIG NSEC3 13 2 300 20300101000000 20200101000000 1 example. AAAA\n"
        "b32.example. 300 IN NSEC3 1 1 0 - b4 A\n"
        "ns.example. 300 IN A 192.0.2.1\n"
        "ns.example. 60 IN AAAA 2001:db8::1\n"
        "l.ns.example. 300 IN CNAME www.ns.example.\n");
}

TEST_CASE("text for people has relative names, each owner once, and the SOA first") {
  CHECK(written(write_text, *sample()) ==
        "$ORIGIN Example.\n"
        "$TTL 300\n"
        "@\t600\tIN\tSOA\tNS host.else. (\n"
        "\t\t\t\t7\t; serial\n"
        "\t\t\t\t7200\t; refresh\n"
        "\t\t\t\t3600\t; retry\n"
        "\t\t\t\t1209600\t; expire\n"
        "\t\t\t\t300 )\t; minimum\n"
        "\tNS\tns.else.\n"
        "\tNS\tNS\n"
        "\tMX\t10 @\n"
        "a\\@b\tTXT\t\"x;y\" \"\\\"\"\n"
        "B32\tA\t192.0.2.9\n"
        "\tRRSIG\tNSEC3 13 2 300 20300101000000 20200101000000 1 @ AAAA\n"
        "\tNSEC3\t1 1 0 - b4 A\n"
        "NS\tA\t192.0.2.1\n"
        "\t60\tAAAA\t2001:db8::1\n"
        "l.Ns\tCNAME\twww.NS\n");
}

TEST_CASE("a zone of records of every type comes back from both texts and from the wire") {
  Splitmix random(7);
  for (int round = 0; round < 12; ++round) {
    RrClass rr_class = round % 4 ? RrClass::IN : RrClass::CH;
    RandomZone model(random, round % 3 ? name("Sub.example.") : Name(), rr_class);
    model.change(random.below(3000));
    ZonePtr zone = model.build();
    std::string canonical = canonical_text(*zone);
    CHECK(octets_of(*read(written(write_text, *zone), rr_class)) == octets_of(*zone));
    CHECK(canonical_text(*read(canonical, rr_class)) == canonical);
    std::string wire = written(write_wire, *zone);
    auto back = read_wire(as_bytes(wire));
    REQUIRE_MESSAGE(back, back.error().what);
    CHECK(octets_of(**back) == octets_of(*zone));
    CHECK((*back)->rr_class() == rr_class);
    CHECK(written(write_wire, **back) == wire);
  }
}

TEST_CASE("blocks are about 64 KiB, and a sink that fails ends the writing with its error") {
  ZoneBuilder builder(name("example."));
  builder.add(name("example."), RrType::SOA, 300, *parse_rdata(RrType::SOA, "a. b. 1 4 3 8 5"));
  std::uint8_t address[4] = {192, 0, 2, 1};
  for (int i = 0; i < 20000; ++i)
    builder.add(name("host" + std::to_string(i) + ".example."), RrType::A, 60, address);
  Findings findings;
  auto zone = builder.build(findings);
  for (Writer writer : {write_canonical, write_text, write_wire}) {
    std::vector<std::size_t> sizes;
    CHECK(writer(**zone, [&](Bytes block) -> Result<void> {
      sizes.push_back(block.size());
      return {};
    }));
    REQUIRE(sizes.size() > 3);
    for (std::size_t i = 0; i + 2 < sizes.size(); ++i) {
      CHECK(sizes[i] >= 64 << 10);
      CHECK(sizes[i] < 65 << 10);
    }
    std::size_t calls = 0;
    auto result = writer(**zone, [&](Bytes) -> Result<void> {
      return ++calls == 2 ? fail(ErrorKind::io, "disk full") : Result<void>();
    });
    CHECK(calls == 2);
    REQUIRE_FALSE(result);
    CHECK(result.error().what == "disk full");
  }
}

namespace {

// A wire form with `body` and the digest that belongs to it.
Result<ZonePtr> read_body(std::string body) {
  Digest sum = digest(DigestAlgorithm::sha256, as_bytes(body));
  body += as_text(sum.bytes());
  return read_wire(as_bytes(body));
}

std::string head(std::uint64_t count) {
  std::string out = "ZWZONE1\n";
  out += as_text(name("example.").wire());
  std::uint8_t numbers[10] = {0, 1};
  set64(numbers + 2, count);
  return out + std::string(as_text(numbers));
}

std::string record(std::string_view owner, RrType type, std::uint32_t ttl, std::string_view rdata,
                   RrClass rr_class = RrClass::IN) {
  Buffer out;
  append(out, name(owner).wire());
  append16(out, static_cast<std::uint16_t>(type));
  append16(out, static_cast<std::uint16_t>(rr_class));
  append32(out, ttl);
  append16(out, static_cast<std::uint16_t>(rdata.size()));
  append(out, as_bytes(rdata));
  return std::string(as_text(out));
}

const std::string kSoa = [] {
  Buffer rdata = *parse_rdata(RrType::SOA, ". . 1 2 3 4 5");
  return record("example.", RrType::SOA, 60, as_text(rdata));
}();

}  // namespace

TEST_CASE("the wire form begins and ends as its page says") {
  ZonePtr zone = read("example. 60 SOA . . 1 2 3 4 5\nw.example. 5 A 192.0.2.1\n");
  std::string wire = written(write_wire, *zone);
  std::string body = head(2) + kSoa + record("w.example.", RrType::A, 5, "\xc0\0\2\1"s);
  CHECK(wire.substr(0, wire.size() - 32) == body);
  CHECK(read_body(body));
}

TEST_CASE("each fault in a wire form has its reason") {
  auto reason = [](const std::string& body) {
    auto zone = read_body(body);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().kind == ErrorKind::malformed);
    std::string_view what = zone.error().what;
    return std::string(what.substr(what.find(": ") + 2));
  };
  std::string a = record("a.example.", RrType::A, 5, "\1\2\3\4"),
              b = record("a.example.", RrType::A, 5, "\1\2\3\5");
  CHECK(read_body(head(3) + kSoa + a + b));
  CHECK(reason("ZWZONE2\n") == "expected it to begin with ZWZONE1");
  CHECK(reason("ZWZONE1\n\3ab"s) == "expected the name of the origin");
  CHECK(reason(head(1).substr(0, 20)) == "the head is cut short");
  CHECK(reason(head(2) + kSoa) == "expected the owner of a record");
  CHECK(reason(head(1) + kSoa + "x") == "octets behind the last record");
  CHECK(reason(head(2) + kSoa + a.substr(0, 15)) == "a record is cut short");
  CHECK(reason(head(2) + kSoa + a.substr(0, a.size() - 1)) == "an RDATA is cut short");
  CHECK(reason(head(2) + kSoa + record("a.Example.", RrType::A, 5, "\1\2\3\4")) ==
        "the owner spells the origin in other letters");
  CHECK(reason(head(3) + kSoa + a + record("A.example.", RrType::A, 5, "\1\2\3\5")) ==
        "two records before here spell their owner in different letters");
  CHECK(reason(head(2) + kSoa + record("a.", RrType::A, 5, "\1\2\3\4")) == "the owner is not in the zone");
  CHECK(reason(head(2) + kSoa + record("a.example.", RrType::A, 5, "\1\2\3\4", RrClass::CH)) ==
        "a record before here has another class than the zone");
  CHECK(reason(head(2) + kSoa + record("a.example.", RrType::ANY, 5, "")) ==
        "a record before here has a meta type");
  CHECK(reason(head(2) + kSoa + record("a.example.", RrType::A, 0x80000000u, "\1\2\3\4")) ==
        "a record before here has a TTL above 2147483647");
  CHECK(reason(head(2) + kSoa + record("a.example.", RrType::A, 5, "\1\2\3")) ==
        "the RDATA before here is malformed");
  CHECK(reason(head(3) + kSoa + b + a) == "a record before here is out of order");
  CHECK(reason(head(3) + kSoa + a + a) == "a record before here is out of order");
  CHECK(reason(head(2) + a + kSoa) == "a record before here is out of order");
  CHECK(reason(head(3) + kSoa + a + record("a.example.", RrType::A, 6, "\1\2\3\5")) ==
        "an RRset before here has two TTLs");
  CHECK(reason(head(1) + a) == "there is no SOA record at the apex");
}

TEST_CASE("any changed octet and any cut of a wire form is found") {
  Splitmix random(3);
  RandomZone model(random, name("example."));
  model.change(20);
  std::string wire = written(write_wire, *model.build());
  for (std::size_t i = 0; i < wire.size(); ++i) {
    std::string broken = wire;
    broken[i] = static_cast<char>(broken[i] ^ 1 << random.below(8));
    CHECK_FALSE(read_wire(as_bytes(broken)));
    CHECK_FALSE(read_wire(as_bytes(std::string_view(wire).substr(0, i))));
  }
  CHECK(read_wire(as_bytes(wire)));
}
