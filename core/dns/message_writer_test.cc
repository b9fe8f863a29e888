#include "dns/message_writer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/random.h"

using namespace zw;

namespace {

Name name(std::string_view text) { return *Name::parse(text); }
Buffer wire(std::string_view text) {
  Name n = name(text);
  return {n.wire().begin(), n.wire().end()};
}
const Buffer kAddress{192, 0, 2, 1};

struct Written {
  std::array<std::uint8_t, 65535> octets{};
  MessageWriter writer;
  explicit Written(std::size_t limit = 65535) { writer.start(MutableBytes(octets).first(limit), 7, 0x8000); }
  MessageView read() {
    auto view = MessageView::parse(writer.finish());
    REQUIRE(view);
    return *view;
  }
};

struct Record {
  Section section;
  Name owner;
  RrType type;
  std::uint32_t ttl;
  Buffer rdata;
};

std::vector<Record> records_of(const MessageView& view) {
  std::vector<Record> out;
  for (auto section : {Section::answer, Section::authority, Section::additional})
    for (const RecordView& record : view.records(section)) {
      Record one{section, {}, record.type, record.ttl, {}};
      REQUIRE(record.expand_owner(one.owner));
      REQUIRE(record.read_rdata(one.rdata));
      out.push_back(one);
    }
  return out;
}

// Names that share suffixes, in changing case, now and then long or odd.
Name random_name(Random& random) {
  static const std::array<std::string_view, 8> kLabels{"a",   "ns1", "example", "EXAMPLE",
                                                       "com", "net", "Com",     "www"};
  std::string text;
  for (std::uint64_t left = random.below(5); left > 0; --left) {
    if (random.below(16) == 0)
      text += std::string(1 + random.below(63), static_cast<char>('a' + random.below(3)));
    else
      text += kLabels[random.below(kLabels.size())];
    text += '.';
  }
  if (text.empty()) text = ".";
  return name(text);
}

Record random_record(Random& random, Section section) {
  static const std::array<RrType, 9> kTypes{RrType::A,   RrType::NS,    RrType::MX,
                                            RrType::SOA, RrType::TXT,   RrType::SRV,
                                            RrType::PTR, RrType::CNAME, RrType::MINFO};
  Record record{section, random_name(random), kTypes[random.below(kTypes.size())], 0, {}};
  record.ttl = static_cast<std::uint32_t>(random.next());
  for (Field field : find_type_info(record.type)->fields) {
    switch (field) {
      case Field::none: return record;
      case Field::ipv4:
      case Field::u32:
      case Field::ttl: append32(record.rdata, static_cast<std::uint32_t>(random.next())); break;
      case Field::u16: append16(record.rdata, static_cast<std::uint16_t>(random.next())); break;
      case Field::strings: append(record.rdata, as_bytes("\x03one\x03two")); break;
      default: append(record.rdata, random_name(random).wire());
    }
  }
  return record;
}

}  // namespace

TEST_CASE("a referral is written with its names compressed, octet for octet") {
  Written to;
  REQUIRE(to.writer.question(name("www.example."), RrType::A, RrClass::IN));
  REQUIRE(to.writer.record(Section::authority, name("example."), RrType::NS, RrClass::IN, 3600,
                           wire("ns.example.")));
  PlacedName target = to.writer.last_target();
  CHECK(target.at == 41);
  REQUIRE(to.writer.record(Section::additional, target, RrType::A, RrClass::IN, 60, kAddress));
  const std::uint8_t expected[] = {
      0,    7,   0x80, 0,   0, 1,   0,   0,   0,    1,    0,   1,                             // header
      3,    'w', 'w',  'w', 7, 'e', 'x', 'a', 'm',  'p',  'l', 'e', 0,   0,   1,   0,    1,   // question
      0xc0, 16,  0,    2,   0, 1,   0,   0,   0x0e, 0x10, 0,   5,   2,   'n', 's', 0xc0, 16,  // NS
      0xc0, 41,  0,    1,   0, 1,   0,   0,   0,    60,   0,   4,   192, 0,   2,   1};
  CHECK(same_bytes(to.writer.finish(), expected));
}

TEST_CASE("letter case is kept: a name that differs in case is not compressed onto another") {
  Written to;
  REQUIRE(to.writer.question(name("www.ExAmPlE."), RrType::NS, RrClass::IN));
  REQUIRE(to.writer.record(Section::answer, name("www.example."), RrType::NS, RrClass::IN, 1,
                           wire("NS.example.")));
  REQUIRE(to.writer.record(Section::answer, name("WWW.example."), RrType::NS, RrClass::IN, 1,
                           wire("ns.ExAmPlE.")));
  auto records = records_of(to.read());
  CHECK(print(records[0].owner) == "www.example.");
  CHECK(same_bytes(records[0].rdata, wire("NS.example.")));
  CHECK(print(records[1].owner) == "WWW.example.");
  CHECK(same_bytes(records[1].rdata, wire("ns.ExAmPlE.")));
}

