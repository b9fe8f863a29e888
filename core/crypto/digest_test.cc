#include "crypto/digest.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/random.h"

using namespace zw;

namespace {

std::string hex_of(DigestAlgorithm algorithm, std::string_view message) {
  return base16(digest(algorithm, as_bytes(message)).bytes());
}

std::string nsec3_hash(Bytes name, Bytes salt, std::uint16_t iterations) {
  std::array<std::uint8_t, 20> out;
  sha1_iterated(name, salt, iterations, out);
  return base32hex(out);
}

Buffer wire(std::initializer_list<std::string_view> labels) {
  Buffer out;
  for (auto label : labels) {
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
  }
  out.push_back(0);
  return out;
}

}  // namespace

TEST_CASE("the example digests of FIPS 180-4") {
  using enum DigestAlgorithm;
  CHECK(hex_of(sha1, "abc") == "A9993E364706816ABA3E25717850C26C9CD0D89D");
  CHECK(hex_of(sha224, "abc") == "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7");
  CHECK(hex_of(sha256, "abc") == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
  CHECK(hex_of(sha384, "abc") ==
        "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED"
        "8086072BA1E7CC2358BAECA134C825A7");
  CHECK(hex_of(sha512, "abc") ==
        "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A"
        "2192992A274FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F");
  CHECK(hex_of(sha1, "") == "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709");
  CHECK(hex_of(sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1");
}

TEST_CASE("a digester gives the same for pieces as for the whole, and begins again after each message") {
  Splitmix random(1);
  Buffer message(1000);
  random.fill(message);
  for (auto algorithm : {DigestAlgorithm::sha1, DigestAlgorithm::sha224, DigestAlgorithm::sha256,
                         DigestAlgorithm::sha384, DigestAlgorithm::sha512}) {
    Digester digester(algorithm);
    for (int round = 0; round < 20; ++round) {
      std::size_t cut = random.below(message.size() + 1), end = cut + random.below(message.size() - cut + 1);
      Bytes whole = Bytes(message).first(end), head = whole.first(cut), tail = whole.subspan(cut);
      digester.update(as_bytes("forgotten"));
      digester.reset();
      digester.update(head);
      digester.update(tail);
      Bytes pieces[] = {head, tail};
      Digest once = digest(algorithm, whole);
      CHECK(once.size() == digest_size(algorithm));
      CHECK(digester.finish() == once);
      CHECK(digest(algorithm, pieces) == once);
    }
  }
}

TEST_CASE("a digester that was moved goes on with its message") {
  Digester first(DigestAlgorithm::sha256);
  first.update(as_bytes("a"));
  Digester second = std::move(first);
  second.update(as_bytes("bc"));
  CHECK(second.finish() == digest(DigestAlgorithm::sha256, as_bytes("abc")));
}

TEST_CASE("the one-shot digests of several threads do not mix") {
  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&wrong, t] {
      std::string message(t + 1, 'x');
      Digest expected = Digester(DigestAlgorithm::sha1).finish();
      Digester own(DigestAlgorithm::sha1);
      for (int i = 0; i < 2000; ++i) {
        own.update(as_bytes(message));
        expected = own.finish();
        wrong[t] += digest(DigestAlgorithm::sha1, as_bytes(message)) != expected;
      }
    });
  for (auto& thread : threads) thread.join();
  for (int n : wrong) CHECK(n == 0);
}

TEST_CASE("the hashed owner names of RFC 5155 appendix A") {
  Buffer salt = {0xaa, 0xbb, 0xcc, 0xdd};
  CHECK(nsec3_hash(wire({"example"}), salt, 12) == "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom");
  CHECK(nsec3_hash(wire({"a", "example"}), salt, 12) == "35mthgpgcu1qg68fab165klnsnk3dpvl");
  CHECK(nsec3_hash(wire({"ai", "example"}), salt, 12) == "gjeqe526plbf1g8mklp59enfd789njgi");
  CHECK(nsec3_hash(wire({"ns1", "example"}), salt, 12) == "2t7b4g4vsa5smi47k61mv5bv1a22bojr");
  CHECK(nsec3_hash(wire({"ns2", "example"}), salt, 12) == "q04jkcevqvmu85r014c7dkba38o0ji5r");
  CHECK(nsec3_hash(wire({"w", "example"}), salt, 12) == "k8udemvp1j2f7eg6jebps17vp3n8i58h");
  CHECK(nsec3_hash(wire({"*", "w", "example"}), salt, 12) == "r53bq7cc2uvmubfu5ocmm6pers9tk9en");
  CHECK(nsec3_hash(wire({"x", "w", "example"}), salt, 12) == "b4um86eghhds6nea196smvmlo4ors995");
  CHECK(nsec3_hash(wire({"y", "w", "example"}), salt, 12) == "ji6neoaepv8b5o6k4ev33abha8ht9fgc");
  CHECK(nsec3_hash(wire({"x", "y", "w", "example"}), salt, 12) == "2vptu5timamqttgl4luu9kg21e0aor3s");
  CHECK(nsec3_hash(wire({"xx", "example"}), salt, 12) == "t644ebqk9bibcna874givr6joj62mlhv");
}

TEST_CASE("the iterated hash is the plain one, repeated, for every length of input and salt") {
  Splitmix random(2);
  Buffer input(300), salt(255);
  random.fill(input);
  random.fill(salt);
  for (std::size_t size = 0; size <= 300; ++size)
    for (std::size_t salt_size : {0u, 4u, 34u, 35u, 36u, 255u}) {
      Bytes name = Bytes(input).first(size), extra = Bytes(salt).first(salt_size);
      auto iterations = static_cast<std::uint16_t>(size % 3);
      Bytes pieces[] = {name, extra};
      Digest expected = digest(DigestAlgorithm::sha1, pieces);
      for (int i = 0; i < iterations; ++i) {
        Digest before = expected;
        Bytes again[] = {before.bytes(), extra};
        expected = digest(DigestAlgorithm::sha1, again);
      }
      CHECK(nsec3_hash(name, extra, iterations) == base32hex(expected.bytes()));
    }
}
