#include "crypto/sealed.h"

#include <doctest/doctest.h>

namespace zw {

TEST_CASE("a sealed secret opens with its key and its context, and nothing else") {
  Splitmix random(5);
  Buffer key(kSealKeyOctets, 1), other(kSealKeyOctets, 2);
  for (std::size_t size : {0, 1, 20, 1000}) {
    Buffer secret(size, 7);
    Buffer sealed = seal(key, secret, "totp account 17", random);
    auto opened = unseal(key, sealed, "totp account 17");
    REQUIRE(opened.has_value());
    CHECK(same_bytes(*opened, secret));
    CHECK_FALSE(unseal(other, sealed, "totp account 17").has_value());
    CHECK_FALSE(unseal(key, sealed, "totp account 18").has_value());
    for (std::size_t at : {std::size_t{0}, sealed.size() / 2, sealed.size() - 1}) {
      Buffer damaged = sealed;
      damaged[at] ^= 1;
      CHECK_FALSE(unseal(key, damaged, "totp account 17").has_value());
    }
    CHECK_FALSE(unseal(key, Bytes(sealed).first(sealed.size() - 1), "totp account 17").has_value());
    CHECK(seal(key, secret, "totp account 17", random) != sealed);
  }
  CHECK(unseal(key, Buffer(39), "").error().kind == ErrorKind::malformed);
}

}  // namespace zw
