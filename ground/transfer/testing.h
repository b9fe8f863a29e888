// For the tests of this room: zones from text, random zones, and answers to transfers as lists of messages.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dns/random_rdata.h"
#include "transfer/transfer_in.h"
#include "transfer/transfer_out.h"
#include "zone/builder.h"
#include "zone/reader.h"

namespace zw::testing {

constexpr WallTime kNow{Seconds(1'785'888'000)};  // 2026-08-05T00:00:00Z

struct StoppedClock final : Clock {
  WallTime wall() const override { return kNow; }
  std::chrono::milliseconds steady() const override { return {}; }
};

inline Name name(std::string_view text) { return *Name::parse(text); }

inline ZonePtr zone_of(std::string_view text) {
  ZoneReading reading = read_zone(text, "sample");
  for (const ReadIssue& issue : reading.report.issues) MESSAGE(print(issue));
  REQUIRE(reading.zone);
  return reading.zone;
}

/// `example.` with this serial.
inline ZonePtr small_zone(std::uint32_t serial, std::string_view more = {}) {
  return zone_of("$TTL 300\nexample. IN SOA ns.example. Host.example. " + std::to_string(serial) +
                 " 1800 900 604800 86400\nexample. NS ns.example.\nns.example. A 192.0.2.1\n" +
                 std::string(more));
}

inline Buffer soa_rdata(NameView origin, std::uint32_t serial) {
  Buffer out;
  append(out, origin.wire());
  append(out, origin.wire());
  for (std::uint32_t n : {serial, 1800u, 900u, 604'800u, 86'400u}) append32(out, n);
  return out;
}

/// Records of every type that a zone can hold, at names that share much, in any order, with all letter cases.
inline ZonePtr random_zone(Random& random, std::uint32_t serial, std::size_t records, NameView origin) {
  ZoneBuilder builder(origin);
  builder.add(origin, RrType::SOA, 300, soa_rdata(origin, serial));
  auto infos = all_type_infos();
  while (records > 0) {
    const RrTypeInfo& info = infos[random.below(infos.size())];
    if (is_meta_type(info.type) || info.type == RrType::SOA) continue;
    std::uint32_t ttl = static_cast<std::uint32_t>(random.below(1u << 31));
    builder.add(random_name(random, origin), info.type, ttl, random_rdata(info, random));
    --records;
  }
  Findings findings;
  return *builder.build(findings);
}

/// Every record of a zone with its octets as they are.
inline std::string dump(const Zone& zone) {
  std::string out;
  zone.visit_rrsets([&](NameView relative, RrSetView set) {
    for (Bytes rdata : set.rdatas())
      out += print(zone.owner(relative)) + " " + std::to_string(set.ttl()) + " " + print(set.type()) + " " +
             print_rdata(set.type(), rdata) + "\n";
  });
  return out;
}

using Messages = std::vector<Buffer>;

/// All messages of a source, each but the last one said to be followed.
inline Messages drain(MessageSource& source) {
  Messages out;
  MessageParts parts;
  bool followed = false;
  while (source.next(parts)) {
    CHECK((out.empty() || followed));
    followed = parts.more;
    Buffer message = parts.head;
    append(message, parts.body);
    append(message, parts.tail);
    REQUIRE(message.size() <= kMaxMessageOctets);
    out.push_back(std::move(message));
  }
  CHECK(!followed);
  return out;
}

/// A stream to be drained, as the answer to a query with ID 7, and what it told of itself. `Stream`:
/// ZoneSource or ImageSource; `Subject`: what it sends.
template <typename Stream, typename Subject>
struct Outgoing {
  Outgoing(NameView origin, Subject subject, TransferQuery query,
           std::optional<TsigStreamSigner> signer = {}) {
    if (query.zone.view().is_root()) query.zone = origin;
    query.id = 7;
    source.emplace(ZoneSource::Shared{writer, clock}, std::move(subject), query, Seconds(4711),
                   std::move(signer), [this](const SentTransfer& end) {
                     sent = end;
                     ++ends;
                   });
  }
  MessageWriter writer;
  StoppedClock clock;
  SentTransfer sent;
  int ends = 0;
  std::optional<Stream> source;
};

/// What `zone` answers to AXFR.
inline Messages axfr_of(ZonePtr zone, std::uint16_t id = 7, std::optional<TsigStreamSigner> signer = {}) {
  MessageWriter writer;
  StoppedClock clock;
  TransferQuery query{.zone = zone->origin(), .id = id};
  ZoneSource source({writer, clock}, zone, query, Seconds(0), std::move(signer), {});
  return drain(source);
}

/// One message of an answer, made by hand.
class Answer {
 public:
  explicit Answer(RrType asked, std::string_view zone = "example.", bool with_question = true)
      : space_(65535) {
    writer_->start(space_, 7, Header::pack(Opcode::QUERY, Rcode::NOERROR, Header::kQr | Header::kAa));
    if (with_question) REQUIRE(writer_->question(name(zone), asked, RrClass::IN));
  }
  Answer& add(std::string_view owner, RrType type, std::string_view rdata, std::uint32_t ttl = 300,
              RrClass rr_class = RrClass::IN, Section section = Section::answer) {
    REQUIRE(writer_->record(section, name(owner), type, rr_class, ttl, *parse_rdata(type, rdata)));
    return *this;
  }
  Answer& soa(std::uint32_t serial) {
    return add("example.", RrType::SOA,
               "ns.example. Host.example. " + std::to_string(serial) + " 1800 900 604800 86400");
  }
  Answer& a(std::string_view owner, std::string_view address = "192.0.2.1") {
    return add(owner, RrType::A, address);
  }
  Answer& bits(std::uint16_t set, std::uint16_t cleared = 0) {
    writer_->set_bits(static_cast<std::uint16_t>((writer_->bits() | set) & ~cleared));
    return *this;
  }
  MessageWriter& writer() { return *writer_; }
  operator Buffer() { return octets(); }
  Buffer octets() {
    auto message = writer_->finish();
    return {message.begin(), message.end()};
  }

 private:
  Buffer space_;
  std::unique_ptr<MessageWriter> writer_ = std::make_unique<MessageWriter>();
};

inline TransferQuestion axfr_question(std::string_view zone = "example.") {
  return {.zone = name(zone), .id = 7, .method = TransferMethod::axfr};
}
inline TransferQuestion ixfr_question(ZonePtr current) {
  return {.zone = current->origin(), .id = 7, .method = TransferMethod::ixfr, .current = current};
}

/// Feeds all messages; the state after the last one that was taken.
inline TransferState feed(IncomingTransfer& transfer, const Messages& messages) {
  for (const Buffer& message : messages)
    if (transfer.feed(message, kNow) != TransferState::need_more) break;
  return transfer.state();
}

inline ZonePtr build(IncomingTransfer& transfer) {
  REQUIRE(transfer.state() == TransferState::complete);
  Findings findings;
  auto zone = transfer.take().build(findings);
  REQUIRE_MESSAGE(zone, zone.error().what);
  return *zone;
}

/// The zone that arrives with the messages of a whole answer with ID 7.
inline ZonePtr arrived(const Messages& messages, NameView origin) {
  IncomingTransfer transfer({.zone = origin, .id = 7});
  CHECK(feed(transfer, messages) == TransferState::complete);
  return build(transfer);
}

}  // namespace zw::testing
