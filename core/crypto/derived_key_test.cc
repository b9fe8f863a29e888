#include "crypto/derived_key.h"

#include <doctest/doctest.h>

#include "base/encoding.h"

using namespace zw;

TEST_CASE("a derived key is the first block of HKDF-Expand") {
  // RFC 5869, test case 3: no info; its OKM begins with this block.
  Buffer key;
  REQUIRE(decode_base16("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04", key));
  CHECK(base16(derive_key(key, "")) == "8DA4E775A563C18F715F802A063C5A31B8A11F5C5EE1879EC3454E5F3C738D2D");
}

TEST_CASE("another use or another key is another derived key") {
  Buffer key(32, 7), other(32, 8);
  CHECK_FALSE(same_bytes(derive_key(key, "a"), derive_key(key, "b")));
  CHECK_FALSE(same_bytes(derive_key(key, "a"), derive_key(other, "a")));
  CHECK(same_bytes(derive_key(key, "a"), derive_key(key, "a")));
}
