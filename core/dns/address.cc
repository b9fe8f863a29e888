#include "dns/address.h"

#include <algorithm>
#include <cstring>

#include "dns/address_text.h"

namespace zw {
namespace {

constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool same_prefix(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) {
  if (std::memcmp(a, b, bits / 8) != 0) return false;
  return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8)) == 0;
}

IpAddress masked(const IpAddress& ip, unsigned bits) {
  std::array<std::uint8_t, 16> octets = ip.mapped();
  if (bits % 8 != 0) octets[bits / 8] &= static_cast<std::uint8_t>(0xff00u >> (bits % 8));
  std::fill(octets.begin() + (bits + 7) / 8, octets.end(), std::uint8_t{0});
  return IpAddress::v6(octets.data());
}

}  // namespace

IpAddress IpAddress::v4(const std::uint8_t* octets) {
  IpAddress out;
  std::memcpy(out.octets_.data(), kMapped, 12);
  std::memcpy(out.octets_.data() + 12, octets, 4);
  return out;
}

IpAddress IpAddress::v6(const std::uint8_t* octets) {
  IpAddress out;
  std::memcpy(out.octets_.data(), octets, 16);
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::uint8_t octets[16];
  if (parse_ipv4(text, octets)) return v4(octets);
  if (parse_ipv6(text, octets)) return v6(octets);
  return std::nullopt;
}

bool IpAddress::is_v4() const { return std::memcmp(octets_.data(), kMapped, 12) == 0; }
bool IpAddress::is_any() const {
  return std::ranges::all_of(octets(), [](std::uint8_t octet) { return octet == 0; });
}
bool IpAddress::is_loopback() const {
  constexpr std::uint8_t kLoopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return is_v4() ? octets_[12] == 127 : std::memcmp(octets_.data(), kLoopback, 16) == 0;
}
bool IpAddress::is_multicast() const { return is_v4() ? octets_[12] >> 4 == 14 : octets_[0] == 0xff; }

std::string IpAddress::print() const {
  std::string out;
  if (is_v4())
    append_print_ipv4(out, octets_.data() + 12);
  else
    append_print_ipv6(out, octets_.data());
  return out;
}

std::optional<Address> Address::parse(std::string_view text, std::uint16_t port) {
  std::string_view host = text;
  std::optional<std::string_view> digits;
  if (text.starts_with('[')) {
    std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    if (host.find(':') == std::string_view::npos) return std::nullopt;
    if (end + 1 < text.size() && text[end + 1] != ':') return std::nullopt;
    if (end + 1 < text.size()) digits = text.substr(end + 2);
  } else if (std::size_t at = text.find('@'); at != std::string_view::npos) {
    host = text.substr(0, at);
    digits = text.substr(at + 1);
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    digits = text.substr(host.size() + 1);
  }
  auto ip = IpAddress::parse(host);
  auto number = digits ? parse_number(*digits, 65535) : std::optional<std::uint64_t>(port);
  if (!ip || !number) return std::nullopt;
  return Address{*ip, static_cast<std::uint16_t>(*number)};
}

std::string Address::print() const { return ip.print() + "@" + std::to_string(port); }

Network::Network(IpAddress ip, unsigned bits) : bits_(ip.is_v4() ? bits + 96 : bits) {
  ZW_ASSERT(bits_ <= 128);
  first_ = masked(ip, bits_);
}

Result<Network> Network::parse(std::string_view text) {
  std::size_t slash = std::min(text.find('/'), text.size());
  auto ip = IpAddress::parse(text.substr(0, slash));
  if (!ip) return fail(ErrorKind::malformed, "expected an IP address or a network like 192.0.2.0/24");
  // What is written as ::ffff:0:0/96 counts its bits as IPv6 does, and becomes 0.0.0.0/0.
  unsigned mapped = ip->is_v4() && text.find(':') != std::string_view::npos ? 96 : 0;
  unsigned most = ip->is_v4() && mapped == 0 ? 32 : 128;
  auto bits = slash == text.size() ? most : parse_number(text.substr(slash + 1), most);
  if (!bits || *bits < mapped)
    return fail(ErrorKind::malformed, "expected a prefix length from {} to {}", mapped, most);
  Network out(*ip, static_cast<unsigned>(*bits) - mapped);
  if (out.first_ != *ip)
    return fail(ErrorKind::malformed, "bits are set after the prefix; did you mean {}?", out.print());
  return out;
}

bool Network::contains(const IpAddress& ip) const {
  return ip.is_v4() == first_.is_v4() && same_prefix(ip.mapped().data(), first_.mapped().data(), bits_);
}

std::string Network::print() const { return first_.print() + "/" + std::to_string(bits()); }

}  // namespace zw
