// Transfers that are signed (RFC 8945 §5.3.1).
#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

constexpr TsigAlgorithm kAlgorithms[] = {
    TsigAlgorithm::hmac_md5,        TsigAlgorithm::hmac_sha1,       TsigAlgorithm::hmac_sha224,
    TsigAlgorithm::hmac_sha256,     TsigAlgorithm::hmac_sha256_128, TsigAlgorithm::hmac_sha384,
    TsigAlgorithm::hmac_sha384_192, TsigAlgorithm::hmac_sha512,     TsigAlgorithm::hmac_sha512_256,
};

TsigKey key_of(TsigAlgorithm algorithm, std::string_view secret = "0123456789abcdef") {
  return *TsigKey::make(name("Key.example."), algorithm, as_bytes(secret));
}

/// A signed query as both sides know it.
struct Signed {
  explicit Signed(const TsigKey& with, RrType type = RrType::AXFR, const Zone* current = nullptr)
      : key(with) {
    Buffer query =
        compose_transfer_query({.zone = name("example."), .type = type, .id = 7, .current = current});
    verifier = *TsigStreamVerifier::sign_request(key, query, kNow);
    REQUIRE(ring.add(key));
    request = verify_request(*MessageView::parse(query), ring, kNow);
    REQUIRE(request.status == TsigStatus::good);
  }
  TsigStreamSigner signer() { return *TsigStreamSigner::make(request); }
  TransferState receive(const Messages& messages, IncomingTransfer& transfer) {
    feed(transfer, messages);
    return transfer.end();
  }
  std::string fault_of(const Messages& messages) {
    IncomingTransfer transfer(axfr_question(), {}, std::move(*verifier));
    if (receive(messages, transfer) != TransferState::failed) return "no failure";
    return std::string(print(transfer.failure().fault));
  }

  TsigKey key;
  TsigKeyring ring;
  TsigRequest request;
  std::optional<TsigStreamVerifier> verifier;
};

/// `messages`, the ones at the places of `unsigned_places` unsigned.
Messages sign(const Messages& messages, TsigStreamSigner signer,
              const std::vector<std::size_t>& unsigned_places = {}) {
  Messages out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Buffer message = messages[i];
    if (std::count(unsigned_places.begin(), unsigned_places.end(), i)) {
      signer.pass(message);
    } else {
      std::size_t size = message.size();
      message.resize(size + signer.space());
      size = signer.sign(message, size, kNow);
      REQUIRE(size > 0);
      message.resize(size);
    }
    out.push_back(std::move(message));
  }
  return out;
}

Messages small_messages() {
  Messages out = {Answer(RrType::AXFR).soa(9)};
  for (int i = 0; i < 5; ++i) out.push_back(Answer(RrType::AXFR).a("a" + std::to_string(i) + ".example."));
  out.push_back(Answer(RrType::AXFR).soa(9));
  return out;
}

}  // namespace

TEST_CASE("random zones arrive as they were, signed with each algorithm") {
  Splitmix random(8);
  for (TsigAlgorithm algorithm : kAlgorithms) {
    Signed both(key_of(algorithm));
    ZonePtr zone = random_zone(random, 9, 1500, name("example."));
    IncomingTransfer transfer(axfr_question(), {}, std::move(*both.verifier));
    Messages messages = axfr_of(zone, 7, both.signer());
    CHECK(messages.size() > 2);
    for (const Buffer& message : messages) CHECK(message.size() <= ZoneSource::kMessageOctets);
    CHECK(both.receive(messages, transfer) == TransferState::complete);
    CHECK(dump(*build(transfer)) == dump(*zone));
  }
}

TEST_CASE("a signed message never passes 65,535 octets, however large its record") {
  for (std::size_t octets : {65'300u, 65'350u, 65'400u, 65'450u}) {
    Signed both(key_of(TsigAlgorithm::hmac_sha512));
    ZoneBuilder builder(name("example."));
    builder.add(name("example."), RrType::SOA, 300, soa_rdata(name("example."), 9));
    builder.add(name("big.example."), RrType{65280}, 300, Buffer(octets, 'x'));
    Findings findings;
    ZonePtr zone = *builder.build(findings);
    Messages messages = axfr_of(zone, 7, both.signer());  // drain() looks at each size
    IncomingTransfer transfer(axfr_question(), {}, std::move(*both.verifier));
    bool fits = octets + 150 < 65'535;  // TSIG takes some 135 octets
    CHECK((both.receive(messages, transfer) == TransferState::complete) == fits);
    if (!fits) CHECK(transfer.failure().rcode == Rcode::SERVFAIL);  // which was signed, too
  }
}

