#include "crypto/public_key.h"

#include <doctest/doctest.h>

#include <thread>

#include "base/encoding.h"
#include "base/random.h"
#include "crypto/rfc_examples.h"

using namespace zw;
using namespace zw::test;
using enum DnssecAlgorithm;

namespace {

Buffer joined(std::initializer_list<Bytes> pieces) {
  Buffer out;
  for (Bytes piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

/// An odd number of `bits` bits.
Buffer odd(std::size_t bits, std::uint64_t seed = 7) {
  Buffer out((bits + 7) / 8);
  Splitmix(seed).fill(out);
  std::size_t top = (bits - 1) % 8;
  out[0] = static_cast<std::uint8_t>((out[0] & ((1u << top) - 1)) | 1u << top);
  out.back() |= 1;
  return out;
}

Buffer rsa_field(Bytes exponent, Bytes modulus) {
  Buffer out;
  if (exponent.size() > 255) out = {0, static_cast<std::uint8_t>(exponent.size() >> 8)};
  out.push_back(static_cast<std::uint8_t>(exponent.size()));
  return joined({out, exponent, modulus});
}

const Buffer kF4 = {1, 0, 1};

void check_refused(DnssecAlgorithm algorithm, Bytes key, ErrorKind kind, std::string_view part) {
  auto made = PublicKey::make(algorithm, key);
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == kind);
  CHECK_MESSAGE(made.error().what.find(part) != std::string::npos, made.error().what);
}

Buffer half(Bytes raw, int which) {
  Bytes part = which == 0 ? raw.first(raw.size() / 2) : raw.subspan(raw.size() / 2);
  return Buffer(part.begin(), part.end());
}

const RfcExample& example_of(DnssecAlgorithm algorithm) {
  static const auto all = rfc_examples();
  for (const RfcExample& e : all)
    if (e.algorithm == algorithm) return e;
  FAIL("no example");
  return all[0];
}

Verifier verifier_of(const RfcExample& e) {
  auto key = PublicKey::make(e.algorithm, from_base64(e.public_key));
  REQUIRE(key);
  return Verifier(*key);
}

}  // namespace

TEST_CASE("the signatures of RFC 5702, RFC 6605 and RFC 8080 verify, whole and in pieces") {
  for (const RfcExample& e : rfc_examples()) {
    CAPTURE(print(e.algorithm));
    Verifier verifier = verifier_of(e);
    Buffer signature = from_base64(e.signature);
    CHECK(verifier.key().signature_size() == signature.size());
    Bytes data = e.signed_data;
    CHECK(verifier.verify(data, signature));
    std::vector<Bytes> pieces = {data.first(5), {}, data.subspan(5, 11), data.subspan(16)};
    CHECK(verifier.verify(pieces, signature));
    CHECK_FALSE(verifier.verify(data.first(data.size() - 1), signature));
    pieces.pop_back();
    CHECK_FALSE(verifier.verify(pieces, signature));
    CHECK(verifier.verify(data, signature));
  }
}

TEST_CASE("a change of any octet of signature or data makes the signature bad") {
  for (const RfcExample& e : rfc_examples()) {
    CAPTURE(print(e.algorithm));
    Verifier verifier = verifier_of(e);
    Buffer signature = from_base64(e.signature), data = e.signed_data;
    for (std::size_t i = 0; i < signature.size(); ++i) {
      signature[i] ^= static_cast<std::uint8_t>(1u << i % 8);
      CHECK_FALSE(verifier.verify(data, signature));
      signature[i] ^= static_cast<std::uint8_t>(1u << i % 8);
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
      data[i] ^= static_cast<std::uint8_t>(1u << i % 8);
      CHECK_FALSE(verifier.verify(data, signature));
      data[i] ^= static_cast<std::uint8_t>(1u << i % 8);
    }
    CHECK(verifier.verify(data, signature));
  }
}

TEST_CASE("a changed key is refused or verifies nothing") {
  for (const RfcExample& e : rfc_examples()) {
    CAPTURE(print(e.algorithm));
    Buffer key = from_base64(e.public_key), signature = from_base64(e.signature);
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] ^= 4;
      auto made = PublicKey::make(e.algorithm, key);
      if (made) CHECK_FALSE(Verifier(*made).verify(e.signed_data, signature));
      key[i] ^= 4;
    }
  }
}

