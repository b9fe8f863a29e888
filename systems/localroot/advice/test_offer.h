// An offer with all that there may be, for tests.
#pragma once

#include "base/encoding.h"
#include "localroot/advice/advice.h"

namespace zw::localroot::testing {

inline WallTime made_at() { return *parse_time("2026-08-05T00:00:00Z"); }

inline Address address(std::string_view text, std::uint16_t port = kDnsPort) {
  return *Address::parse(text, port);
}

constexpr std::string_view kSecret = "c3Rvcmllcy1vZi1sb2NhbHJvb3QtYXJlLXNpZ25lZCE=";

inline Offer whole_offer() {
  Offer out;
  out.servers = {address("192.0.2.1"), address("2001:db8::1")};
  out.tls_servers = {address("192.0.2.1", 853)};
  out.tls_name = "zones.example.net";
  out.url = "https://192.0.2.1/zones/8fKtokenOfTheTest-x_/ROOT.zone";
  out.key = OfferedKey{*Name::parse("home.example.net."), TsigAlgorithm::hmac_sha256, std::string(kSecret)};
  out.subscriber = {*IpAddress::parse("198.51.100.7"), *IpAddress::parse("2001:db8:1::7")};
  out.serial = Serial(2026080401);
  out.label = "resolver at home";
  return out;
}

/// The same service for another zone.
inline Offer zone_offer() {
  Offer out = whole_offer();
  out.zone = *Name::parse("example.");
  out.url = "https://192.0.2.1/zones/8fKtokenOfTheTest-x_/example.zone";
  out.anchor_file = "/etc/zonewright/anchors";
  out.anchors =
      parse_trust_anchors("example. DS 4711 13 2 " + std::string(64, 'A') + "\n", "anchors").value();
  return out;
}

inline std::string text_of(const Advice& advice) {
  std::string out;
  for (const AdviceFile& file : advice.files) out += file.text;
  return out;
}

}  // namespace zw::localroot::testing