TEST_CASE("an owner known to be the name of the question is a pointer to it") {
  Written to;
  REQUIRE(to.writer.question(name("www.example."), RrType::A, RrClass::IN));
  std::size_t before = to.writer.size();
  REQUIRE(to.writer.record(Section::answer, kQuestionName, RrType::A, RrClass::IN, 1, kAddress));
  CHECK(to.octets[before] == 0xc0);
  CHECK(to.octets[before + 1] == 12);
  CHECK(to.writer.size() == before + 16);
}

TEST_CASE("only the names that may be compressed are, by the table of types") {
  for (const RrTypeInfo& info : all_type_infos()) {
    if (!info.has_format) continue;
    CAPTURE(info.mnemonic);
    Buffer rdata;
    std::size_t compressible = 0;
    bool built = true;
    for (Field field : info.fields) {
      if (field == Field::none) break;
      if (field == Field::name_compressed || field == Field::name_lowered || field == Field::name) {
        append(rdata, wire("www.example."));
        compressible += field == Field::name_compressed;
        continue;
      }
      Buffer zeros(32);
      auto size = field_size(field, zeros, rdata);
      if (!size || *size == zeros.size()) built = false;
      if (!built) break;
      rdata.resize(rdata.size() + *size);
    }
    if (!built && compressible == 0) rdata = wire("www.example.");  // what is not read must not be touched
    Written to;
    REQUIRE(to.writer.question(name("www.example."), RrType::A, RrClass::IN));
    std::size_t before = to.writer.size();
    REQUIRE(to.writer.record(Section::answer, kQuestionName, info.type, RrClass::IN, 1, rdata));
    CHECK(to.writer.size() - before == 12 + rdata.size() - compressible * (13 - 2));
    CHECK(to.writer.last_target().at == (compressible ? 12 : 0));
  }
}

TEST_CASE("RDATA that breaks its format is written as it is") {
  Written to;
  const Buffer odd[] = {{}, {0}, {5, 'a'}, {0xc0, 12}, {0, 1, 0x80}};
  for (RrType type : {RrType::NS, RrType::MX, RrType::SOA})
    for (const Buffer& rdata : odd)
      REQUIRE(to.writer.record(Section::answer, NameView(), type, RrClass::IN, 1, rdata));
  std::size_t i = 0;
  for (const RecordView& record : to.read().records(Section::answer)) {
    CHECK(same_bytes(record.raw_rdata(), odd[i++ % 5]));
  }
  CHECK(i == 15);
}

TEST_CASE("an RRset is written whole or not at all, its owner once") {
  std::vector<Buffer> rdatas(3, kAddress);
  Written to(12 + 13 + 10 + 4 + 2 * 16);
  REQUIRE(to.writer.rrset(Section::answer, name("www.example."), RrType::A, RrClass::IN, 1, rdatas));
  CHECK(to.writer.room() == 0);
  CHECK(records_of(to.read()).size() == 3);

  Written small(12 + 13 + 10 + 4 + 2 * 16 - 1);
  CHECK_FALSE(small.writer.rrset(Section::answer, name("www.example."), RrType::A, RrClass::IN, 1, rdatas));
  CHECK(small.writer.size() == 12);
  CHECK(small.writer.count(Section::answer) == 0);
  rdatas.pop_back();
  CHECK(small.writer.rrset(Section::answer, name("www.example."), RrType::A, RrClass::IN, 1, rdatas));
  CHECK(records_of(small.read()).size() == 2);
}

TEST_CASE("after a rollback no pointer leads to what was taken back") {
  Written to;
  REQUIRE(to.writer.question(name("example."), RrType::A, RrClass::IN));
  auto mark = to.writer.mark();
  REQUIRE(
      to.writer.record(Section::answer, name("a.b.example."), RrType::NS, RrClass::IN, 1, wire("ns.net.")));
  to.writer.rollback(mark);
  CHECK(to.writer.count(Section::answer) == 0);
  REQUIRE(to.writer.record(Section::answer, name("x.y.example."), RrType::NS, RrClass::IN, 1,
                           wire("a.b.example.")));
  REQUIRE(to.writer.record(Section::answer, name("b.example."), RrType::NS, RrClass::IN, 1, wire("ns.net.")));
  auto records = records_of(to.read());
  REQUIRE(records.size() == 2);
  CHECK(print(records[0].owner) == "x.y.example.");
  CHECK(same_bytes(records[0].rdata, wire("a.b.example.")));
  CHECK(print(records[1].owner) == "b.example.");
  CHECK(same_bytes(records[1].rdata, wire("ns.net.")));
}

