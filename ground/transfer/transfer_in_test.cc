#include "transfer/transfer_in.h"

#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

constexpr auto kAxfr = RrType::AXFR;

/// The fault of an AXFR that brings these messages and then ends; its name, with `; axfr` if that may help.
std::string fault_of(const Messages& messages, TransferQuestion question = axfr_question(),
                     TransferLimits limits = {}) {
  IncomingTransfer transfer(std::move(question), limits);
  feed(transfer, messages);
  transfer.end();
  if (transfer.state() != TransferState::failed) return "no failure";
  CHECK_FALSE(transfer.failure().what.empty());
  return std::string(print(transfer.failure().fault)) + (transfer.failure().try_axfr ? "; axfr" : "");
}

Answer whole(std::uint32_t serial = 9) {
  Answer answer(kAxfr);
  answer.soa(serial).add("example.", RrType::NS, "ns.example.").a("ns.example.").soa(serial);
  return answer;
}

TransferState state_of(const Messages& messages, TransferQuestion question) {
  IncomingTransfer transfer(std::move(question));
  return feed(transfer, messages);
}

}  // namespace

TEST_CASE("a zone between two SOAs is a zone") {
  IncomingTransfer transfer(axfr_question());
  CHECK(feed(transfer, {whole()}) == TransferState::complete);
  CHECK(transfer.serial() == Serial(9));
  CHECK(transfer.counts().messages == 1);
  CHECK(transfer.counts().records == 4);
  ZonePtr zone = build(transfer);
  CHECK(dump(*zone) ==
        "example. 300 NS ns.example.\n"
        "example. 300 SOA ns.example. Host.example. 9 1800 900 604800 86400\n"
        "ns.example. 300 A 192.0.2.1\n");
}

TEST_CASE("records may be cut into messages anywhere, and later messages need no question") {
  for (bool question : {true, false}) {
    IncomingTransfer transfer(axfr_question());
    CHECK(feed(transfer, {Answer(kAxfr).soa(9)}) == TransferState::need_more);
    CHECK(feed(transfer, {Answer(kAxfr, "EXAMPLE.", question).a("a.example.").a("b.example.")}) ==
          TransferState::need_more);
    CHECK(feed(transfer, {Answer(kAxfr, "example.", question).soa(9)}) == TransferState::complete);
    CHECK(build(transfer)->record_count() == 3);
  }
}

TEST_CASE("a zone of nothing but its SOA is a zone") {
  IncomingTransfer transfer(axfr_question());
  CHECK(feed(transfer, {Answer(kAxfr).soa(9).soa(9)}) == TransferState::complete);
  CHECK(build(transfer)->record_count() == 1);
}

TEST_CASE("a record that comes twice is one record") {  // RFC 5936 §2.2
  IncomingTransfer transfer(axfr_question());
  feed(transfer, {Answer(kAxfr).soa(9).a("a.example.").a("a.example.").soa(9)});
  CHECK(build(transfer)->record_count() == 2);
}

TEST_CASE("letter case is kept") {
  IncomingTransfer transfer(axfr_question());
  feed(transfer, {Answer(kAxfr).soa(9).a("WwW.eXample.").soa(9)});
  CHECK(dump(*build(transfer)).find("WwW.example. 300 A") != std::string::npos);
}

TEST_CASE("AA and RA are not looked at") {  // RFC 5936 §2.2.1 b, c
  CHECK(state_of({whole().bits(Header::kRa, Header::kAa)}, axfr_question()) == TransferState::complete);
}

TEST_CASE("a TTL with its highest bit set counts as zero") {  // RFC 2181 §8
  IncomingTransfer transfer(axfr_question());
  feed(transfer, {Answer(kAxfr).soa(9).add("a.example.", RrType::A, "192.0.2.1", 0x80000000).soa(9)});
  CHECK(dump(*build(transfer)).find("a.example. 0 A") != std::string::npos);
}

TEST_CASE("an answer to another question is not ours") {
  Buffer other_id = whole();
  other_id[1] ^= 1;
  CHECK(fault_of({other_id}) == "not-our-answer");
  CHECK(fault_of({whole().bits(0, Header::kQr)}) == "not-our-answer");
  CHECK(fault_of({whole().bits(0x2000)}) == "not-our-answer");  // opcode NOTIFY
  CHECK(fault_of({Answer(kAxfr, "example.", false).soa(9).soa(9)}) == "not-our-answer");
  CHECK(fault_of({Answer(RrType::IXFR).soa(9).soa(9)}) == "not-our-answer");
  CHECK(fault_of({Answer(kAxfr, "sub.example.").soa(9).soa(9)}) == "not-our-answer");
  CHECK(fault_of({Answer(kAxfr).soa(9), Answer(kAxfr, "other.").soa(9)}) == "not-our-answer");
}

TEST_CASE("an ID that changes in midst of the stream ends it") {
  Buffer second = Answer(kAxfr).soa(9);
  second[0] ^= 1;
  CHECK(fault_of({Answer(kAxfr).soa(9), second}) == "not-our-answer");
}

