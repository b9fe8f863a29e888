#include "format/unicode.h"

#include <doctest/doctest.h>

using namespace zw;

TEST_CASE("a letter and its combining mark become one code point") {
  CHECK(normal_form_c("caf\u0065\u0301").value() == "caf\u00e9");
  CHECK(normal_form_c("caf\u00e9").value() == "caf\u00e9");
  CHECK(normal_form_c("plain").value() == "plain");
  CHECK(normal_form_c("").value().empty());
  CHECK(normal_form_c("\xff").error().kind == ErrorKind::malformed);
}

TEST_CASE("host names become ASCII in lower case") {
  CHECK(ascii_host_name("Mail.Example").value() == "mail.example");
  CHECK(ascii_host_name("b\u00fccher.example").value() == "xn--bcher-kva.example");
  CHECK(ascii_host_name("B\u00dcCHER.example").value() == "xn--bcher-kva.example");
  CHECK(ascii_host_name("fa\u00df.example").value() == "xn--fa-hia.example");  // IDNA2008 keeps the sharp s
}

TEST_CASE("what is no host name is refused") {
  std::string long_label(64, 'a'), long_name;
  for (int i = 0; i < 64; ++i) long_name += "aaa.";
  for (std::string name :
       {std::string(""), std::string("."), std::string("a..b"), std::string("a."), std::string(".a"),
        std::string("-a.example"), std::string("a-.example"), std::string("a_b.example"),
        std::string("a b.example"), std::string("[192.0.2.1]"), long_label, long_name + "a",
        std::string("a\0b", 3), std::string("\u2603 .example"), std::string("\xff.example"),
        std::string("b\u00fccher.\"x\".example"), std::string("b\u00fccher.\uff02x.example"),
        std::string("b\u00fc@cher.example"), std::string("b\u00fc cher.example")})
    CHECK_MESSAGE(ascii_host_name(name).error().kind == ErrorKind::malformed, name);
}

TEST_CASE("a label is what its reader sees, and no more than is asked for") {
  CHECK(parse_label("u\xcc\x88", 1).value() == "\u00fc");
  CHECK(parse_label("two words", 9).value() == "two words");
  for (const char* bad : {"", "   ", "two words.", "a\nb", "a\xe2\x80\xae", "\xff"})
    CHECK_MESSAGE(parse_label(bad, 9).error().kind == ErrorKind::malformed, bad);
}
