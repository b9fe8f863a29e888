#include "base/encoding.h"

#include <doctest/doctest.h>

#include "base/random.h"

using namespace zw;

TEST_CASE("the vectors of RFC 4648 section 10") {
  CHECK(base64(as_bytes("")) == "");
  CHECK(base64(as_bytes("f")) == "Zg==");
  CHECK(base64(as_bytes("fo")) == "Zm8=");
  CHECK(base64(as_bytes("foobar")) == "Zm9vYmFy");
  CHECK(base64url(as_bytes("fo\xff\xfe")) == "Zm___g");
  CHECK(base32hex(as_bytes("foobar")) == "cpnmuoj1e8");
  CHECK(base32hex(as_bytes("fooba")) == "cpnmuoj1");
  CHECK(base16(as_bytes("foobar")) == "666F6F626172");
}

TEST_CASE("what was encoded decodes to the same octets") {
  Splitmix random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    Buffer octets(size), back;
    random.fill(octets);
    CHECK(decode_base16(base16(octets), back));
    CHECK(back == octets);
    back.clear();
    CHECK(decode_base32hex(base32hex(octets), back));
    CHECK(back == octets);
    back.clear();
    CHECK(decode_base64(base64(octets), back));
    CHECK(back == octets);
    back.clear();
    CHECK(decode_base64url(base64url(octets), back));
    CHECK(back == octets);
  }
}

TEST_CASE("text that is no encoding is refused and leaves the buffer as it was") {
  Buffer out = {7};
  CHECK_FALSE(decode_base64("Zg=", out));
  CHECK_FALSE(decode_base64("Zg", out));
  CHECK_FALSE(decode_base64("Zh==", out));  // bits after the last octet
  CHECK_FALSE(decode_base64("Z===", out));
  CHECK_FALSE(decode_base64("Zm9*", out));
  CHECK_FALSE(decode_base64("Zm9vZg==Zm9v", out));
  CHECK_FALSE(decode_base64url("Zg==", out));
  CHECK_FALSE(decode_base64url("Zh", out));
  CHECK_FALSE(decode_base64url("-_+", out));
  CHECK_FALSE(decode_base16("ABC", out));
  CHECK_FALSE(decode_base16("0G", out));
  CHECK_FALSE(decode_base32hex("cpnmuoj1e9", out));
  CHECK_FALSE(decode_base32hex("w", out));
  CHECK(out == Buffer{7});
}