TEST_CASE("a signature of another length is bad, whatever stands in it") {
  for (const RfcExample& e : rfc_examples()) {
    Verifier verifier = verifier_of(e);
    Buffer signature = from_base64(e.signature);
    CHECK_FALSE(verifier.verify(e.signed_data, {}));
    for (std::size_t size = 0; size < signature.size(); ++size)
      CHECK_FALSE(verifier.verify(e.signed_data, Bytes(signature).first(size)));
    CHECK_FALSE(verifier.verify(e.signed_data, joined({signature, Buffer{0}})));
    CHECK_FALSE(verifier.verify(e.signed_data, joined({Buffer{0}, signature})));
  }
}

TEST_CASE("an ECDSA signature with r or s of zero, or not below the order, is bad") {
  const std::string_view order256 = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
  const std::string_view order384 =
      "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973";
  for (auto algorithm : {ECDSAP256SHA256, ECDSAP384SHA384}) {
    const RfcExample& e = example_of(algorithm);
    Verifier verifier = verifier_of(e);
    Buffer order, signature = from_base64(e.signature);
    REQUIRE(decode_base16(algorithm == ECDSAP256SHA256 ? order256 : order384, order));
    Buffer zero(order.size(), 0), most(order.size(), 0xff), r = half(signature, 0), s = half(signature, 1);
    Buffer one = zero;
    one.back() = 1;
    CHECK(verifier.verify(e.signed_data, joined({r, s})));
    for (const Buffer& bad : {zero, order, most, one}) {
      CHECK_FALSE(verifier.verify(e.signed_data, joined({bad, s})));
      CHECK_FALSE(verifier.verify(e.signed_data, joined({r, bad})));
      CHECK_FALSE(verifier.verify(e.signed_data, joined({bad, bad})));
    }
    CHECK_FALSE(verifier.verify(e.signed_data, joined({s, r})));
  }
}

TEST_CASE("RSA keys keep the rules of RFC 3110 and RFC 5702") {
  CHECK(PublicKey::make(RSASHA256, rsa_field(kF4, odd(512)))->bits() == 512);
  CHECK(PublicKey::make(RSASHA256, rsa_field(kF4, odd(4096)))->bits() == 4096);
  CHECK(PublicKey::make(RSASHA1, rsa_field(kF4, odd(1023)))->signature_size() == 128);
  CHECK(PublicKey::make(RSASHA256, rsa_field(odd(64), odd(512))));
  CHECK(PublicKey::make(RSASHA256, rsa_field(odd(64), odd(4096))));
  using enum ErrorKind;
  check_refused(RSASHA256, {}, malformed, "0 octets");
  check_refused(RSASHA256, Buffer{1, 3}, malformed, "2 octets");
  check_refused(RSASHA256, Buffer{0, 0, 1, 3}, malformed, "three octets");
  check_refused(RSASHA256, Buffer{0, 1, 0}, malformed, "ends within");
  check_refused(RSASHA256, Buffer{3, 1, 0, 1}, malformed, "no modulus");
  check_refused(RSASHA256, joined({Buffer{0, 0, 3}, kF4, odd(1024)}), malformed, "three octets");
  check_refused(RSASHA256, rsa_field(Buffer{0, 1, 0, 1}, odd(1024)), malformed,
                "exponent begins with a zero");
  check_refused(RSASHA256, rsa_field(kF4, joined({Buffer{0}, odd(1024)})), malformed,
                "modulus begins with a zero");
  check_refused(RSASHA256, rsa_field(kF4, odd(511)), malformed, "511 bits");
  check_refused(RSASHA256, rsa_field(kF4, odd(4097)), malformed, "4097 bits");
  check_refused(RSASHA512, rsa_field(kF4, odd(1023)), malformed, "1024 to 4096");
  check_refused(RSASHA256, rsa_field(odd(1025), odd(1024)), malformed, "at most the 1024");
  check_refused(RSASHA256, rsa_field(odd(4104), odd(4096)), malformed, "exponent has 4104");
  check_refused(RSASHA256, rsa_field(Buffer{1}, odd(1024)), malformed, "exponent is even or 1");
  check_refused(RSASHA256, rsa_field(Buffer{2}, odd(1024)), malformed, "exponent is even or 1");
  Buffer even = odd(1024);
  even.back() ^= 1;
  check_refused(RSASHA256, rsa_field(kF4, even), malformed, "modulus is even");
  check_refused(RSASHA256, rsa_field(odd(65), odd(4096)), unsupported, "at most 64");
  check_refused(RSASHA256, rsa_field(odd(65), odd(1024)), unsupported, "at most 64");
  check_refused(RSASHA256, rsa_field(odd(2045), odd(2048)), unsupported, "2045 bits");  // the long form
}

