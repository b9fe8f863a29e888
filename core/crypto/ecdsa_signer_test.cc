#include "crypto/private_key.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "base/encoding.h"
#include "crypto/rfc_examples.h"

namespace zw {
namespace {

using enum DnssecAlgorithm;
using test::from_base16;

PrivateKey key_of(DnssecAlgorithm algorithm, std::string_view number) {
  return *PrivateKey::parse_bind(
      "Private-key-format: v1.3\nAlgorithm: " + std::to_string(static_cast<int>(algorithm)) +
      "\nPrivateKey: " + base64(from_base16(number)) + "\n");
}

struct Vector {
  std::string_view message, r, s;
};

void check_vectors(const PrivateKey& key, std::initializer_list<Vector> vectors) {
  auto signer = key.make_signer();
  std::vector<Bytes> messages;
  Buffer expected;
  for (const Vector& v : vectors) {
    Buffer signature = from_base16(std::string(v.r) + std::string(v.s));
    CHECK(signer->sign(as_bytes(v.message)).value() == signature);
    messages.push_back(as_bytes(v.message));
    expected.insert(expected.end(), signature.begin(), signature.end());
  }
  Buffer together(expected.size());
  REQUIRE(signer->sign_all(messages, together));
  CHECK(together == expected);
}

TEST_CASE("ECDSA signs as RFC 6979 A.2.5 and A.2.6 do") {
  check_vectors(key_of(ECDSAP256SHA256, "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
                {{"sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                  "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
                 {"test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
                  "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"}});
  check_vectors(
      key_of(
          ECDSAP384SHA384,
          "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5"),
      {{"sample",
        "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
        "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"},
       {"test",
        "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3CF023DB",
        "DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B828246BAA5A5"}});
}

// 130: two full batches and a rest.
TEST_CASE("many signatures at once are those that come one by one, and every one verifies") {
  for (DnssecAlgorithm algorithm : {RSASHA256, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448}) {
    CAPTURE(print(algorithm));
    auto key = PrivateKey::generate(algorithm, 1024);
    REQUIRE(key);
    for (std::size_t count : {0, 1, 2, 64, 65, 130}) {
      if (count > 2 && algorithm != ECDSAP256SHA256) continue;
      std::vector<std::string> texts;
      for (std::size_t i = 0; i < count; ++i) texts.push_back("message " + std::to_string(i * 7919));
      std::vector<Bytes> messages;
      for (const std::string& text : texts) messages.push_back(as_bytes(text));
      auto signer = key->make_signer(), other = key->make_signer();
      Buffer out(count * signer->signature_size());
      REQUIRE(signer->sign_all(messages, out));
      Verifier verifier(key->public_key());
      for (std::size_t i = 0; i < count; ++i) {
        Bytes one = Bytes(out).subspan(i * signer->signature_size(), signer->signature_size());
        CHECK(verifier.verify(messages[i], one));
        CHECK(same_bytes(one, *other->sign(messages[i])));
      }
    }
  }
}

TEST_CASE("with nonces by chance the signatures of ECDSA differ, and verify") {
  auto key = PrivateKey::generate(ECDSAP256SHA256);
  auto signer = key->make_signer(EcdsaNonces::random);
  std::set<Buffer> seen;
  for (int i = 0; i < 8; ++i) {
    seen.insert(*signer->sign(as_bytes("again")));
    CHECK(Verifier(key->public_key()).verify(as_bytes("again"), *signer->sign(as_bytes("again"))));
  }
  CHECK(seen.size() == 8);
}

}  // namespace
}  // namespace zw
