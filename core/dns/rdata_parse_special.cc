// Fields from text that have a grammar of their own.
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "dns/address_text.h"
#include "dns/rdata_text.h"

namespace zw {
namespace {

// A decimal with at most `decimals` digits behind the point, times 10^decimals; `most` bounds the result.
std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals, std::int64_t most) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::size_t point = std::min(text.find('.'), text.size());
  std::string_view behind = point < text.size() ? text.substr(point + 1) : std::string_view{};
  if (behind.size() > static_cast<std::size_t>(decimals)) return std::nullopt;
  std::string digits(text.substr(0, point));
  if (digits.empty()) return std::nullopt;
  digits += behind;
  digits.append(static_cast<std::size_t>(decimals) - behind.size(), '0');
  auto value = parse_number(digits, static_cast<std::uint64_t>(most));
  if (!value) return std::nullopt;
  auto number = static_cast<std::int64_t>(*value);
  return negative ? -number : number;
}

// Centimetres as one decimal digit and a power of ten (RFC 1876 §2).
std::uint8_t size_octet(std::int64_t centimetres) {
  std::uint8_t exponent = 0;
  while (centimetres >= 10) {
    centimetres /= 10;
    ++exponent;
  }
  return static_cast<std::uint8_t>(centimetres << 4 | exponent);
}

struct Service {
  std::string_view word;
  unsigned port;
};
constexpr Service kServices[] = {{"ftp-data", 20}, {"ftp", 21},    {"ssh", 22},    {"telnet", 23},
                                 {"smtp", 25},     {"time", 37},   {"domain", 53}, {"tftp", 69},
                                 {"gopher", 70},   {"finger", 79}, {"http", 80},   {"pop3", 110},
                                 {"sunrpc", 111},  {"nntp", 119},  {"ntp", 123},   {"imap", 143},
                                 {"snmp", 161},    {"bgp", 179},   {"https", 443}};

}  // namespace

bool RdataReader::bitmap_nxt() {
  std::uint8_t bits[16] = {};
  std::size_t length = 0;
  for (;;) {
    Token token;
    if (!take_optional(token)) return false;
    if (!token.is_text()) break;
    auto type = parse_type(token.text);
    auto n = type ? static_cast<unsigned>(*type) : 0u;
    if (n == 0 || n > 127) return fail_at(token.text, "expected an RR type from 1 to 127");
    bits[n >> 3] |= static_cast<std::uint8_t>(0x80 >> (n & 7));
    length = std::max<std::size_t>(length, (n >> 3) + 1);
  }
  if (length == 0) return fail_at({lexer_->position(), 0}, "expected at least one RR type");
  return put({bits, length});
}

bool RdataReader::groups(std::size_t octets, std::size_t each, char separator, const char* what) {
  Token token;
  if (!take(token, what)) return false;
  std::string_view text = token.text;
  std::string digits;
  std::size_t count = 0;
  for (std::size_t i = 0; i <= text.size();) {
    std::size_t end = std::min(text.find(separator, i), text.size());
    std::string_view group = text.substr(i, end - i);
    bool whole = each == 1 ? group.size() == 2 : !group.empty() && group.size() <= 4;
    if (!whole) return fail_at(token.text, fmt::format("expected {}", what));
    digits.append(2 * each - group.size(), '0').append(group);
    ++count;
    i = end + 1;
  }
  Buffer wire;
  if (count * each != octets || !decode_base16(digits, wire))
    return fail_at(token.text, fmt::format("expected {}", what));
  return put(wire);
}