TEST_CASE("an RCODE is the primary's refusal, also in midst of the stream") {
  IncomingTransfer transfer(axfr_question());
  CHECK(feed(transfer, {Answer(kAxfr).bits(5)}) == TransferState::failed);
  CHECK(transfer.failure().fault == TransferFault::refused_by_rcode);
  CHECK(transfer.failure().rcode == Rcode::REFUSED);
  CHECK(fault_of({Answer(kAxfr).soa(9), Answer(kAxfr).bits(2)}) == "refused-by-rcode");
}

TEST_CASE(
    "the reason of a refusal is told, and an extended RCODE is read whole") {  // RFC 8914, RFC 6891 §6.1.3
  Answer answer(kAxfr);
  EdnsOptions options;
  options.extended_error(EdeCode::prohibited, "not you");
  write_opt(answer.writer(), {.rcode = Rcode::BADVERS}, options.octets());
  IncomingTransfer transfer(axfr_question());
  CHECK(feed(transfer, {answer}) == TransferState::failed);
  CHECK(transfer.failure().rcode == Rcode::BADVERS);
  CHECK(transfer.failure().what == "the primary answers BADVERS: Prohibited (not you)");
}

TEST_CASE("EXPIRE is read from the first message") {  // RFC 7314
  Answer answer = whole();
  EdnsOptions options;
  options.expire(Seconds(4711));
  write_opt(answer.writer(), {}, options.octets());
  IncomingTransfer transfer(axfr_question());
  feed(transfer, {answer});
  CHECK(transfer.expire() == Seconds(4711));
}

TEST_CASE("a message that is not as RFC 5936 says ends the transfer") {
  CHECK(fault_of({whole().bits(Header::kTc)}) == "bad-frame");
  CHECK(fault_of({Answer(kAxfr)}) == "bad-frame");  // nothing in it
  CHECK(fault_of({Answer(kAxfr).soa(9), Answer(kAxfr)}) == "bad-frame");
  CHECK(fault_of({Answer(kAxfr).a("a.example.").soa(9)}) == "bad-frame");  // no SOA first
  CHECK(fault_of({whole().add("a.example.", RrType::A, "192.0.2.1", 1, RrClass::IN, Section::authority)}) ==
        "bad-frame");
}

TEST_CASE("records in the additional section are not taken") {
  Answer answer = whole();
  answer.add("a.example.", RrType::A, "192.0.2.1", 1, RrClass::IN, Section::additional);
  IncomingTransfer transfer(axfr_question());
  CHECK(feed(transfer, {answer}) == TransferState::complete);
  CHECK(build(transfer)->record_count() == 3);
}

TEST_CASE("octets that are no message, or stand behind one, end the transfer") {
  Buffer cut = whole();
  cut.pop_back();
  CHECK(fault_of({cut}) == "malformed");
  Buffer longer = whole();
  longer.push_back(0);
  CHECK(fault_of({longer}) == "malformed");
  CHECK(fault_of({Buffer()}) == "malformed");
}

TEST_CASE("a record that breaks its format ends the transfer") {
  Buffer message = Answer(kAxfr).soa(9).a("a.example.").soa(9);
  auto view = MessageView::parse(message);
  for (const RecordView& record : view->records(Section::answer))
    if (record.type == RrType::A) set16(&message[record.rdata_at - 10], 28);  // A becomes AAAA of 4 octets
  CHECK(fault_of({message}) == "malformed");
}

TEST_CASE("a wrong class, an owner outside, and what never stands in a zone are refused") {
  auto with = [](std::string_view owner, RrType type, RrClass rr_class) {
    Answer answer(kAxfr);
    answer.soa(9).add(owner, type, "\\# 4 c0000201", 300, rr_class).soa(9);
    return Messages{answer};
  };
  CHECK(fault_of(with("a.example.", RrType::A, RrClass::CH)) == "wrong-class");
  CHECK(fault_of(with("a.example.", RrType::A, RrClass::ANY)) == "wrong-class");
  CHECK(fault_of(with("a.test.", RrType::A, RrClass::IN)) == "out-of-zone");
  CHECK(fault_of(with("xexample.", RrType::A, RrClass::IN)) == "out-of-zone");
  CHECK(fault_of(with(".", RrType::A, RrClass::IN)) == "out-of-zone");
  CHECK(fault_of(with("a.example.", RrType::ANY, RrClass::IN)) == "not-zone-data");
  CHECK(fault_of(with("a.example.", RrType::TSIG, RrClass::IN)) == "not-zone-data");
  Answer below(kAxfr);
  below.soa(9).add("sub.example.", RrType::SOA, "a. b. 1 2 3 4 5").soa(9);
  CHECK(fault_of({below}) == "not-zone-data");
}

TEST_CASE("a zone that changes in midst of the transfer is refused") {
  CHECK(fault_of({Answer(kAxfr).soa(9).a("a.example."), Answer(kAxfr).soa(10)}) == "soa-changed");
  Answer same_serial(kAxfr);
  same_serial.soa(9).add("example.", RrType::SOA, "ns.example. Host.example. 9 1 900 604800 86400");
  CHECK(fault_of({same_serial}) == "soa-changed");
}

