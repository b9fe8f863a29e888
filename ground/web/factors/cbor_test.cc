#include "web/factors/cbor.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/encoding.h"

using namespace zw;

namespace {

Buffer octets_of(std::string_view hex) {
  Buffer out;
  REQUIRE(decode_base16(hex, out));
  return out;
}

std::optional<std::int64_t> integer_of(std::string_view hex) {
  Buffer octets = octets_of(hex);
  return CborReader(octets).integer();
}

bool skips(std::string_view hex) {
  Buffer octets = octets_of(hex);
  CborReader in(octets);
  return in.skip() && in.at_end();
}

}  // namespace

TEST_CASE("integers of RFC 8949 appendix A") {
  CHECK(integer_of("00") == 0);
  CHECK(integer_of("17") == 23);
  CHECK(integer_of("1818") == 24);
  CHECK(integer_of("1903E8") == 1000);
  CHECK(integer_of("1A000F4240") == 1'000'000);
  CHECK(integer_of("1B000000E8D4A51000") == 1'000'000'000'000);
  CHECK(integer_of("20") == -1);
  CHECK(integer_of("390100") == -257);
  CHECK(integer_of("3B7FFFFFFFFFFFFFFF") == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("integers that are longer than they need, cut, or beyond 63 bits are none") {
  for (const char* hex : {"1800", "1817", "190018", "1A0000FFFF", "1B00000000FFFFFFFF", "18", "19FF",
                          "1BFFFFFFFFFFFFFFFF", "3B8000000000000000", "1C", "1F", "40", "60", "A0", "F4", ""})
    CHECK_MESSAGE(!integer_of(hex), hex);
}

TEST_CASE("strings, maps and what is nested are read and stepped over") {
  Buffer octets = octets_of(
      "A2"
      "6161"
      "4201FF"
      "6162"
      "8301A0F6"
      "07");
  CborReader in(octets);
  CHECK(in.map() == 2);
  CHECK(in.text() == "a");
  CHECK(base16(in.octets().value()) == "01FF");
  CHECK(in.text() == "b");
  CHECK(in.skip());
  CHECK(in.integer() == 7);
  CHECK(in.at_end());
}

TEST_CASE("an item of another kind stays where it is") {
  Buffer octets = octets_of("6161");
  CborReader in(octets);
  CHECK_FALSE(in.integer());
  CHECK_FALSE(in.octets());
  CHECK_FALSE(in.map());
  CHECK(in.text() == "a");
}

TEST_CASE("counts are not believed beyond the octets that are left") {
  for (const char* hex : {"9A08000000", "BA08000000", "9BFFFFFFFFFFFFFFFF", "BB8000000000000000",
                          "5BFFFFFFFFFFFFFFFF", "7AFFFFFFFF", "A101", "8201", "420A"})
    CHECK_FALSE(skips(hex));
  Buffer octets = octets_of("A101");
  CHECK_FALSE(CborReader(octets).map());
}

TEST_CASE("what nests deeper than authenticators do, has tags or no definite length is no item") {
  CHECK(skips("81818180"));
  CHECK_FALSE(skips("8181818180"));
  for (const char* hex : {"C001", "9FFF", "BFFF", "5F4101FF", "7FFF", "FF", "F7", "F820", "E0"})
    CHECK_FALSE(skips(hex));
  for (const char* hex : {"F4", "F5", "F6", "F93C00", "FA47C35000", "FB3FF199999999999A"}) CHECK(skips(hex));
}
