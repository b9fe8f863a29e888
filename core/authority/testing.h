// For the tests of this room: zones from text, and answers as text.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "authority/zone_answer.h"
#include "zone/reader.h"

namespace zw {

inline Name name_of(std::string_view text) { return *Name::parse(text); }

inline ZonePtr zone_of(std::string_view text) {
  ZoneReading reading = read_zone(text, "sample");
  for (const ReadIssue& issue : reading.report.issues) MESSAGE(print(issue));
  REQUIRE(reading.zone);
  return reading.zone;
}

/// One record on a line, as `www.example. 300 A 192.0.2.1`, RRSIGs as `www.example. 300 RRSIG(A)`; without
/// OPT.
inline std::string print_section(const MessageView& message, Section section) {
  std::string out;
  for (const RecordView& record : message.records(section)) {
    if (record.type == RrType::OPT) continue;
    Name owner;
    Buffer rdata;
    REQUIRE(record.expand_owner(owner));
    REQUIRE(record.read_rdata(rdata));
    out += print(owner) + " " + std::to_string(record.ttl);
    if (record.type == RrType::RRSIG)
      out += " RRSIG(" + print(static_cast<RrType>(get16(rdata.data()))) + ")\n";
    else
      out += " " + print(record.type) + " " + print_rdata(record.type, rdata) + "\n";
  }
  return out;
}

/// What a zone answers, section by section.
struct Said {
  Rcode rcode;
  bool authoritative;
  Fill fill;
  std::string answer, authority, additional;
  std::size_t octets;
};

class Asker {
 public:
  explicit Asker(ZonePtr zone) : served_(std::move(zone)) {}
  explicit Asker(std::string_view text) : Asker(zone_of(text)) {}
  const ServedZone& served() const { return served_; }

  Said operator()(std::string_view name, RrType type, bool dnssec = false, std::size_t most = 4096) {
    Buffer space(most);
    Name asked = name_of(name);
    writer_.start(space, 1, Header::kQr);
    REQUIRE(writer_.question(asked, type, RrClass::IN));
    auto filled = zone_answer_.fill(writer_, served_, {asked, type, RrClass::IN}, dnssec);
    auto message = MessageView::parse(writer_.finish());
    REQUIRE(message);
    return {filled.rcode,
            filled.authoritative,
            filled.fill,
            print_section(*message, Section::answer),
            print_section(*message, Section::authority),
            print_section(*message, Section::additional),
            message->octets().size()};
  }

 private:
  ServedZone served_;
  MessageWriter writer_;
  ZoneAnswer zone_answer_;
};

}  // namespace zw
