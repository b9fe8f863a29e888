#include "dns/tsig.h"

#include <doctest/doctest.h>

#include <string>

#include "base/encoding.h"
#include "base/random.h"
#include "dns/message_writer.h"
#include "dns/tsig_vectors.h"

using namespace zw;
using namespace zw::testing;

namespace {

constexpr WallTime kNow{Seconds(1785931200)};

Buffer hex(std::string_view text) {
  Buffer out;
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(c >= 'a' ? c - 32 : c);
  ZW_ASSERT(decode_base16(upper, out));
  return out;
}

TsigKey key_of(TsigAlgorithm algorithm, std::string_view secret = kVectorSecret) {
  return *TsigKey::make(*Name::parse("transfer.key."), algorithm, as_bytes(secret));
}

MessageView view_of(Bytes message) {
  auto view = MessageView::parse(message);
  REQUIRE(view);
  return *view;
}

// Server and client with the same key.
struct Pair {
  TsigKeyring ring;
  const TsigKey* key;
  Buffer request = hex(kRequestWithoutTsig);
  explicit Pair(TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256) {
    REQUIRE(ring.add(key_of(algorithm)));
    key = &ring.keys()[0];
  }
  TsigStreamVerifier sign(WallTime now = kNow) {
    auto verifier = TsigStreamVerifier::sign_request(*key, request, now);
    REQUIRE(verifier);
    return std::move(*verifier);
  }
  TsigRequest verify(WallTime now = kNow) { return verify_request(view_of(request), ring, now); }
};

TsigStreamSigner signer_of(const TsigRequest& request) {
  auto signer = TsigStreamSigner::make(request);
  REQUIRE(signer);
  return std::move(*signer);
}

Buffer signed_by(TsigStreamSigner& signer, Buffer message, WallTime now = kNow) {
  std::size_t size = message.size();
  message.resize(size + signer.space());
  std::size_t end = signer.sign(message, size, now);
  REQUIRE(end != 0);
  message.resize(end);
  return message;
}

// What stands in the TSIG of a message.
TsigRecord record_of(Bytes message) {
  TsigRecord record;
  MessageFault fault;
  REQUIRE(TsigRecord::read(view_of(message), record, fault) == TsigStatus::good);
  return record;
}

struct Vector {
  TsigAlgorithm algorithm;
  const char* request;
  const char* response;
};
const Vector kVectors[] = {
    {TsigAlgorithm::hmac_md5, k_hmac_md5_request, k_hmac_md5_response},
    {TsigAlgorithm::hmac_sha1, k_hmac_sha1_request, k_hmac_sha1_response},
    {TsigAlgorithm::hmac_sha224, k_hmac_sha224_request, k_hmac_sha224_response},
    {TsigAlgorithm::hmac_sha256, k_hmac_sha256_request, k_hmac_sha256_response},
    {TsigAlgorithm::hmac_sha256_128, k_hmac_sha256_128_request, k_hmac_sha256_128_response},
    {TsigAlgorithm::hmac_sha384, k_hmac_sha384_request, k_hmac_sha384_response},
    {TsigAlgorithm::hmac_sha384_192, k_hmac_sha384_192_request, k_hmac_sha384_192_response},
    {TsigAlgorithm::hmac_sha512, k_hmac_sha512_request, k_hmac_sha512_response},
    {TsigAlgorithm::hmac_sha512_256, k_hmac_sha512_256_request, k_hmac_sha512_256_response},
};

}  // namespace

TEST_CASE("with each algorithm, request and response are those of another implementation, octet for octet") {
  for (const Vector& vector : kVectors) {
    CAPTURE(print(vector.algorithm));
    Pair pair(vector.algorithm);
    auto client = pair.sign();
    CHECK(base16(pair.request) == base16(hex(vector.request)));
    TsigRequest request = pair.verify();
    CHECK(request.status == TsigStatus::good);
    CHECK(request.rcode() == Rcode::NOERROR);
    CHECK(request.key == pair.key);
    auto server = signer_of(request);
    Buffer response = signed_by(server, hex(kResponseWithoutTsig));
    CHECK(base16(response) == base16(hex(vector.response)));
    CHECK(response.size() == hex(kResponseWithoutTsig).size() + server.space());
    CHECK(client.check(view_of(response), kNow) == TsigStatus::good);
    CHECK(client.is_whole());
    CHECK(client.server_error() == Rcode::NOERROR);
  }
}

