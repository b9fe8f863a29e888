#include "crypto/password_hash.h"

#include <doctest/doctest.h>

using namespace zw;

namespace {

constexpr PasswordCost kQuick{1, 64 << 10};

}  // namespace

TEST_CASE("a password matches its own hash and no other does") {
  auto hash = hash_password(as_bytes("correct horse"), kQuick);
  REQUIRE(hash);
  CHECK(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  CHECK(matches_password(*hash, as_bytes("correct horse")) == true);
  CHECK(matches_password(*hash, as_bytes("correct horsf")) == false);
  CHECK(matches_password(*hash, as_bytes("")) == false);
}

TEST_CASE("each hash has a salt of its own") {
  CHECK(hash_password(as_bytes("same"), kQuick).value() != hash_password(as_bytes("same"), kQuick).value());
}

TEST_CASE("a hash made by the reference implementation is read") {
  // argon2 2018-09: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1, as in the tests of its
  // authors.
  std::string known =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  CHECK(cost_of(known).value() == PasswordCost{2, std::size_t{64} << 20});
  CHECK(matches_password(known, as_bytes("password")) == true);
  CHECK(matches_password(known, as_bytes("differentpassword")) == false);
}

TEST_CASE("a hash tells its cost") {
  CHECK(cost_of(hash_password(as_bytes("x"), kQuick).value()).value() == kQuick);
}

TEST_CASE("what is no hash of ours, or asks for too much, is told apart from a wrong password") {
  for (const char* text :
       {"", "plain", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFh", "$argon2id$v=19$m=64,t=1,p=2$a$b",
        "$argon2id$v=19$m=,t=1,p=1$a$b", "$argon2id$v=19$m=64,t=1,p=1$!$!"}) {
    auto matches = matches_password(text, as_bytes("x"));
    REQUIRE_FALSE(matches);
    CHECK(matches.error().kind == ErrorKind::malformed);
  }
  auto greedy = matches_password("$argon2id$v=19$m=4000000,t=1,p=1$c29tZXNhbHQ$CTFh", as_bytes("x"));
  REQUIRE_FALSE(greedy);
  CHECK(greedy.error().kind == ErrorKind::limit);
  CHECK(hash_password(as_bytes("x"), {0, 1 << 20}).error().kind == ErrorKind::limit);
  CHECK(hash_password(as_bytes("x"), {1, 1 << 10}).error().kind == ErrorKind::limit);
}
