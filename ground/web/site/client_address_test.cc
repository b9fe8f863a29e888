#include "web/site/client_address.h"

#include <doctest/doctest.h>

#include <string>

namespace zw {
namespace {

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }
ProxyTrust trust(ProxyField field = ProxyField::x_forwarded_for) {
  return {{Network::parse("192.0.2.0/24").value(), Network::parse("2001:db8:1::/48").value()}, field};
}
std::string client(std::string_view field, const char* peer = "192.0.2.1",
                   const ProxyTrust& trusted = trust()) {
  return client_behind(ip(peer), field, trusted).print();
}
std::string forwarded(std::string_view field, const char* peer = "192.0.2.1") {
  return client(field, peer, trust(ProxyField::forwarded));
}

}  // namespace

TEST_CASE("the last address that is none of our proxies is the client") {
  CHECK(client("198.51.100.7") == "198.51.100.7");
  CHECK(client("2001:db8::7") == "2001:db8::7");
  CHECK(client("[2001:db8::7]:4711") == "2001:db8::7");
  CHECK(client("198.51.100.7:4711") == "198.51.100.7");
  CHECK(client("203.0.113.9,198.51.100.7") == "198.51.100.7");  // what came before is a claim of his
  CHECK(client("203.0.113.9 , 198.51.100.7 ,\t192.0.2.2, 2001:db8:1::5") == "198.51.100.7");
  CHECK(client("nonsense, \x01, 198.51.100.7") == "198.51.100.7");
  CHECK(client("198.51.100.7", "2001:db8:1::1") == "198.51.100.7");
  CHECK(client("::ffff:198.51.100.7") == "198.51.100.7");
}

TEST_CASE("the field of who is no proxy of ours is passed over") {
  CHECK(client("198.51.100.7", "203.0.113.1") == "203.0.113.1");
  CHECK(client("198.51.100.7", "192.0.2.1", {}) == "192.0.2.1");
}

TEST_CASE("where there is no client in the field, the proxy is it") {
  for (const char* bad : {"", " ", ",", "198.51.100.7,", "198.51.100.7, unknown", "198.51.100.7, _hidden",
                          "198.51.100.300", "198.51.100.7@53", "fe80::1%eth0", "198.51.100.7 x",
                          "\"198.51.100.7\"", "192.0.2.3", "192.0.2.3, 192.0.2.2"})
    CHECK_MESSAGE(client(bad) == "192.0.2.1", bad);
  std::string many = "198.51.100.7";
  for (std::size_t i = 1; i < kMostProxies; ++i) many += ", 192.0.2.2";
  CHECK(client(many) == "198.51.100.7");
  CHECK(client(many + ", 192.0.2.2") == "192.0.2.1");
}

TEST_CASE("Forwarded is read as RFC 7239 writes it") {
  CHECK(forwarded("for=198.51.100.7") == "198.51.100.7");
  CHECK(forwarded("For=\"[2001:db8:cafe::17]:4711\"") == "2001:db8:cafe::17");
  CHECK(forwarded("for=192.0.2.43;proto=http;by=203.0.113.43, for=198.51.100.17") == "198.51.100.17");
  CHECK(forwarded("for=\"198.51.100.7:80\";host=\"example.net:8080\", by=_x;for=192.0.2.2") ==
        "198.51.100.7");
  for (const char* bad :
       {"for=unknown", "for=\"_gazonk\"", "for=", "for", "=198.51.100.7", "for=2001:db8::1",
        "for=198.51.100.7;for=203.0.113.1", "for=\"198.51.100.7", "for=198.51.100.7\"", "by=198.51.100.7",
        "for=198.51.100.7;", "for=198.51.100.7 ;a=b", "198.51.100.7", "for=\"198.51.100\\.7\""})
    CHECK_MESSAGE(forwarded(bad) == "192.0.2.1", bad);
}

TEST_CASE("nobody gets an address of his own past a proxy that quotes what he sent") {
  // The name of a host that a proxy wrote into quotes.
  CHECK(forwarded("for=198.51.100.7;host=\"x, for=203.0.113.1\"") == "192.0.2.1");
  CHECK(forwarded("for=198.51.100.7;host=\"x, for=203.0.113.1;a=\\\"\"") == "192.0.2.1");
  // A quote that he left open before what the proxy wrote.
  CHECK(forwarded("for=\", for=198.51.100.7") == "198.51.100.7");
}

}  // namespace zw
