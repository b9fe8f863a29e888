// Whom a request is from, behind proxies: what they wrote into a field of the header, of which only the end
// is theirs and all before it is whatever somebody sent (RFC 7239 §8.1).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dns/address.h"

namespace zw {

/// The field that our proxies write. One of them: a proxy that writes the one passes on the other as it came,
/// so who believes both believes everybody.
enum class ProxyField : std::uint8_t {
  x_forwarded_for,  // `192.0.2.1, 2001:db8::1`
  forwarded,        // `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"` (RFC 7239)
};
constexpr std::string_view print(ProxyField field) {
  return field == ProxyField::forwarded ? "Forwarded" : "X-Forwarded-For";
}

struct ProxyTrust {
  std::vector<Network> proxies;  // whose field is believed; of others it is passed over
  ProxyField field = ProxyField::x_forwarded_for;

  bool trusts(const IpAddress& ip) const;
};

/// Elements of the field, from its end, that are looked at.
inline constexpr std::size_t kMostProxies = 16;

/// The last address in `field` that is none of a trusted proxy, if `peer` is one. Else, and where there is no
/// such address, or something stands before it that is none, it is `peer`. `field`: its values, joined by
/// commas if it stood there several times.
IpAddress client_behind(const IpAddress& peer, std::string_view field, const ProxyTrust& trust);

}  // namespace zw