TEST_CASE("names of key and algorithm count in lower case, and are echoed as they came") {
  Pair pair;
  pair.request = hex(kMixedCaseRequest);
  TsigRequest request = pair.verify();
  REQUIRE(request.status == TsigStatus::good);
  auto signer = signer_of(request);
  TsigRecord record = record_of(signed_by(signer, hex(kResponseWithoutTsig)));
  CHECK(same_bytes(record.owner.wire(), Name::parse("TransFer.Key.")->wire()));
}

TEST_CASE("a message without TSIG has none") {
  Pair pair;
  TsigRequest request = pair.verify();
  CHECK(request.status == TsigStatus::absent);
  CHECK(request.rcode() == Rcode::NOERROR);
  CHECK_FALSE(request.wants_signer());
}

TEST_CASE("a forwarder may have changed the ID: the original one counts") {
  Pair pair;
  auto client = pair.sign();
  set16(pair.request.data(), 0x9999);
  CHECK(pair.verify().status == TsigStatus::good);
}

TEST_CASE("each octet that is changed is found out") {
  Pair pair;
  auto client = pair.sign();
  const Buffer good = pair.request;
  std::size_t broken = 0, refused = 0;
  for (std::size_t i = 2; i < good.size(); ++i) {  // but the ID, which is not covered
    pair.request = good;
    pair.request[i] ^= 0x01;
    auto view = MessageView::parse(pair.request);
    if (!view) {
      ++broken;
      continue;
    }
    CAPTURE(i);
    CHECK(verify_request(*view, pair.ring, kNow).status != TsigStatus::good);
    ++refused;
  }
  CHECK(broken + refused == good.size() - 2);
  CHECK(refused > 60);
}

TEST_CASE("an unknown key or algorithm gives BADKEY, answered without a signature") {
  for (bool other_name : {true, false}) {
    Pair pair;
    TsigKey stranger = *TsigKey::make(*Name::parse(other_name ? "other.key." : "transfer.key."),
                                      other_name ? TsigAlgorithm::hmac_sha256 : TsigAlgorithm::hmac_sha1,
                                      as_bytes(kVectorSecret));
    auto client = TsigStreamVerifier::sign_request(stranger, pair.request, kNow);
    REQUIRE(client);
    TsigRequest request = pair.verify();
    CHECK(request.status == TsigStatus::badkey);
    CHECK(request.rcode() == Rcode::NOTAUTH);
    auto signer = signer_of(request);
    Buffer answer = signed_by(signer, hex(kResponseWithoutTsig));
    TsigRecord record = record_of(answer);
    CHECK(record.error == Rcode::BADKEY);
    CHECK(record.mac.empty());
    CHECK(record.owner == Name(stranger.name()));
    CHECK(record.algorithm == wire_name(stranger.algorithm()));
    CHECK(client->check(view_of(answer), kNow) == TsigStatus::badkey);
    CHECK(client->server_error() == Rcode::BADKEY);
    CHECK_FALSE(client->is_whole());
  }
}

TEST_CASE("a wrong secret gives BADSIG, answered without a signature") {
  Pair pair;
  TsigKey wrong = key_of(TsigAlgorithm::hmac_sha256, "another secret");
  auto client = TsigStreamVerifier::sign_request(wrong, pair.request, kNow);
  REQUIRE(client);
  TsigRequest request = pair.verify();
  CHECK(request.status == TsigStatus::badsig);
  CHECK(request.rcode() == Rcode::NOTAUTH);
  auto signer = signer_of(request);
  Buffer answer = signed_by(signer, hex(kResponseWithoutTsig));
  CHECK(record_of(answer).error == kBadSig);
  CHECK(record_of(answer).mac.empty());
  CHECK(client->check(view_of(answer), kNow) == TsigStatus::badsig);
}