TEST_CASE("nothing may stand behind the last SOA") {
  CHECK(fault_of({whole().a("a.example.")}) == "trailing-records");
  CHECK(fault_of({whole().soa(9)}) == "trailing-records");
}

TEST_CASE("a stream that ends at any message boundary before the last SOA is refused") {
  Splitmix random(5);
  Messages messages = axfr_of(random_zone(random, 9, 3000, name("example.")));
  REQUIRE(messages.size() > 5);
  for (std::size_t cut = 0; cut < messages.size(); ++cut)
    CHECK(fault_of({messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(cut)}) == "truncated");
  CHECK(fault_of(messages) == "no failure");
}

TEST_CASE("a message that is lost in midst is not noticed without TSIG; one that holds an SOA is") {
  Splitmix random(5);
  Messages messages = axfr_of(random_zone(random, 9, 3000, name("example.")));
  messages.erase(messages.begin());
  CHECK(fault_of(messages) == "not-our-answer");  // the question was in the first
}

TEST_CASE(
    "the serial must be newer than ours in the sense of RFC 1982, and the same one means that we are "
    "current") {
  auto question = axfr_question();
  question.newer_than = Serial(9);
  CHECK(state_of({whole(10)}, question) == TransferState::complete);
  CHECK(state_of({whole(9)}, question) == TransferState::up_to_date);
  CHECK(fault_of({whole(8)}, question) == "older-serial");
  CHECK(fault_of({whole(0x80000009)}, question) == "older-serial");  // 2^31 away: neither is newer
  question.newer_than = Serial(0xfffffff0);
  CHECK(state_of({whole(5)}, question) == TransferState::complete);
}

TEST_CASE("the current copy sets the bound where no other is given") {
  auto question = axfr_question();
  question.current = small_zone(9);
  CHECK(fault_of({whole(8)}, question) == "older-serial");
}

TEST_CASE("a transfer must be as new as the probe promised") {
  auto question = axfr_question();
  question.newer_than = Serial(7);
  question.promised = Serial(9);
  CHECK(state_of({whole(9)}, question) == TransferState::complete);
  CHECK(state_of({whole(10)}, question) == TransferState::complete);
  CHECK(fault_of({whole(8)}, question) == "not-as-promised");
  CHECK(fault_of({whole(7)}, question) == "not-as-promised");
}

TEST_CASE("an old serial is noticed at the first record, not after the whole zone") {
  auto question = axfr_question();
  question.newer_than = Serial(9);
  IncomingTransfer transfer(question);
  CHECK(transfer.feed(Answer(kAxfr).soa(8).a("a.example.").octets(), kNow) == TransferState::failed);
  CHECK(transfer.counts().records == 1);
}

TEST_CASE("octets, records, memory and messages of a transfer are bounded") {
  Messages messages = {Answer(kAxfr).soa(9), Answer(kAxfr).a("a.example.").a("b.example."),
                       Answer(kAxfr).soa(9)};
  CHECK(fault_of(messages, axfr_question(), {.messages = 2}) == "too-large");
  CHECK(fault_of(messages, axfr_question(), {.messages = 3}) == "no failure");
  CHECK(fault_of(messages, axfr_question(), {.records = 3}) == "too-large");
  CHECK(fault_of(messages, axfr_question(), {.records = 4}) == "no failure");
  std::size_t octets = messages[0].size() + messages[1].size() + messages[2].size();
  CHECK(fault_of(messages, axfr_question(), {.octets = octets - 1}) == "too-large");
  CHECK(fault_of(messages, axfr_question(), {.octets = octets}) == "no failure");
  CHECK(fault_of(messages, axfr_question(), {.memory = 200}) == "too-large");
}

TEST_CASE("what comes after the end changes nothing") {
  IncomingTransfer transfer(axfr_question());
  feed(transfer, {whole()});
  CHECK(transfer.feed(Answer(kAxfr).a("a.example.").octets(), kNow) == TransferState::complete);
  CHECK(transfer.end() == TransferState::complete);
  CHECK(transfer.counts().messages == 1);
}

TEST_CASE("messages with random faults never crash, and never make a zone that is not whole") {
  Splitmix random(11);
  Messages good = axfr_of(random_zone(random, 9, 300, name("example.")));
  int complete = 0;
  for (int round = 0; round < 3000; ++round) {
    Messages bad = good;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
      Buffer& message = bad[random.below(bad.size())];
      std::size_t at =
          random.below(random.below(2) ? std::min<std::size_t>(message.size(), 300) : message.size());
      message[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
    }
    IncomingTransfer transfer(axfr_question());
    if (feed(transfer, bad) != TransferState::complete) continue;
    ++complete;
    Findings findings;
    auto zone = transfer.take().build(findings);
    if (zone) CHECK((*zone)->serial() == *transfer.serial());
  }
  CHECK(complete > 0);  // a letter of a name, an address
}
