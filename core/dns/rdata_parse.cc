#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/time.h"
#include "dns/address_text.h"
#include "dns/rdata.h"
#include "dns/rdata_text.h"

namespace zw {
namespace {

struct Mnemonic {
  std::string_view word;
  unsigned value;
};
constexpr Mnemonic kAlgorithms[] = {
    {"DELETE", 0},           {"RSAMD5", 1},           {"DH", 2},          {"DSA", 3},
    {"RSASHA1", 5},          {"DSA-NSEC3-SHA1", 6},   {"NSEC3DSA", 6},    {"RSASHA1-NSEC3-SHA1", 7},
    {"NSEC3RSASHA1", 7},     {"RSASHA256", 8},        {"RSASHA512", 10},  {"ECC-GOST", 12},
    {"ECDSAP256SHA256", 13}, {"ECDSAP384SHA384", 14}, {"ED25519", 15},    {"ED448", 16},
    {"INDIRECT", 252},       {"PRIVATEDNS", 253},     {"PRIVATEOID", 254}};
constexpr Mnemonic kCertificates[] = {{"PKIX", 1}, {"SPKI", 2},   {"PGP", 3},     {"IPKIX", 4}, {"ISPKI", 5},
                                      {"IPGP", 6}, {"ACPKIX", 7}, {"IACPKIX", 8}, {"URI", 253}, {"OID", 254}};
constexpr Mnemonic kSchemes[] = {{"NOTIFY", 1}};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

}  // namespace

RdataReader::RdataReader() : out_(65535 + kNameTextRoom) {}

bool RdataReader::fail_at(std::string_view place, std::string what) {
  error_ = {place.data() == scratch_.data() ? joined_at_ : place.data(), std::move(what)};
  return false;
}

bool RdataReader::put(Bytes octets) {
  if (octets.size() > room())
    return fail_at({lexer_->position(), 0}, "the RDATA is longer than 65535 octets");
  if (!octets.empty()) std::memcpy(out_.data() + size_, octets.data(), octets.size());
  size_ += octets.size();
  return true;
}

bool RdataReader::put_number(std::uint64_t value, std::size_t octets) {
  std::uint8_t wire[8];
  set64(wire, value);
  return put({wire + 8 - octets, octets});
}

bool RdataReader::fail_text(const Token& token, const char* expected) {
  return fail_at(token.text, fmt::format("expected {}, found the end of the line", expected));
}

bool RdataReader::take_joined(std::string_view& joined, const char* expected, bool may_be_empty) {
  Token token;
  if (may_be_empty ? !take_optional(token) : !take(token, expected)) return false;
  if (!token.is_text()) {
    joined = token.text.substr(0, 0);
    return true;
  }
  joined = token.text;
  joined_at_ = joined.data();
  if (!take_optional(token)) return false;
  if (!token.is_text()) return true;
  scratch_.assign(joined);
  for (; token.is_text();) {
    scratch_.append(token.text);
    if (!take_optional(token)) return false;
  }
  joined = scratch_;
  return true;
}

bool RdataReader::read(RrType type, Lexer& lexer, NameView origin) {
  lexer_ = &lexer;
  origin_ = origin;
  size_ = 0;
  Token token;
  bool unknown = false;
  if (!lexer.at_plain_word()) {
    if (!take_optional(token)) return false;
    unknown = token.kind == TokenKind::word && token.text == "\\#";
    if (!unknown) lexer.give_back(token);
  }
  if (!(unknown ? unknown_format(token, type) : fields(type))) return false;
  lexer.next(token);
  if (token.kind == TokenKind::error) return fail_at(token.text, lexer.error());
  if (token.is_text())
    return fail_at(token.text, fmt::format("the {} record goes on behind its last field", print(type)));
  return true;
}

bool RdataReader::fields(RrType type) {
  const RrTypeInfo* info = find_type_info(type);
  if (!info || !info->has_format) {
    Token token;
    return take_optional(token) &&
           fail_at(token.text,
                   fmt::format("RDATA of type {} is written as \\# SIZE HEX (RFC 3597)", print(type)));
  }
  for (Field f : info->fields) {
    if (f == Field::none) break;
    if (!field(f)) return false;
  }
  return true;
}

// RFC 3597 §5: the size in octets and base 16, in any number of words.
bool RdataReader::unknown_format(Token hash, RrType type) {
  Token token;
  if (!take(token, "the size of the RDATA")) return false;
  auto size = parse_number(token.text, kMaxRdataOctets);
  if (!size) return fail_at(token.text, "the size of RDATA is a number up to 65535");
  std::string_view hex;
  if (!take_joined(hex, "base 16", true)) return false;
  if (hex.size() != *size * 2 || decode_base16_to(hex, out_.data()) == kNotDecoded)
    return fail_at(hash.text, fmt::format("expected {} octets in base 16", *size));
  size_ = *size;
  return check_rdata(type, rdata()) ||
         fail_at(hash.text, fmt::format("these octets are not the RDATA of a {} record", print(type)));
}

bool RdataReader::field(Field field) {
  switch (field) {
    case Field::none: return true;
    case Field::u8: return number(255, 1, "a number up to 255");
    case Field::u16: return number(65535, 2, "a number up to 65535");
    case Field::u32: return number(0xffffffff, 4, "a number up to 4294967295");
    case Field::u64: return number(~std::uint64_t{0}, 8, "a number of 64 bits");
    case Field::algorithm:
    case Field::scheme:
    case Field::certificate: return mnemonic_number(field);
    case Field::ttl: return ttl();
    case Field::stamp: return stamp();
    case Field::type: return type();
    case Field::ipv4:
    case Field::ipv6: return address(field);
    case Field::name_compressed:
    case Field::name_lowered:
    case Field::name: return name();
    case Field::string: return string();
    case Field::optional_string: {
      Token token;
      if (!take_optional(token)) return false;
      if (!token.is_text()) return true;
      lexer_->give_back(token);
      return string();
    }
    case Field::strings: return rest_of_strings();
    case Field::tag: return string(true);
    case Field::text: return whole_text();
    case Field::hex: return rest_hex(false);
    case Field::hex_0x: return rest_hex(true);
    case Field::base64: return rest_base64(false);
    case Field::base64_dash: return rest_base64(true);
    case Field::salt: return salt();
    case Field::hash: return hash();
    case Field::bitmap: return bitmap();
    case Field::bitmap_nxt: return bitmap_nxt();
    case Field::eui48: return groups(6, 1, '-', "six pairs of hex digits joined by -");
    case Field::eui64: return groups(8, 1, '-', "eight pairs of hex digits joined by -");
    case Field::node64: return groups(8, 2, ':', "four groups of hex digits joined by :");
    case Field::location: return location();
    case Field::prefixes: return prefixes();
    case Field::services: return services();
    case Field::atm: return atm();
    case Field::a6: return a6();
    case Field::gateway: return gateway();
    case Field::relay: return relay();
    case Field::host_identity: return host_identity();
    case Field::params: return params();
  }
  return false;
}

bool RdataReader::number(std::uint64_t most, std::size_t octets, const char* what) {
  Token token;
  if (!take(token, what)) return false;
  auto value = parse_number(token.text, most);
  if (!value) return fail_at(token.text, fmt::format("expected {}", what));
  return put_number(*value, octets);
}

bool RdataReader::mnemonic_number(Field field) {
  Token token;
  if (!take(token, "a mnemonic or a number")) return false;
  std::size_t octets = field == Field::certificate ? 2 : 1;
  if (auto value = parse_number(token.text, octets == 2 ? 65535 : 255)) return put_number(*value, octets);
  auto find = [&](auto& table) -> const Mnemonic* {
    std::string word = upper(token.text);
    auto at = std::find_if(std::begin(table), std::end(table), [&](auto& m) { return m.word == word; });
    return at == std::end(table) ? nullptr : at;
  };
  const Mnemonic* known = field == Field::algorithm     ? find(kAlgorithms)
                          : field == Field::certificate ? find(kCertificates)
                                                        : find(kSchemes);
  if (!known) return fail_at(token.text, "expected a registered mnemonic or a number");
  return put_number(known->value, octets);
}

bool RdataReader::ttl() {
  Token token;
  if (!take(token, "a time in seconds")) return false;
  // The timers of an SOA are 32-bit numbers; only a TTL stops at 2^31 - 1.
  if (auto plain = parse_number(token.text, 0xffffffff)) return put_number(*plain, 4);
  auto value = parse_ttl(token.text);
  if (!value) return fail_at(token.text, "expected a time in seconds or with units, such as 1h30m");
  return put_number(*value, 4);
}

bool RdataReader::stamp() {
  Token token;
  if (!take(token, "a time")) return false;
  if (token.text.size() == 14) {
    if (auto when = parse_time(token.text))
      return put_number(static_cast<std::uint32_t>(when->time_since_epoch().count()), 4);
  } else if (auto seconds = parse_number(token.text, 0xffffffff)) {
    return put_number(*seconds, 4);
  }
  return fail_at(token.text, "expected a time as YYYYMMDDHHmmSS or in seconds since 1970");
}

bool RdataReader::type() {
  Token token;
  if (!take(token, "an RR type")) return false;
  auto type = parse_type(token.text);
  if (!type) return fail_at(token.text, "expected an RR type");
  return put_number(static_cast<std::uint16_t>(*type), 2);
}

bool RdataReader::address(Field field) {
  Token token;
  if (!take(token, "an address")) return false;
  if (room() < 16) return put(Bytes(out_).first(17));
  if (field == Field::ipv4) {
    if (!parse_ipv4(token.text, out_.data() + size_)) return fail_at(token.text, "expected an IPv4 address");
    size_ += 4;
  } else {
    if (!parse_ipv6(token.text, out_.data() + size_)) return fail_at(token.text, "expected an IPv6 address");
    size_ += 16;
  }
  return true;
}

bool RdataReader::name() {
  Token token;
  if (!take(token, "a domain name")) return false;
  if (refuse_relative_ && !is_absolute(token.text))
    return fail_at(token.text,
                   fmt::format("{} is relative, and there is no origin: put $ORIGIN before it", token.text));
  if (token.text == "@" && token.kind == TokenKind::word) return put(origin_.wire());
  NameTextError error{};
  std::size_t size = parse_name(token.text, origin_, out_.data() + size_, error);
  if (size == 0) return fail_at(token.text.substr(std::min(error.column - 1, token.text.size())), error.what);
  if (size > room()) return put({out_.data() + size_, size});  // fails
  size_ += size;
  return true;
}

bool RdataReader::string(bool tag) {
  Token token;
  if (!take(token, "a character string")) return false;
  std::string_view text = token.text;
  if (token.inner_quotes) return fail_at(text, "a quote stands inside a word");
  if (token.escaped) {
    scratch_.clear();
    if (!append_unescaped(scratch_, text)) return fail_at(text, "an escape is \\X or \\DDD up to \\255");
    text = scratch_;
  }
  if (text.size() > 255) return fail_at(token.text, "a character string is longer than 255 octets");
  auto is_tag_octet = [](char c) {
    char l = static_cast<char>(c | 0x20);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
  };
  if (tag && (text.empty() || !std::all_of(text.begin(), text.end(), is_tag_octet)))
    return fail_at(token.text, "a tag is made of letters and digits");
  return put_number(text.size(), 1) && put(as_bytes(text));
}

bool RdataReader::rest_of_strings() {
  if (!string()) return false;
  for (;;) {
    Token token;
    if (!take_optional(token)) return false;
    if (!token.is_text()) return true;
    lexer_->give_back(token);
    if (!string()) return false;
  }
}

bool RdataReader::whole_text() {
  Token token;
  if (!take(token, "a quoted string")) return false;
  if (token.inner_quotes) return fail_at(token.text, "a quote stands inside a word");
  if (!token.escaped) return put(as_bytes(token.text));
  scratch_.clear();
  if (!append_unescaped(scratch_, token.text))
    return fail_at(token.text, "an escape is \\X or \\DDD up to \\255");
  return put(as_bytes(scratch_));
}

bool RdataReader::rest_hex(bool prefixed) {
  std::string_view text;
  if (!take_joined(text, "base 16", false)) return false;
  std::string_view place = text;
  std::string without_dots;
  if (prefixed) {
    if (!text.starts_with("0x") && !text.starts_with("0X")) return fail_at(place, "expected 0x and base 16");
    without_dots = text.substr(2);  // NSAP addresses may have dots between octets (RFC 1706 §6)
    std::erase(without_dots, '.');
    text = without_dots;
  }
  if (text.size() / 2 > room()) return fail_at(place, "the RDATA is longer than 65535 octets");
  std::size_t size = text.empty() ? kNotDecoded : decode_base16_to(text, out_.data() + size_);
  if (size == kNotDecoded) return fail_at(place, "expected base 16 (an even number of hex digits)");
  size_ += size;
  return true;
}

bool RdataReader::rest_base64(bool dash) {
  std::string_view text;
  if (!take_joined(text, "base 64", !dash)) return false;
  if (dash && text == "-") return true;
  if (text.size() / 4 * 3 > room()) return fail_at(text, "the RDATA is longer than 65535 octets");
  std::size_t size = decode_base64_to(text, out_.data() + size_);
  if (size == kNotDecoded) return fail_at(text, "expected base 64");
  size_ += size;
  return true;
}

bool RdataReader::salt() {
  Token token;
  if (!take(token, "a salt in base 16 or -")) return false;
  if (token.text == "-") return put_number(0, 1);
  std::uint8_t octets[256];
  std::size_t size = token.text.size() > 510 ? kNotDecoded : decode_base16_to(token.text, octets);
  if (size == kNotDecoded || size == 0)
    return fail_at(token.text, "a salt is base 16 of at most 255 octets, or -");
  return put_number(size, 1) && put({octets, size});
}

bool RdataReader::hash() {
  Token token;
  if (!take(token, "a hash in base 32")) return false;
  std::uint8_t octets[256];
  std::size_t size = token.text.size() > 408 ? kNotDecoded : decode_base32hex_to(token.text, octets);
  if (size == kNotDecoded || size == 0)
    return fail_at(token.text, "a hash is base 32 (extended hex alphabet, no padding) of at most 255 octets");
  return put_number(size, 1) && put({octets, size});
}

// The types come in any order; on the wire they are bits in windows of 256 (RFC 4034 §4.1.2).
bool RdataReader::bitmap() {
  std::uint8_t windows[8][32] = {};  // 0 to 7: all types that are in use
  std::vector<RrType> rare;
  unsigned used = 0;
  for (;;) {
    Token token;
    if (!take_optional(token)) return false;
    if (!token.is_text()) break;
    auto type = parse_type(token.text);
    if (!type) return fail_at(token.text, "expected an RR type");
    auto n = static_cast<unsigned>(*type);
    if (n >= 8 * 256) {
      rare.push_back(*type);
      continue;
    }
    windows[n >> 8][(n & 255) >> 3] |= static_cast<std::uint8_t>(0x80 >> (n & 7));
    used |= 1u << (n >> 8);
  }
  for (unsigned w = 0; w < 8; ++w) {
    if (!(used >> w & 1)) continue;
    std::size_t length = 32;
    while (windows[w][length - 1] == 0) --length;
    if (!put_number(w, 1) || !put_number(length, 1) || !put({windows[w], length})) return false;
  }
  Buffer more;
  append_type_bitmap(more, rare);
  return put(more);
}

void append_type_bitmap(Buffer& out, std::vector<RrType>& types) {
  std::sort(types.begin(), types.end());
  for (std::size_t i = 0; i < types.size();) {
    unsigned window = static_cast<unsigned>(types[i]) >> 8;
    std::uint8_t bits[32] = {};
    std::size_t length = 0;
    for (; i < types.size() && static_cast<unsigned>(types[i]) >> 8 == window; ++i) {
      unsigned low = static_cast<unsigned>(types[i]) & 255;
      bits[low >> 3] |= static_cast<std::uint8_t>(0x80 >> (low & 7));
      length = (low >> 3) + 1;
    }
    append8(out, static_cast<std::uint8_t>(window));
    append8(out, static_cast<std::uint8_t>(length));
    append(out, {bits, length});
  }
}

Result<Buffer> parse_rdata(RrType type, std::string_view text, NameView origin) {
  Lexer lexer(text);
  RdataReader reader;
  if (!reader.read(type, lexer, origin)) {
    const char* at = reader.error().at;
    bool inside = at >= text.data() && at <= text.data() + text.size();
    return fail(ErrorKind::malformed, "column {}: {}", inside ? at - text.data() + 1 : 1,
                reader.error().what);
  }
  Token rest = lexer.next();
  if (rest.kind != TokenKind::file_end)
    return fail(ErrorKind::malformed, "column {}: the record goes on behind its end of line",
                rest.text.data() - text.data() + 1);
  Bytes rdata = reader.rdata();
  return Buffer(rdata.begin(), rdata.end());
}

}  // namespace zw