TEST_CASE("the time may differ by the fudge and no more, either way") {
  Pair pair;
  auto client = pair.sign();
  auto status = [&](int seconds) { return pair.verify(kNow + Seconds(seconds)).status; };
  CHECK(status(300) == TsigStatus::good);
  CHECK(status(301) == TsigStatus::badtime);
  CHECK(status(-300) == TsigStatus::good);
  CHECK(status(-301) == TsigStatus::badtime);
}

TEST_CASE("BADTIME is answered with a signature and the server's time, as another implementation does") {
  Pair pair;
  auto client = pair.sign();
  TsigRequest request = pair.verify(kNow + Seconds(1000));
  REQUIRE(request.status == TsigStatus::badtime);
  CHECK(request.rcode() == Rcode::NOTAUTH);
  MessageWriter writer;
  Buffer answer(512);
  REQUIRE(writer.start_response(answer, view_of(pair.request), request.rcode(), Header::kAa));
  auto signer = signer_of(request);
  REQUIRE(writer.reserve(signer.space()));
  answer.resize(signer.sign(answer, writer.finish().size(), kNow + Seconds(1000)));
  CHECK(base16(answer) == base16(hex(kBadTimeAnswer)));
  CHECK(client.check(view_of(answer), kNow) == TsigStatus::good);
  CHECK(client.server_error() == Rcode::BADTIME);
  CHECK(client.server_time() == kNow + Seconds(1000));
}

TEST_CASE("a bad MAC is told before a bad time") {
  Pair pair;
  auto client = pair.sign();
  pair.request[record_of(pair.request).mac.data() - pair.request.data()] ^= 1;
  CHECK(pair.verify(kNow + Seconds(1000)).status == TsigStatus::badsig);
}

TEST_CASE("a truncated MAC is taken down to what the policy says") {
  // Cuts the MAC of a request that ends in it and six octets more.
  auto cut_to = [](Buffer message, std::size_t mac) {
    std::size_t whole = 32, at = message.size() - 6 - whole;
    message.erase(message.begin() + static_cast<std::ptrdiff_t>(at + mac), message.end() - 6);
    set16(&message[at - 2], static_cast<std::uint16_t>(mac));
    std::size_t rdlength_at = view_of(hex(k_hmac_sha256_request)).tsig()->rdata_at - 2;
    set16(&message[rdlength_at], static_cast<std::uint16_t>(get16(&message[rdlength_at]) - (whole - mac)));
    return message;
  };
  auto status = [&](std::size_t mac, std::size_t accepted) {
    TsigKey key = key_of(TsigAlgorithm::hmac_sha256);
    key.accept_truncated(accepted);
    TsigKeyring ring;
    REQUIRE(ring.add(key));
    Buffer message = cut_to(hex(k_hmac_sha256_request), mac);
    TsigRequest request = verify_request(view_of(message), ring, kNow);
    if (request.status == TsigStatus::badtrunc) {  // signed, and over the MAC that came
      CHECK(request.mac.size == mac);
      auto signer = signer_of(request);
      Buffer answer = signed_by(signer, hex(kResponseWithoutTsig));
      CHECK(record_of(answer).error == Rcode::BADTRUNC);
      CHECK(record_of(answer).mac.size() == 32);
    }
    return request.status;
  };
  CHECK(status(32, 32) == TsigStatus::good);
  CHECK(status(31, 32) == TsigStatus::badtrunc);
  CHECK(status(16, 32) == TsigStatus::badtrunc);
  CHECK(status(16, 16) == TsigStatus::good);
  CHECK(status(19, 20) == TsigStatus::badtrunc);
  CHECK(status(20, 20) == TsigStatus::good);
  CHECK(status(15, 16) == TsigStatus::formerr);  // less than half
  CHECK(status(0, 16) == TsigStatus::formerr);
}