TEST_CASE("what is reserved stays free until it is asked for") {
  Written to(12 + 15 + 11);
  REQUIRE(to.writer.reserve(11));
  CHECK(to.writer.room() == 15);
  CHECK(to.writer.record(Section::answer, NameView(), RrType::A, RrClass::IN, 1, kAddress));
  CHECK_FALSE(to.writer.record(Section::answer, NameView(), RrType::OPT, RrClass::IN, 1, {}));
  CHECK_FALSE(to.writer.reserve(12));
  REQUIRE(to.writer.reserve(0));
  CHECK(to.writer.record(Section::additional, NameView(), RrType::OPT, RrClass::IN, 1, {}));
  CHECK(to.writer.room() == 0);
}

TEST_CASE("the limit can be set, and counts what is reserved") {
  Written to(1000);
  REQUIRE(to.writer.reserve(100));
  to.writer.set_limit(512);
  CHECK(to.writer.room() == 400);
  to.writer.set_limit(5000);
  CHECK(to.writer.room() == 888);
  to.writer.set_limit(0);
  CHECK(to.writer.room() == 0);
}

TEST_CASE("a response takes ID, opcode, RD and the question, and not CD, from the query") {
  Written query;
  query.writer.set_bits(
      Header::pack(Opcode::NOTIFY, Rcode::NOERROR, Header::kRd | Header::kCd | Header::kAd));
  REQUIRE(query.writer.question(name("wWw.example."), RrType::SOA, RrClass::CH));
  Written to;
  REQUIRE(to.writer.start_response(to.octets, query.read(), Rcode::REFUSED, Header::kAa));
  auto view = to.read();
  CHECK(view.id() == 7);
  CHECK(view.header().bits ==
        Header::pack(Opcode::NOTIFY, Rcode::REFUSED, Header::kQr | Header::kAa | Header::kRd));
  CHECK(same_bytes(view.question()->name.wire(), wire("wWw.example.")));
  CHECK(view.question()->type == RrType::SOA);
  CHECK(view.question()->rr_class == RrClass::CH);
  to.writer.set_tc();
  to.writer.set_rcode(Rcode::SERVFAIL);
  CHECK(to.read().header().tc());
  CHECK(to.read().header().rcode() == Rcode::SERVFAIL);
}

TEST_CASE("what is written is read back: same names with their case, same order, same RDATA") {
  Splitmix random(2);
  MessageWriter writer;
  Buffer octets(65535);
  std::size_t misses = 0;
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    std::size_t limit = 12 + random.below(round % 10 == 0 ? 65000 : 1500);
    writer.start(MutableBytes(octets).first(limit), static_cast<std::uint16_t>(round), 0);
    std::vector<Record> given;
    for (auto section : {Section::answer, Section::authority, Section::additional})
      for (std::uint64_t left = random.below(round % 10 == 0 ? 900 : 12); left > 0; --left) {
        Record record = random_record(random, section);
        auto mark = writer.mark();
        bool fits = writer.record(section, record.owner, record.type, RrClass::IN, record.ttl, record.rdata);
        misses += !fits;
        if (fits && random.below(8) == 0)
          writer.rollback(mark);
        else if (fits)
          given.push_back(record);
      }
    auto view = MessageView::parse(writer.finish());
    REQUIRE(view);
    CHECK(view->octets().size() <= limit);
    auto got = records_of(*view);
    REQUIRE(got.size() == given.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      CHECK(got[i].section == given[i].section);
      CHECK(same_bytes(got[i].owner.wire(), given[i].owner.wire()));
      CHECK(got[i].type == given[i].type);
      CHECK(got[i].ttl == given[i].ttl);
      CHECK(same_bytes(got[i].rdata, given[i].rdata));
    }
    // And written once more, it is the same message. (What was rolled back left no trace.)
    Buffer again(limit);
    MessageWriter second;
    second.start(again, view->id(), view->header().bits);
    for (const Record& record : got)
      REQUIRE(
          second.record(record.section, record.owner, record.type, RrClass::IN, record.ttl, record.rdata));
    CHECK(same_bytes(second.finish(), view->octets()));
  }
  CHECK(misses > 100);
}

TEST_CASE("names beyond the reach of pointers are written out, and point no further than 0x3fff") {
  Written to;
  std::size_t count = 0;
  while (to.writer.record(Section::answer, name("host" + std::to_string(count % 997) + ".sub.example."),
                          RrType::NS, RrClass::IN, 1, wire("ns" + std::to_string(count) + ".sub.example.")))
    ++count;
  CHECK(to.writer.size() > 65535 - 40);
  auto records = records_of(to.read());
  REQUIRE(records.size() == count);
  for (std::size_t i = 0; i < count; ++i)
    CHECK(same_bytes(records[i].rdata, wire("ns" + std::to_string(i) + ".sub.example.")));
}
