#include "format/json.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/random.h"
#include "format/utf8.h"

namespace zw {
namespace {

std::string written(std::string_view text) {
  std::string out;
  append_json(out, text);
  return out;
}

TEST_CASE("objects and arrays get their commas where JSON wants them") {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("zone", ".").member("serial", 2026073102u).member("ok", true).key("why").null();
  json.key("list").begin_array().value(-1).value(1.5).begin_object().end_object().begin_array().end_array();
  json.end_array().member("none", std::optional<int>()).member("some", std::optional(7)).end_object();
  CHECK(out == R"({"zone":".","serial":2026073102,"ok":true,"why":null,"list":[-1,1.5,{},[]],"none":null,)"
               R"("some":7})");
}

TEST_CASE("numbers at the edges survive, and what JSON cannot say is null") {
  std::string out;
  JsonWriter json(out);
  json.begin_array().value(std::numeric_limits<std::int64_t>::min());
  json.value(std::numeric_limits<std::uint64_t>::max()).value(0.1).value(1e300).value(-0.0).value(3.0);
  json.value(std::numeric_limits<double>::infinity()).value(std::numeric_limits<double>::quiet_NaN());
  json.end_array();
  CHECK(out == "[-9223372036854775808,18446744073709551615,0.1,1e+300,-0.0,3.0,null,null]");
  auto back = parse_json(out);
  REQUIRE(back.has_value());
  CHECK(back->items()[0].whole() == std::numeric_limits<std::int64_t>::min());
  CHECK(back->items()[1].natural() == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(back->items()[1].whole().has_value());
  CHECK_FALSE(back->items()[0].natural().has_value());
  CHECK(back->items()[3].number() == 1e300);
}

TEST_CASE("text that could end the string, the line or the page is escaped") {
  CHECK(written("a\"b\\c\n\t\x01\x7f</script>") == "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\\u003c/script>\"");
  CHECK(written("\xe2\x80\xa8 \xc2\x85 \xc3\xa9") == "\"\\u2028 \\u0085 \xc3\xa9\"");
  CHECK(written("\xff\xc0\xaf\xed\xa0\x80") ==
        "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("any text that is UTF-8 comes back from the reader as it was") {
  Splitmix random(3);
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (std::size_t n = random.below(20); n > 0; --n) {
      auto point = static_cast<char32_t>(random.below(random.below(2) ? 0x80 : 0x110000));
      if (point < 0xD800 || point > 0xDFFF) append_utf8(text, point);
    }
    REQUIRE(is_utf8(text));
    auto back = parse_json(written(text));
    REQUIRE(back.has_value());
    CHECK(*back->text() == text);
  }
}

TEST_CASE("members are found by name and keep their order") {
  auto json = parse_json(R"( {"b": 1, "a": [true, null, "x"], "c": {"d": 2.5}} )");
  REQUIRE(json.has_value());
  CHECK(json->members()[0].key == "b");
  CHECK(json->find("b")->whole() == 1);
  CHECK(*json->find("a")->items()[0].boolean());
  CHECK(json->find("a")->items()[1].is_null());
  CHECK(json->find("c")->find("d")->number() == 2.5);
  CHECK(json->find("absent") == nullptr);
  CHECK(json->find("b")->find("x") == nullptr);
}

TEST_CASE("what is no JSON is refused") {
  for (const char* text :
       {"", "{", "[1,]", "{\"a\":1,}", "nul", "01", "1 2", "\"\x01\"", "\"\\x\"", "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}", "\"\xff\"", "[1", "\"\\ud800\"", "{1:2}", "NaN", "[\"a]"}) {
    CAPTURE(text);
    auto json = parse_json(text);
    REQUIRE_FALSE(json.has_value());
    CHECK(json.error().kind == ErrorKind::malformed);
  }
}

TEST_CASE("size and depth are held to their limits exactly") {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_json(nested(5), {.octets = 100, .depth = 5}).has_value());
  CHECK(parse_json(nested(6), {.octets = 100, .depth = 5}).error().kind == ErrorKind::limit);
  CHECK(parse_json(nested(500000), {.octets = 1 << 20, .depth = 200}).error().kind == ErrorKind::limit);
  CHECK(parse_json("[1,2]", {.octets = 5, .depth = 5}).has_value());
  CHECK(parse_json("[1,2] ", {.octets = 5, .depth = 5}).error().kind == ErrorKind::limit);
}

TEST_CASE("damaged JSON gives a value or an error, never anything else") {
  std::string good = R"({"zones":[{"name":".","serial":2026073102,"when":"x\u00e9"},-1.5e3,true,null,[[]]]})";
  Splitmix random(11);
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = good;
    for (std::size_t n = 1 + random.below(3); n > 0; --n)
      text[random.below(text.size())] = static_cast<char>(random.next());
    text.resize(random.below(8) ? text.size() : random.below(text.size()));
    read += parse_json(text).has_value();
  }
  CHECK(read > 0);
  CHECK(read < 20000);
}

TEST_CASE("foreign text is shown on one line and cannot hide or turn what stands beside it") {
  CHECK(quote_foreign("plain \xc3\xa9") == "\"plain \xc3\xa9\"");
  CHECK(quote_foreign("a\nb\r\x1b[2J\"\\") == "\"a\\nb\\u{d}\\u{1b}[2J\\\"\\\\\"");
  CHECK(quote_foreign("\xe2\x80\xae"
                      "abc\xff") == "\"\\u{202e}abc\\xff\"");
  CHECK(quote_foreign("abcdef", 3) == "\"abc...\"");
}

TEST_CASE("UTF-8 is read by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF") {
  for (const char* good : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    CHECK(is_utf8(good));
  for (const char* bad : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xc2", "\xe2\x82", "\xf0\x90\x80", "\xff", "\xc2\x41"})
    CHECK_FALSE(is_utf8(bad));
}

}  // namespace
}  // namespace zw