bool RdataReader::location() {
  constexpr std::int64_t kMinute = 60 * 1000, kDegree = 60 * kMinute;
  std::uint8_t wire[16] = {0, 0x12, 0x16, 0x13};  // defaults: 1 m, 10 km, 10 m
  Token token;
  for (int axis = 0; axis < 2; ++axis) {
    std::int64_t most = axis == 0 ? 90 : 180, angle = 0, unit[3] = {kDegree, kMinute, 1};
    bool done = false;
    for (int part = 0; part < 4 && !done; ++part) {
      if (!take(token, "an angle and its direction")) return false;
      char direction = token.text.size() == 1 ? static_cast<char>(token.text[0] & ~0x20) : '\0';
      done = direction == (axis == 0 ? 'N' : 'E') || direction == (axis == 0 ? 'S' : 'W');
      if (done) {
        if (part == 0 || angle > most * kDegree)
          return fail_at(token.text, "the angle is missing or too large");
        if (direction == 'S' || direction == 'W') angle = -angle;
        set32(wire + 4 + 4 * axis, static_cast<std::uint32_t>((std::int64_t{1} << 31) + angle));
        continue;
      }
      auto value = part == 3 ? std::nullopt
                             : parse_decimal(token.text, part == 2 ? 3 : 0,
                                             part == 0   ? most
                                             : part == 1 ? 59
                                                         : 59999);
      if (!value || *value < 0)
        return fail_at(token.text, axis == 0 ? "expected degrees, minutes, seconds and N or S"
                                             : "expected degrees, minutes, seconds and E or W");
      angle += *value * unit[part];
    }
    if (!done) return fail_at(token.text, "expected N, S, E or W behind the seconds");
  }
  if (!take(token, "an altitude in metres")) return false;
  auto metres = [](std::string_view text, std::int64_t most) {
    if (text.ends_with('m') || text.ends_with('M')) text.remove_suffix(1);
    return parse_decimal(text, 2, most);
  };
  auto altitude = metres(token.text, 4284967295);
  if (!altitude || *altitude < -10000000)
    return fail_at(token.text, "expected an altitude from -100000.00m to 42849672.95m");
  set32(wire + 12, static_cast<std::uint32_t>(*altitude + 10000000));
  for (int i = 1; i <= 3; ++i) {
    if (!take_optional(token)) return false;
    if (!token.is_text()) break;
    auto size = metres(token.text, 9000000000);
    if (!size || *size < 0) return fail_at(token.text, "expected a size from 0 to 90000000.00m");
    wire[i] = size_octet(*size);
  }
  return put(wire);
}

bool RdataReader::prefixes() {
  for (;;) {
    Token token;
    if (!take_optional(token)) return false;
    if (!token.is_text()) return true;
    std::string_view text = token.text;
    bool negated = text.starts_with('!');
    if (negated) text.remove_prefix(1);
    std::size_t colon = text.find(':'), slash = text.rfind('/');
    auto no = [&] {
      return fail_at(token.text, "expected [!]FAMILY:ADDRESS/PREFIX, family 1 (IPv4) or 2 (IPv6)");
    };
    if (colon == text.npos || slash == text.npos || slash < colon) return no();
    auto family = parse_number(text.substr(0, colon), 2);
    if (!family || *family == 0) return no();
    auto prefix = parse_number(text.substr(slash + 1), *family == 1 ? 32 : 128);
    std::uint8_t address[16] = {};
    std::string_view host = text.substr(colon + 1, slash - colon - 1);
    if (!prefix || !(*family == 1 ? parse_ipv4(host, address) : parse_ipv6(host, address))) return no();
    std::size_t length = *family == 1 ? 4 : 16;
    while (length > 0 && address[length - 1] == 0) --length;
    if (!put_number(*family, 2) || !put_number(*prefix, 1) || !put_number(length | (negated ? 0x80 : 0), 1) ||
        !put({address, length}))
      return false;
  }
}

bool RdataReader::services() {
  Token token;
  if (!take(token, "a protocol")) return false;
  std::string word(token.text);
  for (char& c : word) c = static_cast<char>(kLower[static_cast<std::uint8_t>(c)]);
  auto protocol = word == "tcp"   ? std::optional<std::uint64_t>(6)
                  : word == "udp" ? 17
                                  : parse_number(word, 255);
  if (!protocol) return fail_at(token.text, "expected tcp, udp or the number of a protocol");
  Buffer bits;
  for (;;) {
    if (!take_optional(token)) return false;
    if (!token.is_text()) break;
    auto port = parse_number(token.text, 65535);
    auto known = std::find_if(std::begin(kServices), std::end(kServices),
                              [&](auto& s) { return s.word == token.text; });
    if (!port && known != std::end(kServices)) port = known->port;
    if (!port) return fail_at(token.text, "expected the number or the name of a service");
    if (bits.size() <= *port / 8) bits.resize(*port / 8 + 1);
    bits[*port / 8] |= static_cast<std::uint8_t>(0x80 >> (*port % 8));
  }
  return put_number(*protocol, 1) && put(bits);
}

