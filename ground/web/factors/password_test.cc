#include "web/factors/password.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "web/factors/common_passwords.h"

using namespace zw;

namespace {

ErrorKind kind_of(const Result<Password>& password) {
  REQUIRE_FALSE(password);
  return password.error().kind;
}

}  // namespace

TEST_CASE("a password typed with combining marks and odd blanks is the same password") {
  auto one = Password::typed("caf\u0065\u0301\u00a0noir"), other = Password::typed("caf\u00e9 noir");
  REQUIRE((one && other));
  CHECK(same_bytes(one->octets(), other->octets()));
}

TEST_CASE("a new password has at least 8 characters, however many octets they take") {
  CHECK(Password::chosen("\u00e9\u00e8\u00ea\u00eb\u00e0\u00e2\u00e4\u00f9"));
  CHECK(kind_of(Password::chosen("\u00e9\u00e8\u00ea\u00eb\u00e0\u00e2\u00e4")) == ErrorKind::refused);
}

TEST_CASE("to sign in with a short password is to be wrong, not to be malformed") {
  CHECK(Password::typed("short"));
  CHECK(Password::typed(""));
}

TEST_CASE("any characters but controls, and no rules of composition") {
  CHECK(Password::chosen("correct horse battery"));
  CHECK(Password::chosen("\u5bc6\u7801\u662f\u4e00\u4e2a\u79d8\u5bc6\u554a"));
  CHECK(kind_of(Password::typed("line\nend over")) == ErrorKind::malformed);
  CHECK(kind_of(Password::typed(std::string("null\0octet", 10))) == ErrorKind::malformed);
  CHECK(kind_of(Password::typed("\xc3(no utf8)")) == ErrorKind::malformed);
}

TEST_CASE("a password of 1024 octets is taken and a longer one is not") {
  std::string text;
  for (int i = 0; text.size() < kMostPasswordOctets; ++i) text += std::to_string(i * i) + "/";
  text.resize(kMostPasswordOctets);
  CHECK(Password::chosen(text));
  CHECK(kind_of(Password::chosen(text + "x")) == ErrorKind::refused);
}

TEST_CASE("the most common passwords are refused in either case") {
  for (const char* text : {"password", "PassWord1", "12345678", "qwertyuiop", "correcthorsebatterystaple"})
    CHECK_MESSAGE(kind_of(Password::chosen(text)) == ErrorKind::refused, text);
}

TEST_CASE("repetitions and runs are refused") {
  for (const char* text :
       {"zzzzzzzzzzz", "abababababab", "xyzwxyzwxyzw", "bcdefghijk", "zyxwvuts", "4567890123", "3210987654"})
    CHECK_MESSAGE(is_common_password(text), text);
  CHECK_FALSE(is_common_password("abcdefghzz"));
}

TEST_CASE("names of the account and the service are refused, also with digits around them") {
  std::array<std::string_view, 3> known = {"Alice.Example", "zonewright", "ab"};
  for (const char* text :
       {"alice.example", "Zonewright", "zonewright2026!", "!!zonewright", "1alice.example1"})
    CHECK_MESSAGE(kind_of(Password::chosen(text, known)) == ErrorKind::refused, text);
  CHECK(Password::chosen("alice likes zonewright", known));
  CHECK(Password::chosen("12345ab!6789", known));
}

TEST_CASE("the list of common passwords is in order, in lower case, and each is long enough to be typed") {
  CHECK(std::is_sorted(kCommonPasswords.begin(), kCommonPasswords.end()));
  CHECK(std::adjacent_find(kCommonPasswords.begin(), kCommonPasswords.end()) == kCommonPasswords.end());
  for (std::string_view word : kCommonPasswords) {
    CHECK(word.size() >= kLeastPasswordCharacters);
    CHECK(std::none_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
  }
}
