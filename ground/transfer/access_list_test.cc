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

TEST_CASE("a rule for TLS wants no clear text, and one for a client wants its certificate") {
  TlsPeer nobody{true, {}}, reader{true, {"other.test", "Reader.test"}}, other{true, {"x.reader.test"}};
  AccessList tls({{.from = network("192.0.2.0/24"), .tls = true}});
  CHECK(tls.decide({ip("192.0.2.1")}) == Access::needs_tls);
  CHECK(tls.decide({ip("192.0.2.1"), {}, &nobody}) == Access::granted);
  CHECK(tls.decide({ip("198.51.100.1"), {}, &nobody}) == Access::no_rule);

  AccessList mutual({{.tls_client = "reader.test"}});
  CHECK(mutual.decide({ip("192.0.2.1")}) == Access::needs_tls);
  CHECK(mutual.decide({ip("192.0.2.1"), {}, &nobody}) == Access::needs_certificate);
  CHECK(mutual.decide({ip("192.0.2.1"), {}, &other}) == Access::another_certificate);
  CHECK(mutual.decide({ip("192.0.2.1"), {}, &reader}) == Access::granted);

  AccessList both({{.key = name("k."), .tls = true}});
  CHECK(both.decide({ip("192.0.2.1"), name("k.")}) == Access::needs_tls);
  CHECK(both.decide({ip("192.0.2.1"), {}, &nobody}) == Access::needs_key);
  CHECK(both.decide({ip("192.0.2.1"), name("k."), &nobody}) == Access::granted);
}