bool RdataReader::atm() {
  Token token;
  if (!take(token, "an ATM address")) return false;
  std::string digits(token.text);
  bool e164 = digits.starts_with('+');
  if (e164) digits.erase(0, 1);
  std::erase(digits, '.');
  if (e164) {
    bool good = !digits.empty() &&
                std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return good ? put_number(1, 1) && put(as_bytes(digits)) : fail_at(token.text, "expected digits behind +");
  }
  Buffer wire;
  if (digits.empty() || !decode_base16(digits, wire))
    return fail_at(token.text, "expected base 16 or + and digits");
  return put_number(0, 1) && put(wire);
}

bool RdataReader::a6() {
  Token token;
  if (!take(token, "a prefix length")) return false;
  auto prefix = parse_number(token.text, 128);
  if (!prefix) return fail_at(token.text, "a prefix length is a number up to 128");
  if (!put_number(*prefix, 1)) return false;
  if (*prefix < 128) {
    std::uint8_t address[16];
    if (!take(token, "an IPv6 address")) return false;
    if (!parse_ipv6(token.text, address)) return fail_at(token.text, "expected an IPv6 address");
    std::size_t suffix = (128 - *prefix + 7) / 8;
    if (*prefix % 8 != 0) address[16 - suffix] &= static_cast<std::uint8_t>(0xff >> (*prefix % 8));
    if (!put({address + 16 - suffix, suffix})) return false;
  }
  return *prefix == 0 || name();
}

bool RdataReader::address_of_kind(unsigned kind) {
  if (kind == 1) return address(Field::ipv4);
  if (kind == 2) return address(Field::ipv6);
  if (kind == 3) return name();
  Token token;
  if (!take(token, ". for no gateway")) return false;
  if (kind == 0 && token.text == ".") return true;
  return fail_at(token.text,
                 kind == 0 ? "type 0 has no gateway: expected ." : "expected a gateway type up to 3");
}

bool RdataReader::gateway() { return address_of_kind(out_[1]); }

bool RdataReader::relay() {
  Token token;
  if (!take(token, "the discovery bit")) return false;
  auto discovery = parse_number(token.text, 1);
  if (!discovery) return fail_at(token.text, "the discovery bit is 0 or 1");
  if (!take(token, "a relay type")) return false;
  auto kind = parse_number(token.text, 3);
  if (!kind) return fail_at(token.text, "a relay type is a number up to 3");
  return put_number(*discovery << 7 | *kind, 1) && address_of_kind(static_cast<unsigned>(*kind));
}

bool RdataReader::host_identity() {
  Token algorithm, tag, key;
  if (!take(algorithm, "an algorithm") || !take(tag, "a host identity tag") || !take(key, "a public key"))
    return false;
  auto number = parse_number(algorithm.text, 255);
  if (!number) return fail_at(algorithm.text, "an algorithm is a number up to 255");
  Buffer tag_wire, key_wire;
  if (!decode_base16(tag.text, tag_wire) || tag_wire.empty() || tag_wire.size() > 255)
    return fail_at(tag.text, "a host identity tag is base 16 of 1 to 255 octets");
  if (!decode_base64(key.text, key_wire) || key_wire.empty() || key_wire.size() > 65535)
    return fail_at(key.text, "a public key is base 64");
  if (!put_number(tag_wire.size(), 1) || !put_number(*number, 1) || !put_number(key_wire.size(), 2) ||
      !put(tag_wire) || !put(key_wire))
    return false;
  for (;;) {
    Token server;
    if (!take_optional(server)) return false;
    if (!server.is_text()) return true;
    lexer_->give_back(server);
    if (!name()) return false;
  }
}

}  // namespace zw