TEST_CASE("the question for IXFR is signed, and so is the answer in AXFR style") {
  ZonePtr old = small_zone(8), now = small_zone(9);
  Signed both(key_of(TsigAlgorithm::hmac_sha256), RrType::IXFR, old.get());
  MessageWriter writer;
  StoppedClock clock;
  TransferQuery query{.zone = now->origin(), .type = RrType::IXFR, .id = 7, .client = Serial(8)};
  ZoneSource source({writer, clock}, now, query, Seconds(0), both.signer(), {});
  IncomingTransfer transfer(ixfr_question(old), {}, std::move(*both.verifier));
  CHECK(both.receive(drain(source), transfer) == TransferState::complete);
}

TEST_CASE("some messages in midst of a stream may be unsigned, but not the first nor the last") {
  CHECK(Signed(key_of({})).fault_of(small_messages()) == "bad-tsig");
  auto with_unsigned = [](const std::vector<std::size_t>& places) {
    Signed both(key_of(TsigAlgorithm::hmac_sha256));
    return both.fault_of(sign(small_messages(), both.signer(), places));
  };
  CHECK(with_unsigned({}) == "no failure");
  CHECK(with_unsigned({1, 2, 4}) == "no failure");
  CHECK(with_unsigned({6}) == "bad-tsig");
  CHECK(with_unsigned({1, 2, 3, 4, 5, 6}) == "bad-tsig");
}

TEST_CASE("a message that is changed, lost, doubled, swapped or put in is noticed") {
  auto with = [](const std::function<void(Messages&)>& spoil) {
    Signed both(key_of(TsigAlgorithm::hmac_sha256));
    Messages messages = sign(small_messages(), both.signer(), {2, 3});
    spoil(messages);
    return both.fault_of(messages);
  };
  CHECK(with([](Messages&) {}) == "no failure");
  CHECK(with([](Messages& m) { m[1][m[1].size() - 1] ^= 1; }) == "bad-tsig");
  CHECK(with([](Messages& m) { m[2][m[2].size() - 1] ^= 1; }) ==
        "bad-tsig");  // unsigned: the next signature covers it
  CHECK(with([](Messages& m) { m.erase(m.begin() + 1); }) == "bad-tsig");
  CHECK(with([](Messages& m) { m.erase(m.begin() + 3); }) == "bad-tsig");
  CHECK(with([](Messages& m) { m.insert(m.begin() + 4, m[4]); }) == "bad-tsig");
  CHECK(with([](Messages& m) { std::swap(m[4], m[5]); }) == "bad-tsig");
  CHECK(with([](Messages& m) { std::swap(m[2], m[3]); }) == "bad-tsig");
  CHECK(with([](Messages& m) { m.insert(m.begin() + 1, Answer(RrType::AXFR).a("evil.example.")); }) ==
        "bad-tsig");
}

TEST_CASE("another secret, and an old signature, are refused") {
  Signed client(key_of(TsigAlgorithm::hmac_sha256));
  Signed other(key_of(TsigAlgorithm::hmac_sha256, "fedcba9876543210"));
  CHECK(client.fault_of(sign(small_messages(), other.signer())) == "bad-tsig");

  Signed late(key_of(TsigAlgorithm::hmac_sha256));
  Messages messages = sign(small_messages(), late.signer());
  IncomingTransfer transfer(axfr_question(), {}, std::move(*late.verifier));
  CHECK(transfer.feed(messages[0], kNow + Seconds(301)) == TransferState::failed);
  CHECK(transfer.failure().fault == TransferFault::bad_tsig);
}

TEST_CASE("a primary that does not know our key says so, and is not believed to be current") {
  Signed client(key_of(TsigAlgorithm::hmac_sha256));
  Buffer query = compose_transfer_query({.zone = name("example."), .id = 7});
  auto verifier = TsigStreamVerifier::sign_request(client.key, query, kNow);
  TsigRequest stranger = verify_request(*MessageView::parse(query), TsigKeyring(), kNow);
  REQUIRE(stranger.status == TsigStatus::badkey);
  Messages messages = sign({Answer(RrType::AXFR).bits(9)}, *TsigStreamSigner::make(stranger));
  IncomingTransfer transfer(axfr_question(), {}, std::move(*verifier));
  CHECK(feed(transfer, messages) == TransferState::failed);
  CHECK(transfer.failure().what == "message 1: TSIG: BADKEY, the other side says BADKEY, RCODE NOTAUTH");
}
