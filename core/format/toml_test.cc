#include "format/toml.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace zw {
namespace {

TextPosition where(std::string_view text, TomlLimits limits = {}) {
  auto parsed = parse_toml(text, limits);
  REQUIRE_FALSE(parsed.has_value());
  CHECK_FALSE(parsed.error().what.empty());
  return parsed.error().at;
}

TEST_CASE("every kind of value is read, with the place of key and value") {
  auto toml = parse_toml(
      "name = \"a\\tb\"\n"
      "[server]\n"
      "  port = 53\n"
      "on = true\n"
      "ratio = 0.5\n"
      "from = 2026-07-31T21:00:00+02:00\n"
      "list = [1, 'two', [3]]\n"
      "[[zone]]\n"
      "name = '.'\n"
      "[[zone]]\n"
      "name = 'arpa.'\n");
  REQUIRE(toml.has_value());
  CHECK(*toml->find("name")->text() == "a\tb");
  const Toml* server = toml->find("server");
  REQUIRE(server != nullptr);
  CHECK(*server->find("port")->whole() == 53);
  CHECK(server->find("port")->at() == TextPosition{3, 10});
  CHECK(server->members()[0].at == TextPosition{3, 3});
  CHECK(*server->find("on")->boolean());
  CHECK(*server->find("ratio")->real() == 0.5);
  CHECK(*server->find("from")->time() == *parse_time("2026-07-31T19:00:00Z"));
  CHECK(server->find("list")->items()[1].kind() == "a text");
  CHECK(server->find("list")->items()[1].at() == TextPosition{7, 12});
  REQUIRE(toml->find("zone")->items().size() == 2);
  CHECK(*toml->find("zone")->items()[1].find("name")->text() == "arpa.");
  CHECK(toml->find("zone")->items()[1].at().line == 10);
}

TEST_CASE("members keep the order of the text") {
  auto toml = parse_toml("z = 1\nm = 2\na = 3\n");
  REQUIRE(toml.has_value());
  CHECK(toml->members()[0].key == "z");
  CHECK(toml->members()[2].key == "a");
}

TEST_CASE("errors point at the line and column") {
  CHECK(where("a = 1\nb = \n").line == 2);
  CHECK(where("a = 1\na = 2\n").line == 2);
  CHECK(where("[x]\nc = 'open\n") == TextPosition{2, 10});
  CHECK(where("d = 2026-02-30T00:00:00Z\n").line == 1);
  CHECK(where("e = \"\xff\"\n").line == 1);
}

TEST_CASE("times that mean another moment on every machine are refused") {
  CHECK(where("t = 2026-07-31T19:00:00\n") == TextPosition{1, 5});
  CHECK(where("t = 2026-07-31\n") == TextPosition{1, 5});
  CHECK(where("t = 19:00:00\n") == TextPosition{1, 5});
}

TEST_CASE("quoted and dotted keys stand wherever keys may") {
  auto toml = parse_toml(
      "'a'.b.\"c\" = { 'd' = [1, 'x', { e.'f' = \"y\", g = [\n'z', # c\n'w'\n] }], 'h'.i = 'j' }\n[k . "
      "'l']\n'm' = 1\n"
      "[[\"n\".o]]\n\"p\" = ''\n");
  REQUIRE(toml.has_value());
  CHECK(*toml->find("k")->find("l")->find("m")->whole() == 1);
}

TEST_CASE("a time without digits is an error and not the library's end") {
  CHECK_FALSE(parse_toml("d = 2026-07-31TX\n").has_value());
  CHECK_FALSE(parse_toml("d = 2026-07-31TX").has_value());
}

TEST_CASE("letters beyond ASCII stand in quotes and comments only") {
  CHECK(parse_toml("\xef\xbb\xbfk = '\xc3\xa9' # \xc3\xa9\n\"\xc3\xa9\" = 1\n").has_value());
  CHECK(where("k = 1\n\xd2\x85 = 2\n") == TextPosition{2, 1});
  CHECK(where("n = 2.5\"\"\"\xd2\x96\"\"\"\n") == TextPosition{1, 8});
  CHECK(where("n = 2.\"\"\"\xd2\x96\"\"\"\n") == TextPosition{1, 7});
  CHECK(where("n = -x=\"\xd2\x96\"\n") == TextPosition{1, 7});
  CHECK(where("n = -x[\"\xd2\x96\"\n") == TextPosition{1, 7});
  CHECK(where("n = 'x'{\"\xd2\x96\"\n") == TextPosition{1, 8});
  CHECK(where("n = [1 2\xd2\x85]\n").line == 1);
  CHECK(parse_toml("k = \"\"\"a \\\n  \xc3\xa9\"\"\"\n")->find("k")->text() == "a \xc3\xa9");
}

TEST_CASE("depth is held to its limit before the parser recurses") {
  auto arrays = [](std::size_t depth) {
    return "a = " + std::string(depth, '[') + std::string(depth, ']') + "\n";
  };
  auto dotted = [](std::size_t parts) {
    std::string key = "a";
    while (--parts > 0) key += ".a";
    return key;
  };
  TomlLimits limits{.octets = 1 << 20, .depth = 10};
  CHECK(parse_toml(arrays(9), limits).has_value());
  CHECK(where(arrays(11), limits) == TextPosition{1, 15});
  CHECK(where(arrays(500000), limits).line == 1);
  CHECK(parse_toml(dotted(9) + " = 1\n", limits).has_value());
  CHECK(where(dotted(11) + " = 1\n", limits).column == 20);
  CHECK(where("[" + dotted(400000) + "]\n", limits).line == 1);
  CHECK(where("[" + dotted(9) + "]\n" + dotted(9) + " = 1\n", limits).line == 2);
  CHECK(where("a = " + std::string(300000, '{'), limits).line == 1);
}

TEST_CASE("brackets and dots inside strings and comments do not count") {
  std::string many(100, '['), dots(100, '.');
  TomlLimits limits{.octets = 1 << 20, .depth = 4};
  CHECK(parse_toml("a = \"" + many + dots + "\\\"" + many + "\" # " + many + "\nb = '" + many + "'\n", limits)
            .has_value());
  CHECK(parse_toml("a = \"\"\"\n" + many + "\n\"\\\"" + many + "\"\"\"\"\"\nb = '''" + many + "\n''" + many +
                       "'''\n",
                   limits)
            .has_value());
  CHECK(parse_toml("a = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]\n", limits).has_value());
}

TEST_CASE("a text above the size limit is refused unread") {
  auto parsed = parse_toml(std::string(101, '#'), {.octets = 100, .depth = 4});
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().what.find("100") != std::string::npos);
  CHECK(parse_toml(std::string(100, '#'), {.octets = 100, .depth = 4}).has_value());
}

TEST_CASE("printed text is read back as it was") {
  for (const char* text :
       {"", "plain", "quote\" back\\slash", "line\nfeed\ttab\x7f", "\xe2\x80\xae", "\xc3\xa9"}) {
    auto toml = parse_toml("k = " + print_toml(text) + "\n");
    REQUIRE(toml.has_value());
    CHECK(*toml->find("k")->text() == text);
  }
}

TEST_CASE("damaged TOML gives a value or an error, never anything else") {
  std::string good =
      "a.b = \"x\\u00e9\" # c\n[s.'t']\nn = [1, 2.5, {x = 'y'}]\nd = 2026-07-31T19:00:00Z\n[[z]]\nm = "
      "\"\"\"\na\"\"\"\n";
  Splitmix random(5);
  const std::string_view alphabet = "\"'[]{}.=#\n\\, a1-:TZ\r\t\xff\x00";
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = good;
    for (std::size_t n = 1 + random.below(4); n > 0; --n)
      text[random.below(text.size())] = alphabet[random.below(alphabet.size())];
    text.resize(random.below(8) ? text.size() : random.below(text.size()));
    read += parse_toml(text).has_value();
  }
  CHECK(read > 0);
  CHECK(read < 20000);
}

}  // namespace
}  // namespace zw
