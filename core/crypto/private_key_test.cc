#include "crypto/private_key.h"

#include <doctest/doctest.h>

#include <string>

#include "base/encoding.h"
#include "base/random.h"
#include "crypto/rfc_examples.h"

using namespace zw;
using namespace zw::test;
using enum DnssecAlgorithm;

namespace {

constexpr auto kAll = {RSASHA1,         RSASHA1_NSEC3_SHA1, RSASHA256, RSASHA512,
                       ECDSAP256SHA256, ECDSAP384SHA384,    ED25519,   ED448};

void check_signs(const PrivateKey& key) {
  Buffer data = {1, 2, 3, 4};
  auto signer = key.make_signer();
  CHECK(signer->algorithm() == key.algorithm());
  auto public_key = PublicKey::make(signer->algorithm(), signer->public_key());
  REQUIRE(public_key);
  CHECK(*public_key == key.public_key());
  Verifier verifier(*public_key);
  for (int i = 0; i < 3; ++i) {
    data.push_back(static_cast<std::uint8_t>(i));
    auto signature = signer->sign(data);
    REQUIRE(signature);
    CHECK(signature->size() == public_key->signature_size());
    CHECK(verifier.verify(data, *signature));
    CHECK_FALSE(verifier.verify(Bytes(data).first(4), *signature));
  }
}

void check_malformed(std::string_view text, std::string_view part) {
  auto key = PrivateKey::parse_bind(text);
  REQUIRE_FALSE(key);
  CHECK_MESSAGE(key.error().what.find(part) != std::string::npos, key.error().what);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a new key of every algorithm signs, and its two texts give it back") {
  for (auto algorithm : kAll) {
    CAPTURE(print(algorithm));
    auto key = PrivateKey::generate(algorithm, 1024);
    REQUIRE(key);
    check_signs(*key);
    SecretBuffer pem = key->print_pem(), bind = key->print_bind();
    CHECK(as_text(pem).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    auto from_pem = PrivateKey::parse_pem(algorithm, as_text(pem));
    auto from_bind = PrivateKey::parse_bind(as_text(bind));
    REQUIRE(from_pem);
    REQUIRE(from_bind);
    CHECK(from_pem->public_key() == key->public_key());
    CHECK(from_bind->public_key() == key->public_key());
    CHECK(from_bind->print_bind() == bind);
    check_signs(*from_pem);
    check_signs(*from_bind);
  }
}

TEST_CASE("the private keys of the RFCs give their public keys and signatures") {
  for (const RfcExample& e : rfc_examples()) {
    CAPTURE(print(e.algorithm));
    auto key = PrivateKey::parse_bind(e.private_key);
    REQUIRE_MESSAGE(key, key.error().what);
    CHECK(key->algorithm() == e.algorithm);
    CHECK(same_bytes(key->public_key().octets(), from_base64(e.public_key)));
    auto signature = key->make_signer()->sign(e.signed_data);
    REQUIRE(signature);
    CHECK((*signature == from_base64(e.signature)) == e.deterministic);
    CHECK(Verifier(key->public_key()).verify(e.signed_data, *signature));
  }
}

TEST_CASE("ECDSA signatures with short r or s keep their length and verify") {
  auto key = PrivateKey::generate(ECDSAP256SHA256);
  auto signer = key->make_signer();
  Verifier verifier(key->public_key());
  int with_zero = 0;
  for (int i = 0; i < 10000 && with_zero < 3; ++i) {
    Buffer data = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
    Buffer signature = *signer->sign(data);
    REQUIRE(signature.size() == 64);
    bool short_number = signature[0] == 0 || signature[32] == 0;
    with_zero += short_number;
    if (short_number) CHECK(verifier.verify(data, signature));
  }
  CHECK(with_zero == 3);  // one in 128 is short
}

TEST_CASE("sizes and algorithms that make no key are refused") {
  CHECK(PrivateKey::generate(RSASHA256, 1023).error().kind == ErrorKind::unsupported);
  CHECK(PrivateKey::generate(RSASHA256, 4097).error().kind == ErrorKind::unsupported);
  CHECK(PrivateKey::generate(DSA).error().kind == ErrorKind::unsupported);
  CHECK(PrivateKey::parse_pem(ECC_GOST, "").error().kind == ErrorKind::unsupported);
  CHECK(PrivateKey::parse_pem(RSASHA256, "no key").error().kind == ErrorKind::malformed);
  CHECK(PrivateKey::parse_pem(RSASHA256, std::string(20000, 'x')).error().kind == ErrorKind::limit);
  CHECK(PrivateKey::parse_bind(std::string(20000, 'x')).error().kind == ErrorKind::limit);
}

TEST_CASE("a PEM key of another type than the algorithm is refused") {
  for (auto have : {ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448, RSASHA256})
    for (auto want : {ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448, RSASHA256}) {
      SecretBuffer pem = PrivateKey::generate(have, 1024)->print_pem();
      CHECK(PrivateKey::parse_pem(want, as_text(pem)).has_value() == (have == want));
    }
}

TEST_CASE("a PEM key under a passphrase is refused and nobody is asked for it") {
  // Made with: openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -passout pass:secret
  auto key = PrivateKey::parse_pem(ED25519,
                                   "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                   "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjnw63BjLrydQICCAAw\n"
                                   "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDv77nvdhNbjXpnpRYyeYUAEQNhk\n"
                                   "2eNNdjWaZ//G+FNw2mZIs4ZQ9ORNxvJkpDzkZQVmFBkjpPkolkgWagTlzTIRBYll\n"
                                   "uNDDxO8Tq9RjLdUAu6I=\n"
                                   "-----END ENCRYPTED PRIVATE KEY-----\n");
  REQUIRE_FALSE(key);
  CHECK(key.error().kind == ErrorKind::malformed);
}

TEST_CASE("a key made by another program is read: PKCS #8 from openssl, with its public key") {
  // Made with "openssl genpkey"; the public keys are what "openssl pkey -pubout" says.
  auto ecdsa = PrivateKey::parse_pem(ECDSAP256SHA256,
                                     "-----BEGIN PRIVATE KEY-----\n"
                                     "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLbxb428ma9uDUAkk\n"
                                     "nAnw22D0cw989+M0uKllWjuQu5ahRANCAAS2ryoIT6feMsy10esY0nceh4orveSj\n"
                                     "8B++Em3gfAqW5hJvBHgjg3Wmm1L1piIbDnGQkJIDVYBIDQitrMCOECIH\n"
                                     "-----END PRIVATE KEY-----\n");
  REQUIRE(ecdsa);
  CHECK(base16(ecdsa->public_key().octets()) ==
        "B6AF2A084FA7DE32CCB5D1EB18D2771E878A2BBDE4A3F01FBE126DE07C0A96E6"
        "126F0478238375A69B52F5A6221B0E71909092035580480D08ADACC08E102207");
  auto edwards = PrivateKey::parse_pem(ED25519,
                                       "-----BEGIN PRIVATE KEY-----\n"
                                       "MC4CAQAwBQYDK2VwBCIEIBuxrH1bhE/2d4r1nNfiZFLfp6YJYXoVVMYLIDrmgFqJ\n"
                                       "-----END PRIVATE KEY-----\n");
  REQUIRE(edwards);
  CHECK(base16(edwards->public_key().octets()) ==
        "467A0B3F7308A8B5EBD8F432760A3282A9902075B4B7DC4D2C7FA9B4CF1F442A");
}

TEST_CASE("broken private-key text is refused with its reason") {
  const std::string good(rfc_examples()[2].private_key), rsa(rfc_examples()[0].private_key);
  CHECK(PrivateKey::parse_bind(good));
  CHECK(PrivateKey::parse_bind(replaced(good, "\n", "\r\n") + "Created: 20260101000000\n\n"));
  CHECK(PrivateKey::parse_bind(replaced(good, "v1.2", "v1.3")));
  check_malformed("", "0 lines \"Private-key-format\"");
  check_malformed("hello\n", "line 1");
  check_malformed(replaced(good, "v1.2", "v2.0"), "v2.0");
  check_malformed(replaced(good, "13 (", "x ("), "no DNSSEC algorithm");
  check_malformed(replaced(good, "13 (", "3 ("), "DSA");
  check_malformed(good + good, "2 lines");
  check_malformed(replaced(good, "GU6S", "GU*S"), "not base 64");
  const std::string_view scalar = "GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=";
  check_malformed(replaced(good, scalar, base64(Buffer(33, 1))), "33 octets");
  check_malformed(replaced(good, scalar, base64(Buffer(32, 0))), "do not make a key");
  check_malformed(replaced(good, scalar, base64(Buffer(32, 0xff))), "do not make a key");
  check_malformed(replaced(rfc_examples()[4].private_key.data(), "ODIy", ""), "do not make a key");
  check_malformed(replaced(rsa, "wVwaxr", "wVwbxr"), "do not belong together");
  check_malformed(replaced(rsa, "Prime2", "Prime3"), "0 lines \"Prime2\"");
  check_malformed(good + "Label: pkcs11:object=x\n", "hardware");
}

TEST_CASE("random changes to private-key text do no harm") {
  Splitmix random(5);
  std::vector<std::string> texts;
  for (const RfcExample& e : rfc_examples()) texts.emplace_back(e.private_key);
  texts.emplace_back(as_text(PrivateKey::generate(ECDSAP256SHA256)->print_pem()));
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = texts[random.below(texts.size())];
    for (auto changes = 1 + random.below(4); changes > 0; --changes)
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    if (random.below(4) == 0) text.resize(random.below(text.size()));
    auto bind = PrivateKey::parse_bind(text);
    auto pem = PrivateKey::parse_pem(ECDSAP256SHA256, text);
    refused += !bind && !pem;
  }
  CHECK(refused > 1000);
}

TEST_CASE("base 64 of secrets is the same as of anything else") {
  CHECK(as_text(decode_secret_base64("Zm9v")) == "foo");
  CHECK(decode_secret_base64("Zm9").empty());
  SecretBuffer text;
  append_base64(text, as_bytes("foobar"));
  CHECK(as_text(text) == "Zm9vYmFy");
}
