#include "dns/tsig_queries.h"

#include <doctest/doctest.h>

#include <vector>

#include "base/random.h"
#include "dns/message_writer.h"

using namespace zw;

namespace {

constexpr WallTime kNow{Seconds(1'785'931'200)};

struct Asked {
  const TsigKey* key;
  Buffer request;
  TsigMac mac;
};

Buffer query(std::uint16_t id) {
  MessageWriter writer;
  Buffer out(512);
  writer.start(out, id, Header::pack(Opcode::NOTIFY, Rcode::NOERROR, Header::kAa));
  REQUIRE(writer.question(*Name::parse("example."), RrType::SOA, RrClass::IN));
  out.resize(writer.finish().size());
  return out;
}

Asked ask(TsigQueries& queries, const TsigKey& key, std::uint16_t id) {
  Asked out{&key, query(id), {}};
  std::size_t size = out.request.size();
  out.request.resize(512);
  out.request.resize(queries.sign(key, out.request, size, kNow, out.mac));
  return out;
}

Buffer answer(const Asked& asked, const TsigKeyring& ring, WallTime server_time = kNow) {
  auto view = MessageView::parse(asked.request);
  auto signer = TsigStreamSigner::make(verify_request(*view, ring, server_time));
  REQUIRE(signer);
  MessageWriter writer;
  Buffer out(1000);
  writer.start_response(out, *view, Rcode::NOERROR, Header::kAa);
  out.resize(signer->sign(out, writer.finish().size(), server_time));
  return out;
}

TsigStatus check(TsigQueries& queries, const Asked& asked, Bytes response) {
  return queries.check(*asked.key, asked.mac, *MessageView::parse(response), kNow).status;
}

}  // namespace

TEST_CASE("requests of many keys and algorithms, signed in any order, verify, and so do their answers") {
  TsigKeyring ring;
  for (int i = 0; i < 20; ++i)
    REQUIRE(ring.add(*TsigKey::make(*Name::parse("k" + std::to_string(i) + "."),
                                    i % 2 ? TsigAlgorithm::hmac_sha256 : TsigAlgorithm::hmac_sha512_256,
                                    as_bytes("secret no. " + std::to_string(i)))));
  TsigQueries queries;
  Splitmix random(1);
  std::vector<Asked> asked;
  for (std::uint16_t id = 0; id < 200; ++id)
    asked.push_back(ask(queries, ring.keys()[random.below(ring.size())], id));
  for (int i = 0; i < 400; ++i) {
    const Asked& one = asked[random.below(asked.size())];
    const Asked& other = asked[random.below(asked.size())];
    CHECK(verify_request(*MessageView::parse(one.request), ring, kNow).status == TsigStatus::good);
    Buffer response = answer(one, ring);
    CHECK(check(queries, one, response) == TsigStatus::good);
    if (&one != &other) CHECK(check(queries, other, response) != TsigStatus::good);
  }
}

TEST_CASE("a request is the one that a stream verifier makes, octet for octet") {
  TsigKey key = *TsigKey::make(*Name::parse("k."), TsigAlgorithm::hmac_sha256, as_bytes("secret"));
  TsigQueries queries;
  Buffer other = query(7);
  REQUIRE(TsigStreamVerifier::sign_request(key, other, kNow));
  CHECK(ask(queries, key, 7).request == other);
}

TEST_CASE("what is not signed, altered, or of another time is no good answer") {
  TsigKeyring ring;
  REQUIRE(ring.add(*TsigKey::make(*Name::parse("k."), TsigAlgorithm::hmac_sha256, as_bytes("secret"))));
  TsigQueries queries;
  Asked asked = ask(queries, ring.keys()[0], 7);
  Buffer plain = query(7);
  plain[2] |= 0x80;
  CHECK(check(queries, asked, plain) == TsigStatus::absent);
  Buffer good = answer(asked, ring);
  Buffer altered = good;
  altered[3] ^= 5;
  CHECK(check(queries, asked, altered) == TsigStatus::badsig);
  auto late = queries.check(*asked.key, asked.mac,
                            *MessageView::parse(answer(asked, ring, kNow + Seconds(1000))), kNow);
  CHECK(late.server_error == Rcode::BADTIME);
  CHECK(check(queries, asked, good) == TsigStatus::good);
}

TEST_CASE("where there is no room nothing is written") {
  TsigKey key = *TsigKey::make(*Name::parse("k."), TsigAlgorithm::hmac_sha256, as_bytes("secret"));
  TsigQueries queries;
  Buffer room = query(7);
  Buffer before = room;
  TsigMac mac;
  CHECK(queries.sign(key, room, room.size(), kNow, mac) == 0);
  CHECK(room == before);
}
