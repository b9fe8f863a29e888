#include "web/http_fields.h"

#include <doctest/doctest.h>

#include <limits>

namespace zw {
namespace {

using Kind = RangeWish::Kind;

RangeWish part(std::size_t first, std::size_t count) { return {Kind::part, {first, count}}; }

TEST_CASE("codings are as welcome as Accept-Encoding says (RFC 9110 §12.5.3)") {
  // identity, gzip, zstd
  const std::pair<const char*, CodingWishes> cases[] = {
      {"", {1, 0, 0}},
      {"gzip", {1, 1000, 0}},
      {"GZIP, zstd", {1, 1000, 1000}},
      {"x-gzip", {1, 1000, 0}},
      {"gzip;q=0.5 , zstd; q=0.25;", {1, 500, 0}},  // `0.25;` is no weight
      {"gzip;q=0.5 , zstd;\tq=0.25", {1, 500, 250}},
      {"gzip;q=0", {1, 0, 0}},
      {"gzip;q=1.000, zstd;q=0.001", {1, 1000, 1}},
      {"gzip;q=1.001", {1, 0, 0}},
      {"gzip;q=2, zstd;q=0.1234, identity;q=", {1, 0, 0}},
      {"*", {1000, 1000, 1000}},
      {"*;q=0", {0, 0, 0}},
      {"identity;q=0, *", {0, 1000, 1000}},
      {"zstd, *;q=0.1", {100, 100, 1000}},
      {"identity", {1000, 0, 0}},
      {"br, deflate", {1, 0, 0}},
      {",,, ,gzip,,", {1, 1000, 0}},
      {"gzip;level=3", {1, 0, 0}},
      {";q=1,=,;;=;,q=1", {1, 0, 0}},
  };
  for (const auto& [field, wishes] : cases) {
    CAPTURE(field);
    CHECK(parse_accept_encoding(field) == wishes);
  }
  CHECK(parse_accept_encoding(std::nullopt) == CodingWishes{1, 0, 0});
}

TEST_CASE("a tag is found in a list, weak ones only where weak ones count (RFC 9110 §8.8.3)") {
  auto strong = [](std::string_view list) { return has_entity_tag(list, "7-gzip", TagComparison::strong); };
  auto weak = [](std::string_view list) { return has_entity_tag(list, "7-gzip", TagComparison::weak); };
  for (const char* list :
       {"\"7-gzip\"", " \"7\" ,\t\"7-gzip\"", "*", " * ", ",,\"a,b\",\"7-gzip\",", "W/\"x\", \"7-gzip\""}) {
    CAPTURE(list);
    CHECK(strong(list));
    CHECK(weak(list));
  }
  CHECK(weak("W/\"7-gzip\""));
  CHECK_FALSE(strong("W/\"7-gzip\""));
  for (const char* list : {"", ",", "\"7\"", "7-gzip", "\"7-gzip", "\"7-gzipx\"", "w/\"7-gzip\"", "W/", "**",
                           "x\"7-gzip\"", "\"", "\"\"", "* , \"x\""}) {
    CAPTURE(list);
    CHECK_FALSE(strong(list));
    CHECK_FALSE(weak(list));
  }
}

TEST_CASE("one range of octets is understood in its three forms (RFC 9110 §14.1.2)") {
  CHECK(parse_range("bytes=0-0", 100) == part(0, 1));
  CHECK(parse_range("bytes=0-99", 100) == part(0, 100));
  CHECK(parse_range("bytes=10-", 100) == part(10, 90));
  CHECK(parse_range("BYTES = 10 - 1000 ", 100) == part(10, 90));
  CHECK(parse_range("bytes=-1", 100) == part(99, 1));
  CHECK(parse_range("bytes=-1000", 100) == part(0, 100));
  CHECK(parse_range("bytes=5-99999999999999999999999999", 100) == part(5, 95));
  CHECK(parse_range("bytes=-99999999999999999999999999", 100) == part(0, 100));
}

TEST_CASE("octets that are not there are told so, and what is no range is no wish") {
  for (const char* field : {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"}) {
    CAPTURE(field);
    CHECK(parse_range(field, 100).kind == Kind::unsatisfiable);
  }
  CHECK(parse_range("bytes=0-", 0).kind == Kind::unsatisfiable);
  for (const char* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "bytes=1-2,5-6", "bytes=--5",
        "bytes=1-2-3", "bytes=+1-2", "bytes=1 2-3", "rows=1-2", "=1-2", "bytes=0x1-2"}) {
    CAPTURE(field);
    CHECK(parse_range(field, 100) == RangeWish());
  }
}

TEST_CASE("dates are read in their three forms and written in the first (RFC 9110 §5.6.7)") {
  WallTime when(Seconds(784'111'777));
  CHECK(print_http_date(when) == "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    CAPTURE(text);
    CHECK(parse_http_date(text) == when);
  }
  for (std::int64_t seconds : {0L, 1'785'542'400L, 4'102'444'799L}) {
    WallTime then{Seconds(seconds)};
    CHECK(parse_http_date(print_http_date(then)) == then);
  }
  CHECK(parse_http_date("Saturday, 01-Aug-26 00:00:00 GMT") == WallTime(Seconds(1'785'542'400)));
}

TEST_CASE("what is no date is none") {
  for (const char* text :
       {"", "Sun", "Sun,", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun Nov 06 08:49:37 1994 ",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sunday, 06-Nov-1994 08:49:37 GMT", "0", "784111777"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text).has_value());
  }
}

}  // namespace

TEST_CASE("a bearer token is what stands behind its scheme") {
  CHECK(bearer_token("Bearer abc") == "abc");
  CHECK(bearer_token("bEARER   abc") == "abc");
  for (const char* none : {"", "Bearer", "Basic abc", "Bearers abc", "abc"}) CHECK_FALSE(bearer_token(none));
}
}  // namespace zw
