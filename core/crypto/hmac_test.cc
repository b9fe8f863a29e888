#include "crypto/hmac.h"

#include <doctest/doctest.h>

#include <string>

#include "base/encoding.h"
#include "base/random.h"

using namespace zw;

namespace {

std::string hex_of(HmacAlgorithm algorithm, Bytes key, std::string_view message) {
  auto hmac = Hmac::make(algorithm, key);
  REQUIRE(hmac);
  hmac->update(as_bytes(message));
  return base16(hmac->finish());
}

}  // namespace

TEST_CASE("the vectors of RFC 2202: MD5 and SHA-1") {
  using enum HmacAlgorithm;
  CHECK(hex_of(md5, Buffer(16, 0x0b), "Hi There") == "9294727A3638BB1C13F48EF8158BFC9D");
  CHECK(hex_of(md5, as_bytes("Jefe"), "what do ya want for nothing?") == "750C783E6AB0B503EAA86E310A5DB738");
  CHECK(hex_of(sha1, Buffer(20, 0x0b), "Hi There") == "B617318655057264E28BC0B6FB378C8EF146BE00");
  CHECK(hex_of(sha1, as_bytes("Jefe"), "what do ya want for nothing?") ==
        "EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79");
  CHECK(hex_of(sha1, Buffer(80, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "AA4AE5E15272D00E95705637CE8A3B55ED402112");
}

TEST_CASE("the vectors of RFC 4231: SHA-2") {
  using enum HmacAlgorithm;
  Buffer key1(20, 0x0b);
  CHECK(hex_of(sha224, key1, "Hi There") == "896FB1128ABBDF196832107CD49DF33F47B4B1169912BA4F53684B22");
  CHECK(hex_of(sha256, key1, "Hi There") ==
        "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7");
  CHECK(hex_of(sha384, key1, "Hi There") ==
        "AFD03944D84895626B0825F4AB46907F15F9DADBE4101EC682AA034C7CEBC59C"
        "FAEA9EA9076EDE7F4AF152E8B2FA9CB6");
  CHECK(hex_of(sha512, key1, "Hi There") ==
        "87AA7CDEA5EF619D4FF0B4241A1D6CB02379F4E2CE4EC2787AD0B30545E17CDE"
        "DAA833B7D6B8A702038B274EAEA3F4E4BE9D914EEB61F1702E696C203A126854");
  CHECK(hex_of(sha256, as_bytes("Jefe"), "what do ya want for nothing?") ==
        "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843");
  CHECK(hex_of(sha256, Buffer(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54");
}

TEST_CASE("an empty key is a key") {
  // HMAC of the empty message under the empty key, as published with RFC 2104's construction over SHA-256.
  CHECK(hex_of(HmacAlgorithm::sha256, {}, "") ==
        "B613679A0814D9EC772F95D778C35FC5FF1697C493715653C6C712144292C5AD");
}

TEST_CASE("one keyed HMAC serves many messages, each in pieces") {
  Splitmix random(4);
  Buffer key(37), message(500);
  random.fill(key);
  random.fill(message);
  for (auto algorithm : {HmacAlgorithm::md5, HmacAlgorithm::sha1, HmacAlgorithm::sha224,
                         HmacAlgorithm::sha256, HmacAlgorithm::sha384, HmacAlgorithm::sha512}) {
    Hmac hmac = *Hmac::make(algorithm, key);
    CHECK(hmac.size() == hmac_size(algorithm));
    for (int round = 0; round < 20; ++round) {
      std::size_t cut = random.below(message.size() + 1);
      hmac.update(as_bytes("forgotten"));
      hmac.reset();
      hmac.update(Bytes(message).first(cut));
      hmac.update(Bytes(message).subspan(cut));
      CHECK(base16(hmac.finish()) == hex_of(algorithm, key, as_text(message)));
    }
  }
}

TEST_CASE("one HMAC serves many keys, one after another") {
  Hmac hmac = *Hmac::make(HmacAlgorithm::sha256, as_bytes("first"));
  for (std::string_view key :
       {"second", "", "a third one, longer than a block of 64 octets, so that it is hashed first"}) {
    hmac.update(as_bytes("forgotten"));
    hmac.set_key(as_bytes(key));
    for (int round = 0; round < 2; ++round) {
      hmac.update(as_bytes("message"));
      CHECK(base16(hmac.finish()) == hex_of(HmacAlgorithm::sha256, as_bytes(key), "message"));
    }
  }
}

TEST_CASE("the constant-time comparison compares") {
  Buffer a = {1, 2, 3}, b = {1, 2, 3}, c = {1, 2, 4};
  CHECK(constant_time_equal(a, b));
  CHECK_FALSE(constant_time_equal(a, c));
  CHECK_FALSE(constant_time_equal(a, Bytes(b).first(2)));
  CHECK(constant_time_equal({}, {}));
}

TEST_CASE("a wiped secret is zero") {
  Buffer secret = {1, 2, 3};
  wipe(secret);
  CHECK(secret == Buffer(3, 0));
}
