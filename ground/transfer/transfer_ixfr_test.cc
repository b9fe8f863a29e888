// IXFR (RFC 1995) as it comes in.
#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

constexpr auto kIxfr = RrType::IXFR;

/// Of an IXFR from serial 7, whose answer ends after these messages.
std::string fault_of(const Messages& messages, std::optional<Serial> promised = {}) {
  auto question = ixfr_question(small_zone(7, "a.example. A 192.0.2.1\n"));
  question.promised = promised;
  IncomingTransfer transfer(std::move(question));
  feed(transfer, messages);
  if (transfer.end() == TransferState::complete) {
    Findings findings;
    auto zone = transfer.take().build(findings);
    return zone ? "no failure" : "cannot be applied: " + zone.error().what;
  }
  if (transfer.state() != TransferState::failed) return "no failure";
  return std::string(print(transfer.failure().fault)) + (transfer.failure().try_axfr ? "; axfr" : "");
}

Answer answer() { return Answer(kIxfr); }

/// From 7 to 8: a.example. gets another address.
Answer one_step() {
  return std::move(
      answer().soa(8).soa(7).a("a.example.", "192.0.2.1").soa(8).a("a.example.", "192.0.2.2").soa(8));
}

TransferState state_of(const Messages& messages, bool over_udp) {
  auto question = ixfr_question(small_zone(7));
  question.over_udp = over_udp;
  IncomingTransfer transfer(std::move(question));
  return feed(transfer, messages);
}

/// The zone with some records left out, some added, some with another TTL, and the next serial.
ZonePtr mutate(const Zone& zone, Random& random) {
  ZoneBuilder builder(zone.origin());
  zone.visit_rrsets([&](NameView relative, RrSetView set) {
    if (set.type() == RrType::SOA) return;
    std::uint32_t ttl = random.below(20) ? set.ttl() : set.ttl() / 2;
    for (Bytes rdata : set.rdatas())
      if (random.below(10)) builder.add(zone.owner(relative), set.type(), ttl, rdata);
  });
  auto infos = all_type_infos();
  for (std::uint64_t n = random.below(20); n > 0; --n) {
    const RrTypeInfo& info = infos[random.below(infos.size())];
    if (is_meta_type(info.type) || info.type == RrType::SOA) continue;
    builder.add(random_name(random, zone.origin()), info.type, 300, random_rdata(info, random));
  }
  Serial next(zone.serial().value() + 1 + static_cast<std::uint32_t>(random.below(1000)));
  builder.add(zone.origin(), RrType::SOA, 300, soa_rdata(zone.origin(), next.value()));
  Findings findings;
  return *builder.build(findings);
}

/// Records of an IXFR answer, cut into messages at random.
class Composer {
 public:
  Composer(const Zone& newest, Random& random) : origin_(newest.origin()), random_(random) {
    soa_ = newest.soa();
    put(origin_, RrType::SOA, soa_->ttl(), soa_->rdatas().front());
  }
  void put(const RecordList& list) {
    for (const ZoneRecord& record : list)
      put(*Name::join(record.owner, origin_), record.type, record.ttl, record.rdata);
  }
  void put(const Changeset& changes) {
    put(changes.removed);
    put(changes.added);
  }
  Messages end() {
    put(origin_, RrType::SOA, soa_->ttl(), soa_->rdatas().front());
    if (open_) close();
    return std::move(messages_);
  }

 private:
  void put(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) {
    if (!open_) {
      writer_.start(space_, 7, Header::kQr | Header::kAa);
      if (messages_.empty()) writer_.question(origin_, kIxfr, RrClass::IN);
      open_ = true;
    }
    REQUIRE(writer_.record(Section::answer, owner, type, RrClass::IN, ttl, rdata));
    if (random_.below(8) == 0) close();
  }
  void close() {
    auto message = writer_.finish();
    messages_.emplace_back(message.begin(), message.end());
    open_ = false;
  }
  Name origin_;
  Random& random_;
  std::optional<RrSetView> soa_;
  MessageWriter writer_;
  Buffer space_ = Buffer(65535);
  bool open_ = false;
  Messages messages_;
};

}  // namespace

TEST_CASE("a single SOA with our serial means that we are current") {
  CHECK(state_of({answer().soa(7)}, false) == TransferState::up_to_date);
  CHECK(state_of({answer().soa(7)}, true) == TransferState::up_to_date);
}

TEST_CASE("over UDP a single SOA that is newer, or TC, means: come back over TCP") {
  CHECK(state_of({answer().soa(9)}, true) == TransferState::retry_over_tcp);
  CHECK(state_of({answer().bits(Header::kTc)}, true) == TransferState::retry_over_tcp);
  CHECK(state_of({answer().bits(Header::kTc).soa(9).soa(7)}, true) == TransferState::retry_over_tcp);
}

