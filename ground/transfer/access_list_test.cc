#include "transfer/access_list.h"

#include <doctest/doctest.h>

using namespace zw;

namespace {

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }
Network network(std::string_view text) { return *Network::parse(text); }
Name name(std::string_view text) { return *Name::parse(text); }

}  // namespace

TEST_CASE("an empty list lets nobody in") {
  CHECK(AccessList().decide({ip("192.0.2.1"), {}}) == Access::no_rule);
  CHECK(AccessList().decide({ip("192.0.2.1"), name("k.")}) == Access::no_rule);
}

TEST_CASE("a rule with a network lets its addresses in, signed or not, also in their IPv4-mapped form") {
  AccessList list({{network("192.0.2.0/24"), {}}, {network("2001:db8::/32"), {}}});
  CHECK(list.decide({ip("192.0.2.255"), {}}) == Access::granted);
  CHECK(list.decide({ip("::ffff:192.0.2.255"), {}}) == Access::granted);
  CHECK(list.decide({ip("2001:db8::1"), name("k.")}) == Access::granted);
  CHECK(list.decide({ip("192.0.3.0"), {}}) == Access::no_rule);
  CHECK(list.decide({ip("2001:db9::"), name("k.")}) == Access::no_rule);
}

TEST_CASE("a rule with a key lets its signatures in from anywhere; key names know no letter case") {
  AccessList list({{{}, name("Key.Example.")}});
  CHECK(list.decide({ip("198.51.100.1"), name("kEY.example.")}) == Access::granted);
  CHECK(list.decide({ip("2001:db8::1"), name("key.example.")}) == Access::granted);
  CHECK(list.decide({ip("198.51.100.1"), name("other.example.")}) == Access::another_key);
  CHECK(list.decide({ip("198.51.100.1"), {}}) == Access::needs_key);
}

TEST_CASE("where a rule names network and key, both must hold") {
  AccessList list({{network("192.0.2.0/24"), name("k.")}});
  CHECK(list.decide({ip("192.0.2.1"), name("k.")}) == Access::granted);
  CHECK(list.decide({ip("192.0.2.1"), {}}) == Access::needs_key);
  CHECK(list.decide({ip("192.0.2.1"), name("l.")}) == Access::another_key);
  CHECK(list.decide({ip("198.51.100.1"), name("k.")}) == Access::no_rule);
}

TEST_CASE("one rule that fits is enough, in any place") {
  AccessList list({{network("192.0.2.0/24"), name("k.")}, {network("192.0.2.7"), {}}, {{}, name("m.")}});
  CHECK(list.decide({ip("192.0.2.7"), {}}) == Access::granted);
  CHECK(list.decide({ip("192.0.2.8"), name("m.")}) == Access::granted);
  CHECK(list.decide({ip("192.0.2.8"), name("x.")}) == Access::another_key);
}
