#include "dns/address.h"

#include <doctest/doctest.h>

namespace zw {
namespace {

IpAddress ip(std::string_view text) {
  auto parsed = IpAddress::parse(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

TEST_CASE("an IPv4 address and its mapped form are one value") {
  CHECK(ip("::ffff:192.0.2.1") == ip("192.0.2.1"));
  CHECK(ip("::ffff:c000:201").print() == "192.0.2.1");
  CHECK(ip("192.0.2.1").octets().size() == 4);
  CHECK(ip("2001:db8::1").octets().size() == 16);
  CHECK_FALSE(ip("::192.0.2.1").is_v4());
  CHECK(std::hash<IpAddress>()(ip("::ffff:192.0.2.1")) == std::hash<IpAddress>()(ip("192.0.2.1")));
}

TEST_CASE("special addresses are known for what they are") {
  CHECK(ip("0.0.0.0").is_any());
  CHECK(ip("::").is_any());
  CHECK_FALSE(ip("0.0.0.1").is_any());
  CHECK(ip("127.255.0.1").is_loopback());
  CHECK(ip("::1").is_loopback());
  CHECK(ip("::ffff:127.0.0.1").is_loopback());
  CHECK_FALSE(ip("128.0.0.1").is_loopback());
  CHECK(ip("224.0.0.1").is_multicast());
  CHECK(ip("ff02::1").is_multicast());
  CHECK_FALSE(ip("223.255.255.255").is_multicast());
}

TEST_CASE("an address is read in all the ways that people write it, and printed in one") {
  for (auto [text, printed] : {std::pair{"192.0.2.1", "192.0.2.1@53"},
                               {"192.0.2.1@5300", "192.0.2.1@5300"},
                               {"192.0.2.1:5300", "192.0.2.1@5300"},
                               {"2001:DB8::1", "2001:db8::1@53"},
                               {"2001:db8::1@0", "2001:db8::1@0"},
                               {"[2001:db8::1]:65535", "2001:db8::1@65535"},
                               {"[2001:db8::1]", "2001:db8::1@53"},
                               {"::ffff:192.0.2.1@53", "192.0.2.1@53"}}) {
    CAPTURE(text);
    auto address = Address::parse(text, 53);
    REQUIRE(address.has_value());
    CHECK(address->print() == printed);
    CHECK(Address::parse(address->print(), 1) == address);
  }
}

TEST_CASE("what is no address is refused") {
  for (const char* text : {"", "@53", "192.0.2.1@", "192.0.2.1@65536", "192.0.2.1@-1",
                           "192.0.2.1:", "192.0.2.256", "192.0.2", "[192.0.2.1]:53", "[2001:db8::1",
                           "[2001:db8::1]53", "[2001:db8::1]:", "2001:db8::1::", "fe80::1%eth0", "localhost",
                           "192.0.2.1 ", "[]:53", "192.0.2.1@5 3"}) {
    CAPTURE(text);
    CHECK_FALSE(Address::parse(text, 53).has_value());
  }
}

TEST_CASE("a network contains what begins with its bits, within its own family only") {
  auto contains = [](std::string_view network, std::string_view address) {
    return Network::parse(network).value().contains(ip(address));
  };
  CHECK(contains("192.0.2.0/24", "192.0.2.255"));
  CHECK_FALSE(contains("192.0.2.0/24", "192.0.3.0"));
  CHECK(contains("192.0.2.128/25", "192.0.2.129"));
  CHECK_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  CHECK(contains("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(contains("192.0.2.1", "192.0.2.0"));
  CHECK(contains("0.0.0.0/0", "::ffff:255.255.255.255"));
  CHECK_FALSE(contains("0.0.0.0/0", "::1"));
  CHECK(contains("::/0", "2001:db8::1"));
  CHECK_FALSE(contains("::/0", "192.0.2.1"));
  CHECK(contains("::ffff:0:0/96", "192.0.2.1"));
  CHECK(contains("::ffff:192.0.2.0/120", "192.0.2.9"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::"));
}

TEST_CASE("a network is printed as it is read, and slips are told with what was meant") {
  for (const char* text : {"192.0.2.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.0.2.1/32"})
    CHECK(Network::parse(text).value().print() == text);
  CHECK(Network::parse("::ffff:192.0.2.0/120").value().print() == "192.0.2.0/24");
  auto slip = Network::parse("192.0.2.1/24");
  REQUIRE_FALSE(slip.has_value());
  CHECK(slip.error().what.find("192.0.2.0/24") != std::string::npos);
  for (const char* text :
       {"192.0.2.0/33", "::/129", "::ffff:0:0/95", "192.0.2.0/", "/8", "192.0.2.0/-1", "x/8"})
    CHECK_FALSE(Network::parse(text).has_value());
}

}  // namespace
}  // namespace zw