TEST_CASE("over UDP all must be in one message") {
  CHECK(state_of({one_step()}, true) == TransferState::complete);
  CHECK(state_of({answer().soa(9).soa(7).soa(9)}, true) == TransferState::failed);
}

TEST_CASE("over TCP a single SOA that is newer begins an answer, and is nothing if no more comes") {
  CHECK(state_of({answer().soa(9)}, false) == TransferState::need_more);
  CHECK(fault_of({answer().soa(9)}) == "truncated; axfr");
  CHECK(state_of({answer().soa(9), answer().a("a.example."), answer().soa(9)}, false) ==
        TransferState::complete);
}

TEST_CASE("a primary that is older than we are has nothing for us") {
  CHECK(fault_of({answer().soa(6)}) == "older-serial");
  CHECK(fault_of({answer().soa(0x80000007)}) == "older-serial");
}

TEST_CASE("a primary that promised a newer version and says that we are current is not believed") {
  CHECK(fault_of({answer().soa(7)}, Serial(8)) == "not-as-promised");
  CHECK(fault_of({one_step()}, Serial(8)) == "no failure");
  CHECK(fault_of({one_step()}, Serial(9)) == "not-as-promised");
}

TEST_CASE("the whole zone may come in answer to IXFR") {
  IncomingTransfer transfer(ixfr_question(small_zone(7)));
  CHECK(feed(transfer, {answer().soa(9).a("b.example.").soa(9)}) == TransferState::complete);
  TransferredRecords records = transfer.take();
  CHECK(records.method == TransferMethod::axfr);
  Findings findings;
  CHECK((*records.build(findings))->record_count() == 2);
}

TEST_CASE("a zone that shrinks to its SOA may come in answer to IXFR") {
  CHECK(state_of({answer().soa(9).soa(9)}, false) == TransferState::complete);
}

TEST_CASE("differences make the next version of our copy, and leave ours as it was") {
  ZonePtr old = small_zone(7, "a.example. A 192.0.2.1\n");
  std::string before = dump(*old);
  IncomingTransfer transfer(ixfr_question(old));
  CHECK(feed(transfer, {one_step()}) == TransferState::complete);
  TransferredRecords records = transfer.take();
  CHECK(records.method == TransferMethod::ixfr);
  CHECK(records.serial == Serial(8));
  Findings findings;
  ZonePtr next = *records.build(findings);
  CHECK(dump(*next) == dump(*small_zone(8, "a.example. A 192.0.2.2\n")));
  CHECK(dump(*old) == before);
}

TEST_CASE("a change of TTL comes as removal and addition of the same record") {
  ZonePtr old = small_zone(7, "a.example. A 192.0.2.1\n");
  IncomingTransfer transfer(ixfr_question(old));
  feed(transfer,
       {answer().soa(8).soa(7).a("a.example.").soa(8).add("a.example.", RrType::A, "192.0.2.1", 60).soa(8)});
  CHECK(dump(*build(transfer)) == dump(*small_zone(8, "a.example. 60 A 192.0.2.1\n")));
}

TEST_CASE("sequences form a chain from our serial to the newest") {
  CHECK(fault_of({answer().soa(9).soa(7).soa(8).a("b.example.").soa(8).a("b.example.").soa(9).soa(9)}) ==
        "no failure");
  // Not from ours: which is no difference at all, nor a zone.
  CHECK(fault_of({answer().soa(9).soa(6).soa(9).soa(9)}) == "bad-differences; axfr");
  // A gap.
  CHECK(fault_of({answer().soa(10).soa(7).soa(8).soa(9).soa(10).soa(10)}) == "bad-differences; axfr");
  // Back, round, and past the newest.
  CHECK(fault_of({answer().soa(9).soa(7).soa(6).soa(6).soa(9).soa(9)}) == "bad-differences; axfr");
  CHECK(fault_of({answer().soa(9).soa(7).soa(7).soa(7).soa(9).soa(9)}) == "bad-differences; axfr");
  CHECK(fault_of({answer().soa(9).soa(7).soa(10).soa(10).soa(9).soa(9)}) == "bad-differences; axfr");
}

TEST_CASE("the last SOA is the first one") {
  Answer other = answer();
  other.soa(8).soa(7).soa(8).add("example.", RrType::SOA, "ns.example. Host.example. 8 1 1 1 1");
  CHECK(fault_of({other}) == "bad-differences; axfr");
}

