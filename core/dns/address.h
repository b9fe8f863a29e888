// Where something is on the network, as plain values: an IP address, an address with a port, a network. No
// sockets.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace zw {

constexpr std::uint16_t kDnsPort = 53;

/// IPv4 or IPv6. An IPv4 address and its IPv4-mapped form ::ffff:a.b.c.d (RFC 4291 §2.5.5.2) are one value,
/// so an access rule written for one cannot be passed by with the other. Zone indexes (fe80::1%eth0) are not
/// kept.
class IpAddress {
 public:
  constexpr IpAddress() = default;                  // ::
  static IpAddress v4(const std::uint8_t* octets);  // reads 4
  static IpAddress v6(const std::uint8_t* octets);  // reads 16
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const;
  bool is_any() const;       // 0.0.0.0 or ::
  bool is_loopback() const;  // 127.0.0.0/8 or ::1
  bool is_multicast() const;
  /// 4 or 16 octets, network order.
  Bytes octets() const { return is_v4() ? Bytes(octets_).subspan(12) : Bytes(octets_); }
  /// 16 octets; IPv4 as mapped.
  const std::array<std::uint8_t, 16>& mapped() const { return octets_; }
  std::string print() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
};

/// An IP address and a port.
struct Address {
  IpAddress ip;
  std::uint16_t port = 0;

  /// `192.0.2.1`, `192.0.2.1@53`, `192.0.2.1:53`, `2001:db8::1`, `2001:db8::1@53`, `[2001:db8::1]:53` or
  /// `[2001:db8::1]`; `port` where the text has none.
  static std::optional<Address> parse(std::string_view text, std::uint16_t port);
  /// `192.0.2.1@53`, `2001:db8::1@53`.
  std::string print() const;

  friend auto operator<=>(const Address&, const Address&) = default;
};

/// All addresses that begin with the same bits.
class Network {
 public:
  /// The network of `bits` leading bits around `ip`: up to 32 for IPv4, 128 for IPv6.
  Network(IpAddress ip, unsigned bits);
  /// `192.0.2.0/24`, `2001:db8::/32`, or one address. Fails with `malformed`, also when bits are set after
  /// the prefix, which is more often a slip than an intention.
  static Result<Network> parse(std::string_view text);

  /// `0.0.0.0/0` contains every IPv4 address and no other, `::/0` every IPv6 address and no other.
  bool contains(const IpAddress& ip) const;
  const IpAddress& first() const { return first_; }
  unsigned bits() const { return first_.is_v4() ? bits_ - 96 : bits_; }
  std::string print() const;

  friend auto operator<=>(const Network&, const Network&) = default;

 private:
  IpAddress first_;
  unsigned bits_;  // of the 128 of the mapped form
};

}  // namespace zw

template <>
struct std::hash<zw::IpAddress> {
  std::size_t operator()(const zw::IpAddress& ip) const {
    const std::uint8_t* p = ip.mapped().data();
    return std::hash<std::uint64_t>()(zw::get64(p) * 0x9e3779b97f4a7c15u ^ zw::get64(p + 8));
  }
};
