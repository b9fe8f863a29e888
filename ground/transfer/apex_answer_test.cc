#include "transfer/apex_answer.h"

#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

Answer answer() { return Answer(RrType::SOA); }

ApexAnswer read(Bytes octets, bool edns = true) {
  return read_apex_answer(octets, {.zone = name("example."), .id = 7, .edns = edns}, nullptr, kNow);
}
ApexAnswerKind kind_of(Bytes message, bool edns = true) { return read(message, edns).kind; }

}  // namespace

TEST_CASE("the SOA of the zone in an authoritative answer tells the serial") {
  ApexAnswer told = read(answer().soa(9).octets());
  CHECK(told.kind == ApexAnswerKind::good);
  CHECK(told.serial == Serial(9));
  CHECK_FALSE(told.expire);
}

TEST_CASE("EXPIRE is read with it") {
  Answer with = answer();
  with.soa(9);
  EdnsOptions options;
  options.expire(Seconds(77));
  write_opt(with.writer(), {}, options.octets());
  CHECK(read(with.octets()).expire == Seconds(77));
}

TEST_CASE("what does not answer our question may be forged, and is waited past") {
  Buffer good = answer().soa(9);
  for (std::size_t octet :
       {std::size_t{1}, std::size_t{2}, std::size_t{14}, std::size_t{25}}) {  // ID, opcode, name, class
    Buffer bad = good;
    bad[octet] ^= 8;
    CHECK(read(bad).kind == ApexAnswerKind::not_ours);
  }
  good.pop_back();
  CHECK(read(good).kind == ApexAnswerKind::not_ours);
  CHECK(kind_of(Answer(RrType::A).soa(9).octets()) == ApexAnswerKind::not_ours);
  CHECK(kind_of(Answer(RrType::SOA, "example.", false).soa(9).octets()) == ApexAnswerKind::not_ours);
  CHECK(read(Buffer()).kind == ApexAnswerKind::not_ours);
}

TEST_CASE("TC sends us to TCP") {
  CHECK(kind_of(answer().bits(Header::kTc).octets()) == ApexAnswerKind::use_tcp);
}

TEST_CASE("an error that an old primary gives to EDNS is tried once more without it") {
  for (std::uint16_t rcode : {1, 4}) {
    CHECK(kind_of(answer().bits(rcode).octets()) == ApexAnswerKind::no_edns);
    CHECK(kind_of(answer().bits(rcode).octets(), false) == ApexAnswerKind::failed);
  }
}

TEST_CASE("errors, answers without AA, and answers without the SOA of the zone are of no use") {
  CHECK(kind_of(answer().bits(5).octets()) == ApexAnswerKind::failed);
  CHECK(kind_of(answer().soa(9).bits(0, Header::kAa).octets()) == ApexAnswerKind::failed);
  CHECK(kind_of(answer().octets()) == ApexAnswerKind::failed);
  CHECK(kind_of(answer().add("other.example.", RrType::SOA, "a. b. 9 1 1 1 1").octets()) ==
        ApexAnswerKind::failed);
  CHECK(read(answer().bits(5).octets()).what == "the primary answers REFUSED");
}

TEST_CASE("where we sign, only a signed answer counts") {
  TsigKey key = *TsigKey::make(name("k."), TsigAlgorithm::hmac_sha256, as_bytes("0123456789abcdef"));
  Buffer query = {0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  auto tsig = TsigStreamVerifier::sign_request(key, query, kNow);
  ApexAnswer told =
      read_apex_answer(answer().soa(9).octets(), {.zone = name("example."), .id = 7}, &*tsig, kNow);
  CHECK(told.kind == ApexAnswerKind::not_ours);
}