TEST_CASE("differences that end early, or go on behind their end, are refused") {
  CHECK(fault_of({answer().soa(9).soa(7)}) == "truncated; axfr");
  CHECK(fault_of({answer().soa(9).soa(7).a("a.example.")}) == "truncated; axfr");
  CHECK(fault_of({answer().soa(9).soa(7).soa(9).a("b.example.")}) == "truncated; axfr");
  CHECK(fault_of({one_step().a("b.example.")}) == "trailing-records; axfr");
}

TEST_CASE("records outside the zone are refused, in both halves of a sequence") {
  CHECK(fault_of({answer().soa(9).soa(7).a("a.test.").soa(9).soa(9)}) == "out-of-zone; axfr");
  CHECK(fault_of({answer().soa(9).soa(7).soa(9).a("a.test.").soa(9)}) == "out-of-zone; axfr");
}

TEST_CASE("differences that do not fit our copy are found when they are applied") {
  auto removes = fault_of({answer().soa(9).soa(7).a("absent.example.").soa(9).soa(9)});
  CHECK(removes ==
        "cannot be applied: zone example.: cannot remove A of absent.example.: the record is not there");
  Answer soa = answer();
  soa.soa(9)
      .add("example.", RrType::SOA, "other.example. Host.example. 7 1800 900 604800 86400")
      .soa(9)
      .soa(9);
  CHECK(fault_of({soa}).starts_with("cannot be applied"));
}

TEST_CASE("a record that is added again, or twice, is there once") {
  ZonePtr old = small_zone(7, "a.example. A 192.0.2.1\n");
  IncomingTransfer transfer(ixfr_question(old));
  feed(transfer, {answer().soa(8).soa(7).soa(8).a("a.example.").a("b.example.").a("b.example.").soa(8)});
  CHECK(dump(*build(transfer)) == dump(*small_zone(8, "a.example. A 192.0.2.1\nb.example. A 192.0.2.1\n")));
}

TEST_CASE("an error in answer to IXFR is a reason to ask for the whole zone") {
  for (std::uint16_t rcode : {1, 4, 5}) CHECK(fault_of({answer().bits(rcode)}) == "refused-by-rcode; axfr");
}

TEST_CASE("random changes of random zones arrive as they were, in one step, in many, and condensed") {
  Splitmix random(21);
  for (int round = 0; round < 40; ++round) {
    ZonePtr first = random_zone(random, static_cast<std::uint32_t>(random.next()), 300, name("example."));
    ZonePtr newest = first;
    std::vector<Changeset> steps;
    for (std::uint64_t n = 1 + random.below(5); n > 0; --n) {
      ZonePtr next = mutate(*newest, random);
      steps.push_back(*diff(*newest, *next));
      newest = next;
    }
    if (round % 2) steps.assign(1, *diff(*first, *newest));
    Composer composer(*newest, random);
    for (const Changeset& step : steps) composer.put(step);

    IncomingTransfer transfer(ixfr_question(first));
    CHECK(feed(transfer, composer.end()) == TransferState::complete);
    TransferredRecords records = transfer.take();
    CHECK(records.method == TransferMethod::ixfr);
    Findings findings;
    auto arrived = records.build(findings);
    REQUIRE_MESSAGE(arrived, arrived.error().what);
    CHECK(dump(**arrived) == dump(*newest));
  }
}

TEST_CASE("differences that are cut at any message are refused") {
  Splitmix random(22);
  ZonePtr first = random_zone(random, 100, 300, name("example."));
  ZonePtr newest = mutate(*first, random);
  Composer composer(*newest, random);
  composer.put(*diff(*first, *newest));
  Messages messages = composer.end();
  REQUIRE(messages.size() > 4);
  for (std::size_t cut = 0; cut < messages.size(); ++cut) {
    IncomingTransfer transfer(ixfr_question(first));
    feed(transfer, {messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(cut)});
    CHECK(transfer.end() == TransferState::failed);
  }
}

TEST_CASE(
    "differences with random faults never crash, and never make a version that is not the one promised") {
  Splitmix random(23);
  ZonePtr first = random_zone(random, 100, 100, name("example."));
  ZonePtr newest = mutate(*first, random);
  Composer composer(*newest, random);
  composer.put(*diff(*first, *newest));
  Messages good = composer.end();
  for (int round = 0; round < 3000; ++round) {
    Messages bad = good;
    Buffer& message = bad[random.below(bad.size())];
    message[random.below(message.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
    IncomingTransfer transfer(ixfr_question(first));
    if (feed(transfer, bad) != TransferState::complete) continue;
    Findings findings;
    auto zone = transfer.take().build(findings);
    if (zone) CHECK((*zone)->serial() == *transfer.serial());
  }
}