TEST_CASE("a TSIG that is not the last record, not alone or not well formed is a format error") {
  const Buffer good = hex(k_hmac_sha256_request);
  const std::size_t at = view_of(good).tsig()->owner_at, rdata_at = view_of(good).tsig()->rdata_at;
  auto status = [&](const Buffer& message) {
    Pair pair;
    pair.request = message;
    TsigRequest request = pair.verify();
    if (request.status == TsigStatus::formerr) {
      CHECK(request.rcode() == Rcode::FORMERR);
      CHECK_FALSE(request.wants_signer());
      CHECK(request.fault.at > 0);
    }
    return request.status;
  };
  CHECK(status(good) == TsigStatus::good);
  Buffer bent = good;
  bent.push_back(0);
  CHECK(status(bent) == TsigStatus::formerr);  // something behind it
  bent = good;
  append(bent, Bytes(good).subspan(at));
  set16(&bent[10], 2);
  CHECK(status(bent) == TsigStatus::formerr);  // twice
  bent = good;
  append(bent, hex("000029020000000000"
                   "0000"));
  set16(&bent[10], 2);
  CHECK(status(bent) == TsigStatus::formerr);  // OPT behind it
  bent = good;
  set16(&bent[10], 0);
  set16(&bent[6], 1);
  CHECK(status(bent) == TsigStatus::formerr);  // in the answer section
  bent = good;
  set16(&bent[rdata_at - 8], 1);
  CHECK(status(bent) == TsigStatus::formerr);  // class IN
  bent = good;
  set32(&bent[rdata_at - 6], 1);
  CHECK(status(bent) == TsigStatus::formerr);  // a TTL
  for (std::size_t size = 0; size < good.size() - rdata_at; ++size) {
    bent.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(rdata_at + size));
    set16(&bent[rdata_at - 2], static_cast<std::uint16_t>(size));
    CAPTURE(size);
    CHECK(status(bent) == TsigStatus::formerr);  // RDATA cut
  }
}

TEST_CASE("without room nothing is signed and nothing changed") {
  Pair pair;
  auto client = pair.sign();
  auto signer = signer_of(pair.verify());
  const Buffer plain = hex(kResponseWithoutTsig);
  Buffer message = plain;
  message.resize(plain.size() + signer.space() - 1);
  const Buffer before = message;
  CHECK(signer.sign(message, plain.size(), kNow) == 0);
  CHECK(message == before);
  Buffer large(70000);
  CHECK(signer.sign(large, 65535 - signer.space() + 1, kNow) == 0);
  // And what failed did not spoil the chain.
  message.resize(plain.size() + signer.space());
  CHECK(signer.sign(message, plain.size(), kNow) == message.size());
  CHECK(client.check(view_of(message), kNow) == TsigStatus::good);

  std::size_t size = plain.size();
  auto none = TsigStreamVerifier::sign_request(*pair.key, MutableBytes(message).first(size + 10), size, kNow);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::limit);
  CHECK(size == plain.size());
}

TEST_CASE(
    "a response that was forged, answers another request or is unsigned is refused; the true one still "
    "counts") {
  Pair pair, other;
  auto client = pair.sign();
  other.request[0] = 7;
  auto other_client = other.sign();
  auto signer = signer_of(pair.verify()), other_signer = signer_of(other.verify());
  Buffer plain = hex(kResponseWithoutTsig);
  Buffer good = signed_by(signer, plain);
  Buffer of_another = signed_by(other_signer, plain);
  Buffer forged = good;
  forged[30] ^= 1;
  CHECK(client.check(view_of(plain), kNow) == TsigStatus::badsig);
  CHECK(client.check(view_of(of_another), kNow) == TsigStatus::badsig);
  CHECK(client.check(view_of(forged), kNow) == TsigStatus::badsig);
  CHECK_FALSE(client.is_whole());
  CHECK(client.check(view_of(good), kNow + Seconds(301)) == TsigStatus::badtime);
  CHECK(client.check(view_of(good), kNow) == TsigStatus::good);
}

TEST_CASE("a response under another key is refused") {
  Pair pair, wrong(TsigAlgorithm::hmac_sha512);
  auto client = pair.sign();
  auto wrong_client = wrong.sign();
  auto signer = signer_of(wrong.verify());
  CHECK(client.check(view_of(signed_by(signer, hex(kResponseWithoutTsig))), kNow) == TsigStatus::badkey);
}
