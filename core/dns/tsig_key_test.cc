#include "dns/tsig_key.h"

#include <doctest/doctest.h>

#include <string>

using namespace zw;

namespace {

constexpr TsigAlgorithm kAll[] = {
    TsigAlgorithm::hmac_md5,        TsigAlgorithm::hmac_sha1,       TsigAlgorithm::hmac_sha224,
    TsigAlgorithm::hmac_sha256,     TsigAlgorithm::hmac_sha256_128, TsigAlgorithm::hmac_sha384,
    TsigAlgorithm::hmac_sha384_192, TsigAlgorithm::hmac_sha512,     TsigAlgorithm::hmac_sha512_256,
};

Name name(std::string_view text) { return *Name::parse(text); }

}  // namespace

TEST_CASE("each algorithm has its name, in text and on the wire") {
  for (TsigAlgorithm algorithm : kAll) {
    CAPTURE(print(algorithm));
    CHECK(parse_tsig_algorithm(print(algorithm)) == algorithm);
    auto view = NameView::read(wire_name(algorithm).wire());
    REQUIRE(view);
    CHECK(view->size() == wire_name(algorithm).size());
    CHECK(find_tsig_algorithm(*view) == algorithm);
    if (algorithm != TsigAlgorithm::hmac_md5) CHECK(print(*view) == std::string(print(algorithm)) + ".");
  }
  CHECK(print(wire_name(TsigAlgorithm::hmac_md5)) == "hmac-md5.sig-alg.reg.int.");
  CHECK(parse_tsig_algorithm("HMAC-MD5.SIG-ALG.REG.INT.") == TsigAlgorithm::hmac_md5);
  CHECK(parse_tsig_algorithm("Hmac-Sha512.") == TsigAlgorithm::hmac_sha512);
  CHECK(find_tsig_algorithm(name("HMAC-sha256.")) == TsigAlgorithm::hmac_sha256);
  CHECK_FALSE(parse_tsig_algorithm("hmac-sha3"));
  CHECK_FALSE(parse_tsig_algorithm(""));
  CHECK_FALSE(find_tsig_algorithm(name("gss-tsig.")));
}

TEST_CASE("a MAC is no shorter than 10 octets nor than half of the whole") {
  CHECK(mac_octets(TsigAlgorithm::hmac_sha512) == 64);
  CHECK(least_mac_octets(TsigAlgorithm::hmac_sha512) == 32);
  CHECK(mac_octets(TsigAlgorithm::hmac_sha256_128) == 16);
  CHECK(least_mac_octets(TsigAlgorithm::hmac_sha256_128) == 10);
  CHECK(least_mac_octets(TsigAlgorithm::hmac_md5) == 10);
  auto key = TsigKey::make(name("k."), TsigAlgorithm::hmac_sha256, as_bytes("secret"));
  REQUIRE(key);
  CHECK(key->accepted_mac_octets() == 32);
  key->accept_truncated(20);
  CHECK(key->accepted_mac_octets() == 20);
  key->accept_truncated(1);
  CHECK(key->accepted_mac_octets() == 16);
  key->accept_truncated(100);
  CHECK(key->accepted_mac_octets() == 32);
}

TEST_CASE("a key is read from algorithm:name:base64") {
  auto key = TsigKey::parse("hmac-sha512:Transfer.Key:c2VjcmV0");
  REQUIRE(key);
  CHECK(print(key->name()) == "transfer.key.");
  CHECK(key->algorithm() == TsigAlgorithm::hmac_sha512);
  CHECK(as_text(key->secret()) == "secret");
  key = TsigKey::parse("transfer.key.:c2VjcmV0");
  REQUIRE(key);
  CHECK(key->algorithm() == TsigAlgorithm::hmac_sha256);
}

TEST_CASE("text that is no key is refused, and the secret not repeated") {
  for (const char* text :
       {"", "key", "key:", "key:c2VjcmV", "hmac-sha3:key:c2VjcmV0", "hmac-sha256:bad..name:c2VjcmV0",
        "hmac-sha256::c2VjcmV0", "c2VjcmV0:key:hmac-sha256", "c2VjcmV0:.",
        "hmac-md5:c2VjcmV0:", "hmac-sha256:key:c2Vjc mV0"}) {
    CAPTURE(text);
    auto key = TsigKey::parse(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().what.find("c2V") == std::string::npos);
  }
}

TEST_CASE("copies and moves of a key keep its secret") {
  auto made = TsigKey::parse("a:c2VjcmV0");
  REQUIRE(made);
  TsigKey copy = *made;
  TsigKey other = *TsigKey::parse("hmac-md5:b:b3RoZXI=");
  other = copy;
  CHECK(as_text(other.secret()) == "secret");
  CHECK(other.name() == name("a."));
  CHECK(other.algorithm() == TsigAlgorithm::hmac_sha256);
  TsigKey moved = std::move(copy);
  other = *TsigKey::parse("b:b3RoZXI=");
  moved = std::move(other);
  CHECK(as_text(moved.secret()) == "other");
  CHECK(as_text(made->secret()) == "secret");
}

TEST_CASE("a ring finds a key by name in any case, and algorithm") {
  TsigKeyring ring;
  for (int i = 0; i < 50; ++i)
    for (TsigAlgorithm algorithm : {TsigAlgorithm::hmac_sha512, TsigAlgorithm::hmac_sha1})
      REQUIRE(ring.add(
          *TsigKey::make(name("key" + std::to_string(i * 7 % 50)), algorithm, as_bytes(std::to_string(i)))));
  CHECK(ring.size() == 100);
  for (int i = 0; i < 50; ++i) {
    const TsigKey* key = ring.find(name("KEY" + std::to_string(i * 7 % 50)), TsigAlgorithm::hmac_sha1);
    REQUIRE(key);
    CHECK(key->algorithm() == TsigAlgorithm::hmac_sha1);
    CHECK(as_text(key->secret()) == std::to_string(i));
  }
  CHECK_FALSE(ring.find(name("key1."), TsigAlgorithm::hmac_sha256));
  CHECK_FALSE(ring.find(name("key50."), TsigAlgorithm::hmac_sha1));
  CHECK_FALSE(ring.find(name("."), TsigAlgorithm::hmac_sha1));
  auto again = ring.add(*TsigKey::make(name("Key3."), TsigAlgorithm::hmac_sha1, as_bytes("x")));
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::conflict);
}
