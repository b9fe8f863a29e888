// Server cookies that all servers of an anycast address can check alike (RFC 9018): version 1, a time stamp
// and SipHash-2-4 over client cookie, version, reserved octets, time stamp and client address. Time is handed
// in; nothing is remembered of any client. `const`, so many threads may share one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/time.h"
#include "dns/edns.h"

namespace zw {

constexpr std::size_t kServerCookieOctets = 16;
using ServerCookie = std::array<std::uint8_t, kServerCookieOctets>;
using CookieSecret = std::array<std::uint8_t, 16>;

/// SipHash-2-4 with its 64 bits as octets in little-endian order, as RFC 9018 §4.4 uses it.
std::array<std::uint8_t, 8> siphash24(std::span<const std::uint8_t, 16> key, Bytes message);

enum class CookieVerdict : std::uint8_t {
  none,     // the client knows no server cookie yet
  good,     //
  renewal,  // good, but more than half an hour old or made with the secret of before
  bad,      // wrong, from another client, older than an hour or more than 5 minutes ahead
};

class ServerCookies {
 public:
  /// Cookies are made with `current`; those made with `previous`, the secret from before the last roll-over,
  /// are still taken (RFC 9018 §5).
  explicit ServerCookies(CookieSecret current, std::optional<CookieSecret> previous = {})
      : current_(current), previous_(previous) {}
  ServerCookies(const ServerCookies&) = default;
  ServerCookies& operator=(const ServerCookies&) = default;
  ~ServerCookies();  // wipes the secrets

  /// The cookie for `client` (8 octets) at `address` (4 or 16 octets, network order).
  ServerCookie make(Bytes client, Bytes address, WallTime now) const;
  CookieVerdict check(const CookieView& cookie, Bytes address, WallTime now) const;

 private:
  CookieSecret current_;
  std::optional<CookieSecret> previous_;
};

}  // namespace zw