TEST_CASE("keys on curves have exact lengths, and ECDSA points lie on the curve") {
  using enum ErrorKind;
  for (auto algorithm : {ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448}) {
    Buffer key = from_base64(example_of(algorithm).public_key);
    CHECK(PublicKey::make(algorithm, key)->octets().size() == key.size());
    check_refused(algorithm, Bytes(key).first(key.size() - 1), malformed, "expected");
    check_refused(algorithm, {}, malformed, "0 octets");
    key.push_back(0);
    check_refused(algorithm, key, malformed, "expected");
  }
  for (auto algorithm : {ECDSAP256SHA256, ECDSAP384SHA384}) {
    Buffer key = from_base64(example_of(algorithm).public_key);
    check_refused(algorithm, Buffer(key.size(), 0), malformed, "on its curve");
    check_refused(algorithm, Buffer(key.size(), 0xff), malformed, "on its curve");
    key.back() ^= 1;
    check_refused(algorithm, key, malformed, "on its curve");
  }
}

TEST_CASE("keys of algorithms that are not computed here are unsupported") {
  for (unsigned number = 0; number < 256; ++number) {
    auto algorithm = static_cast<DnssecAlgorithm>(number);
    auto made = PublicKey::make(algorithm, Buffer(64, 1));
    REQUIRE_FALSE(made);
    CHECK((made.error().kind == ErrorKind::unsupported) == !is_supported(algorithm));
  }
}

TEST_CASE("random octets as key and signature do no harm and verify nothing") {
  Splitmix random(11);
  int keys = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto algorithms = {RSASHA1, RSASHA256, RSASHA512, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448};
    auto algorithm = *(algorithms.begin() + random.below(algorithms.size()));
    Buffer key(random.below(160));
    random.fill(key);
    // Half of them near to something right: a plausible RSA header, or a right length.
    if (i % 2 && key.size() > 80) {
      key[0] = static_cast<std::uint8_t>(1 + random.below(4));
      if (algorithm == ED25519) key.resize(32);
      if (algorithm == ED448) key.resize(57);
    }
    auto made = PublicKey::make(algorithm, key);
    if (!made) {
      CHECK(made.error().what.size() > 10);
      continue;
    }
    ++keys;
    Verifier verifier(*made);
    Buffer signature(random.below(8) ? made->signature_size() : random.below(200));
    random.fill(signature);
    CHECK_FALSE(verifier.verify(key, signature));
  }
  CHECK(keys > 500);
}

TEST_CASE("verifiers of one key work on several threads at once") {
  for (auto algorithm : {RSASHA256, ECDSAP256SHA256, ED25519}) {
    const RfcExample& e = example_of(algorithm);
    Verifier first = verifier_of(e);
    Buffer signature = from_base64(e.signature), bad = signature;
    bad[10] ^= 1;
    std::array<int, 4> wrong{};
    std::vector<std::thread> threads;
    for (int& count : wrong)
      threads.emplace_back([&] {
        Verifier verifier(first.key());
        for (int i = 0; i < 100; ++i) {
          count += !verifier.verify(e.signed_data, signature);
          count += verifier.verify(e.signed_data, bad);
        }
      });
    for (auto& thread : threads) thread.join();
    for (int count : wrong) CHECK(count == 0);
  }
}

TEST_CASE("mnemonics are printed and read") {
  CHECK(print(ECDSAP256SHA256) == "ECDSAP256SHA256");
  CHECK(print(RSASHA1_NSEC3_SHA1) == "RSASHA1-NSEC3-SHA1");
  CHECK(print(static_cast<DnssecAlgorithm>(200)) == "200");
  CHECK(parse_dnssec_algorithm("ed25519") == ED25519);
  CHECK(parse_dnssec_algorithm("NSEC3RSASHA1") == RSASHA1_NSEC3_SHA1);
  for (unsigned number = 0; number < 256; ++number) {
    auto algorithm = static_cast<DnssecAlgorithm>(number);
    CHECK(parse_dnssec_algorithm(print(algorithm)) == algorithm);
    CHECK(parse_dnssec_algorithm(std::to_string(number)) == algorithm);
  }
  for (auto bad : {"", "256", "-1", "8x", "RSASHA", " 8"}) CHECK_FALSE(parse_dnssec_algorithm(bad));
}
