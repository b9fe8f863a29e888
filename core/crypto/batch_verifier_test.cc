#include "crypto/batch_verifier.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/encoding.h"
#include "base/random.h"
#include "crypto/p256_multiples.h"
#include "crypto/private_key.h"
#include "crypto/rfc_examples.h"

namespace zw {
namespace {

using enum DnssecAlgorithm;
using test::from_base16;

constexpr std::string_view kOrder = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

// a - b and a + b of numbers of 32 octets, without regard to what is lost above.
Buffer difference(const Buffer& a, const Buffer& b) {
  Buffer out(a);
  int borrow = 0;
  for (std::size_t i = out.size(); i-- > 0;) {
    int digit = a[i] - b[i] - borrow;
    borrow = digit < 0;
    out[i] = static_cast<std::uint8_t>(digit);
  }
  return out;
}

Buffer joined(Bytes a, Bytes b) {
  Buffer out(a.begin(), a.end());
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

struct Case {
  Buffer data, signature;
};

/// A good signature, or one that somebody has been at.
class Cases {
 public:
  Cases(const PrivateKey& key, std::uint64_t seed)
      : random_(seed), signer_(key.make_signer(EcdsaNonces::random)), order_(from_base16(kOrder)) {}

  Case next() {
    Case out;
    out.data.resize(random_.below(200));
    random_.fill(out.data);
    out.signature = *signer_->sign(out.data);
    change(out, random_.below(20));
    return out;
  }

 private:
  Buffer r(const Case& c) { return {c.signature.begin(), c.signature.begin() + 32}; }
  Buffer s(const Case& c) { return {c.signature.begin() + 32, c.signature.end()}; }
  void change(Case& c, std::uint64_t how) {
    static const Buffer kZero(32, 0), kAll(32, 0xff);
    switch (how) {
      case 0: c.signature[random_.below(64)] ^= static_cast<std::uint8_t>(1 << random_.below(8)); break;
      case 1: c.data.push_back(0); break;
      case 2: c.signature = joined(r(c), difference(order_, s(c))); break;  // -s is as good as s
      case 3: c.signature = joined(difference(order_, r(c)), s(c)); break;
      case 4: c.signature = joined(s(c), r(c)); break;
      case 5: c.signature = joined(kZero, s(c)); break;
      case 6: c.signature = joined(r(c), kZero); break;
      case 7: c.signature = joined(order_, s(c)); break;
      case 8: c.signature = joined(r(c), order_); break;
      case 9: c.signature = joined(r(c), kAll); break;
      case 10: c.signature.pop_back(); break;
      case 11: c.signature.push_back(0); break;
      case 12: c.signature.clear(); break;
      case 13: random_.fill(c.signature); break;
      default: break;  // good
    }
  }
  Splitmix random_;
  std::unique_ptr<Signer> signer_;
  Buffer order_;
};

struct Counts {
  std::size_t good = 0, bad = 0, other = 0;
};

/// Holds the verdicts of `count` cases against those of Verifier.
Counts compare(const PrivateKey& signs, const PublicKey& judges, std::size_t count, std::uint64_t seed) {
  Cases cases(signs, seed);
  BatchVerifier batch{BatchKey(judges)};
  Verifier one(judges);
  Counts counts;
  Splitmix sizes(seed);
  while (count > 0) {
    std::vector<Case> some(std::min<std::size_t>(count, 1 + sizes.below(1500)));
    std::vector<BatchVerifier::Item> items;
    for (Case& c : some) c = cases.next();
    for (const Case& c : some) items.push_back({c.data, c.signature, true});
    batch.verify(items);
    for (const auto& item : items) {
      bool expected = one.verify(item.data, item.signature);
      ++(item.good != expected ? counts.other : expected ? counts.good : counts.bad);
    }
    count -= some.size();
  }
  return counts;
}

std::size_t wanted(std::size_t otherwise) {
  const char* text = std::getenv("ZW_SIGNATURES");
  return text ? std::strtoul(text, nullptr, 10) : otherwise;
}

TEST_CASE("many verdicts at once are those of libcrypto") {
  auto key = PrivateKey::generate(ECDSAP256SHA256);
  Counts counts = compare(*key, key->public_key(), wanted(4000), 1);
  CHECK(counts.other == 0);
  CHECK(counts.good > counts.bad / 4);
  CHECK(counts.bad > counts.good / 4);
}

TEST_CASE("nothing by another key is good") {
  auto key = PrivateKey::generate(ECDSAP256SHA256), other = PrivateKey::generate(ECDSAP256SHA256);
  Counts counts = compare(*key, other->public_key(), 500, 2);
  CHECK(counts.other == 0);
  CHECK(counts.good == 0);
}

TEST_CASE("other algorithms are verified all the same") {
  for (DnssecAlgorithm algorithm : {RSASHA256, ECDSAP384SHA384, ED25519}) {
    auto key = PrivateKey::generate(algorithm, 1024);
    auto signer = key->make_signer();
    Buffer data = {1, 2, 3}, signature = *signer->sign(data), broken = signature;
    broken.back() ^= 1;
    BatchVerifier::Item items[] = {{data, signature}, {data, broken}, {Bytes(data).first(2), signature}};
    BatchVerifier{BatchKey(key->public_key())}.verify(items);
    CHECK(items[0].good);
    CHECK_FALSE(items[1].good);
    CHECK_FALSE(items[2].good);
  }
}

// With the private key 1 the public one is the generator, and r = -e makes (e/s) G + (r/s) Q nothing at all.
TEST_CASE("a sum that is the point at infinity is no signature") {
  Buffer one(32, 0);
  one[31] = 1;
  auto key =
      PrivateKey::parse_bind("Private-key-format: v1.3\nAlgorithm: 13\nPrivateKey: " + base64(one) + "\n");
  REQUIRE(key);
  std::vector<Case> cases;
  for (std::uint8_t i = 0; i < 64; ++i) {
    Case c;
    c.data = {i};
    Digest e = digest(DigestAlgorithm::sha256, c.data);
    Buffer s(32, 0);
    s[31] = static_cast<std::uint8_t>(i + 1);
    c.signature = joined(difference(from_base16(kOrder), {e.bytes().begin(), e.bytes().end()}), s);
    cases.push_back(c);
  }
  Cases good(*key, 3);
  for (int i = 0; i < 64; ++i) cases.push_back(good.next());
  std::vector<BatchVerifier::Item> items;
  for (const Case& c : cases) items.push_back({c.data, c.signature, true});
  BatchVerifier{BatchKey(key->public_key())}.verify(items);
  Verifier verifier(key->public_key());
  for (const auto& item : items) CHECK(item.good == verifier.verify(item.data, item.signature));
  CHECK(std::none_of(items.begin(), items.begin() + 64, [](const auto& item) { return item.good; }));
}

TEST_CASE("sums of points that have the same x are left to others") {
  const p256::Multiples& multiples = p256::multiples_of_generator();
  p256::Sums sums;
  sums.begin(3);
  for (bool negative : {false, true}) {
    sums.set(0, &multiples.get(0, 5), false);
    sums.set(1, &multiples.get(0, 5), negative);
    sums.set(2, nullptr, false);
    sums.add();
  }
  CHECK(sums.state(0) == p256::Sums::State::odd);
  CHECK(sums.state(1) == p256::Sums::State::odd);
  CHECK(sums.state(2) == p256::Sums::State::nothing);
}

TEST_CASE("multiples add up however they are reached, and a scalar is the sum of its digits") {
  const p256::Multiples& multiples = p256::multiples_of_generator();
  auto sum = [&](const p256::Number& scalar) {
    p256::Sums sums;
    sums.begin(1);
    p256::Digits digits = p256::digits_of(scalar);
    for (std::size_t step = 0; step < p256::Multiples::kSteps; ++step) {
      int digit = digits[step];
      CHECK(digit >= -127);
      CHECK(digit <= 128);
      sums.set(0, digit ? &multiples.get(step, static_cast<std::size_t>(std::abs(digit))) : nullptr,
               digit < 0);
      sums.add();
    }
    REQUIRE(sums.state(0) == p256::Sums::State::point);
    return sums.sum(0);
  };
  for (std::uint64_t number : {1, 2, 127, 128}) CHECK(sum({number, 0, 0, 0}).x == multiples.get(0, number).x);
  CHECK(sum({0x8000, 0, 0, 0}).y == multiples.get(1, 128).y);
  // (n - 1) G is -G.
  p256::Number last = p256::kN;
  --last[0];
  CHECK(sum(last).x == p256::kGenerator.x);
  CHECK(sum(last).y == p256::subtract<p256::kP>({}, p256::kGenerator.y));
}

}  // namespace
}  // namespace zw
