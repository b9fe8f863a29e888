// Fields to text that have a grammar of their own; see rdata_parse_special.cc.
#include <fmt/format.h>

#include "base/encoding.h"
#include "dns/address_text.h"
#include "dns/rdata_text.h"

namespace zw {
namespace {

void append_groups(std::string& out, Bytes octets, std::size_t each, char separator) {
  for (std::size_t i = 0; i < octets.size(); i += each) {
    if (i > 0) out.push_back(separator);
    for (std::size_t k = 0; k < each; ++k) fmt::format_to(std::back_inserter(out), "{:02x}", octets[i + k]);
  }
}

void append_angle(std::string& out, std::uint32_t wire, char positive, char negative) {
  std::int64_t angle = std::int64_t{wire} - (std::int64_t{1} << 31);
  char direction = angle < 0 ? negative : positive;
  if (angle < 0) angle = -angle;
  fmt::format_to(std::back_inserter(out), "{} {} {}.{:03} {} ", angle / 3600000, angle / 60000 % 60,
                 angle / 1000 % 60, angle % 1000, direction);
}

void append_location(std::string& out, Bytes octets) {
  append_angle(out, get32(&octets[4]), 'N', 'S');
  append_angle(out, get32(&octets[8]), 'E', 'W');
  std::int64_t altitude = std::int64_t{get32(&octets[12])} - 10000000;
  const char* sign = altitude < 0 ? "-" : "";
  if (altitude < 0) altitude = -altitude;
  fmt::format_to(std::back_inserter(out), "{}{}.{:02}m", sign, altitude / 100, altitude % 100);
  for (std::size_t i = 1; i <= 3; ++i) {
    std::int64_t size = octets[i] >> 4;
    for (int e = octets[i] & 15; e > 0; --e) size *= 10;
    fmt::format_to(std::back_inserter(out), " {}.{:02}m", size / 100, size % 100);
  }
}

void append_prefixes(std::string& out, Bytes octets) {
  bool first = true;
  while (octets.size() >= 4) {
    std::size_t length = octets[3] & 0x7f;
    std::uint8_t address[16] = {};
    std::memcpy(address, octets.data() + 4, length);
    fmt::format_to(std::back_inserter(out), "{}{}{}:", first ? "" : " ", octets[3] & 0x80 ? "!" : "",
                   get16(octets.data()));
    get16(octets.data()) == 1 ? append_print_ipv4(out, address) : append_print_ipv6(out, address);
    fmt::format_to(std::back_inserter(out), "/{}", octets[2]);
    octets = octets.subspan(4 + length);
    first = false;
  }
}

void append_bits(std::string& out, Bytes bits, bool as_types) {
  for (unsigned i = 0; i < bits.size() * 8; ++i) {
    if (!(bits[i / 8] & 0x80 >> i % 8)) continue;
    if (as_types) {
      if (!out.empty() && out.back() != ' ') out.push_back(' ');
      append_print(out, static_cast<RrType>(i));
    } else {
      fmt::format_to(std::back_inserter(out), " {}", i);
    }
  }
}

void append_address_of_kind(std::string& out, unsigned kind, Bytes octets) {
  if (kind == 1) return append_print_ipv4(out, octets.data());
  if (kind == 2) return append_print_ipv6(out, octets.data());
  if (kind == 3) return append_print(out, NameView(octets.data(), octets.size()));
  out.push_back('.');
}

void append_a6(std::string& out, Bytes octets) {
  std::size_t suffix = (128u - octets[0] + 7) / 8;
  fmt::format_to(std::back_inserter(out), "{}", octets[0]);
  if (suffix > 0) {
    std::uint8_t address[16] = {};
    std::memcpy(address + 16 - suffix, octets.data() + 1, suffix);
    out.push_back(' ');
    append_print_ipv6(out, address);
  }
  if (octets[0] == 0) return;
  out.push_back(' ');
  append_print(out, NameView(octets.data() + 1 + suffix, octets.size() - 1 - suffix));
}

void append_host_identity(std::string& out, Bytes octets) {
  std::size_t tag = octets[0], key = get16(&octets[2]);
  fmt::format_to(std::back_inserter(out), "{} ", octets[1]);
  append_base16(out, octets.subspan(4, tag));
  out.push_back(' ');
  append_base64(out, octets.subspan(4 + tag, key));
  for (Bytes rest = octets.subspan(4 + tag + key); !rest.empty();) {
    NameView server = *NameView::read(rest);
    out.push_back(' ');
    append_print(out, server);
    rest = rest.subspan(server.size());
  }
}

}  // namespace

void append_print_special(std::string& out, Field field, Bytes octets, Bytes before) {
  switch (field) {
    case Field::hex_0x:
      out += "0x";
      append_base16(out, octets);
      break;
    case Field::bitmap_nxt: append_bits(out, octets, true); break;
    case Field::eui48:
    case Field::eui64: append_groups(out, octets, 1, '-'); break;
    case Field::node64: append_groups(out, octets, 2, ':'); break;
    case Field::location: append_location(out, octets); break;
    case Field::prefixes: append_prefixes(out, octets); break;
    case Field::services:
      fmt::format_to(std::back_inserter(out), "{}", octets[0]);
      append_bits(out, octets.subspan(1), false);
      break;
    case Field::atm:
      if (octets[0] == 1) {
        out.push_back('+');
        out += as_text(octets.subspan(1));
      } else {
        append_base16(out, octets.subspan(1));
      }
      break;
    case Field::a6: append_a6(out, octets); break;
    case Field::gateway: append_address_of_kind(out, before[1], octets); break;
    case Field::relay:
      fmt::format_to(std::back_inserter(out), "{} {} ", octets[0] >> 7, octets[0] & 0x7f);
      append_address_of_kind(out, octets[0] & 0x7f, octets.subspan(1));
      break;
    case Field::host_identity: append_host_identity(out, octets); break;
    default: break;
  }
}

}  // namespace zw
