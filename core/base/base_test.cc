#include <doctest/doctest.h>

#include "base/bytes.h"
#include "base/random.h"
#include "base/serial.h"
#include "base/time.h"

using namespace zw;

TEST_CASE("serials wrap around (RFC 1982 section 5)") {
  CHECK(Serial(1) > Serial(0));
  CHECK(Serial(0) > Serial(0xffffffff));
  CHECK(Serial(0x7fffffff) > Serial(0));
  CHECK(Serial(0x80000001) < Serial(0));
  CHECK((Serial(0x80000000) <=> Serial(0)) == std::partial_ordering::unordered);
  CHECK(Serial(0xffffffff).next() == Serial(0));
}

TEST_CASE("times are read in three forms and printed in one") {
  auto t = parse_time("2026-08-05T01:02:03Z");
  REQUIRE(t);
  CHECK(print_time(*t) == "2026-08-05T01:02:03Z");
  CHECK(parse_time("20260805010203") == t);
  CHECK(parse_time("1785891723") == t);
  CHECK(parse_time("2026-08-05T01:02Z") == *t - Seconds(3));
  for (auto bad : {"", "x", "2026-13-05T01:02:03Z", "2026-08-05", "2026-02-30T00:00:00Z", "20260805010203x"})
    CHECK_FALSE(parse_time(bad));
}

TEST_CASE("a 32-bit time stamp means the moment nearest to the reference (RFC 4034 section 3.1.5)") {
  WallTime y2105 = *parse_time("2105-12-31T00:00:00Z");
  auto stamp = static_cast<std::uint32_t>((y2105 + Seconds(86400 * 90)).time_since_epoch().count());
  CHECK(nearest_time(stamp, y2105) == y2105 + Seconds(86400 * 90));
}

TEST_CASE("network byte order is big-endian") {
  std::uint8_t p[8] = {};
  set48(p, 0x010203040506);
  CHECK(p[0] == 1);
  CHECK(p[5] == 6);
  CHECK(get48(p) == 0x010203040506);
  CHECK(get16(p) == 0x0102);
  CHECK(get32(p) == 0x01020304);
}

TEST_CASE("a number below a bound stays below it") {
  Splitmix random(3);
  for (int i = 0; i < 1000; ++i) CHECK(random.below(7) < 7);
}
