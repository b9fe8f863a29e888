// RR types, classes, RCODEs and opcodes of the IANA registries, and the one table that describes the RDATA of
// each type for every direction: text to wire, wire to text, checking, canonical form, compression.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace zw {

// clang-format off
enum class RrType : std::uint16_t {
  A = 1, NS = 2, MD = 3, MF = 4, CNAME = 5, SOA = 6, MB = 7, MG = 8, MR = 9, NULL_ = 10, WKS = 11, PTR = 12,
  HINFO = 13, MINFO = 14, MX = 15, TXT = 16, RP = 17, AFSDB = 18, X25 = 19, ISDN = 20, RT = 21, NSAP = 22,
  NSAP_PTR = 23, SIG = 24, KEY = 25, PX = 26, GPOS = 27, AAAA = 28, LOC = 29, NXT = 30, EID = 31, NIMLOC = 32,
  SRV = 33, ATMA = 34, NAPTR = 35, KX = 36, CERT = 37, A6 = 38, DNAME = 39, SINK = 40, OPT = 41, APL = 42,
  DS = 43, SSHFP = 44, IPSECKEY = 45, RRSIG = 46, NSEC = 47, DNSKEY = 48, DHCID = 49, NSEC3 = 50,
  NSEC3PARAM = 51, TLSA = 52, SMIMEA = 53, HIP = 55, NINFO = 56, RKEY = 57, TALINK = 58, CDS = 59, CDNSKEY = 60,
  OPENPGPKEY = 61, CSYNC = 62, ZONEMD = 63, SVCB = 64, HTTPS = 65, DSYNC = 66, HHIT = 67, BRID = 68, SPF = 99,
  UINFO = 100, UID = 101, GID = 102, UNSPEC = 103, NID = 104, L32 = 105, L64 = 106, LP = 107, EUI48 = 108,
  EUI64 = 109, NXNAME = 128, TKEY = 249, TSIG = 250, IXFR = 251, AXFR = 252, MAILB = 253, MAILA = 254, ANY = 255,
  URI = 256, CAA = 257, AVC = 258, DOA = 259, AMTRELAY = 260, RESINFO = 261, WALLET = 262, CLA = 263, IPN = 264,
  TA = 32768, DLV = 32769,
};

enum class RrClass : std::uint16_t { IN = 1, CH = 3, HS = 4, NONE = 254, ANY = 255 };

enum class Opcode : std::uint8_t { QUERY = 0, IQUERY = 1, STATUS = 2, NOTIFY = 4, UPDATE = 5, DSO = 6 };

/// Extended RCODEs (RFC 6891 §6.1.3): the low four bits stand in the header, the rest in OPT.
enum class Rcode : std::uint16_t {
  NOERROR = 0, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, NOTIMP = 4, REFUSED = 5, YXDOMAIN = 6, YXRRSET = 7,
  NXRRSET = 8, NOTAUTH = 9, NOTZONE = 10, DSOTYPENI = 11, BADVERS = 16, BADKEY = 17, BADTIME = 18, BADMODE = 19,
  BADNAME = 20, BADALG = 21, BADTRUNC = 22, BADCOOKIE = 23,
};
// clang-format on
/// The value 16 is BADVERS in an OPT record and BADSIG in a TSIG record (RFC 8945 §3).
inline constexpr Rcode kBadSig = Rcode::BADVERS;

/// What stands in one field of RDATA. In brackets a type that has it.
enum class Field : std::uint8_t {
  none,
  u8,
  u16,
  u32,
  u64,
  algorithm,        // u8, DNSSEC algorithm: mnemonic or number in text, number printed [DS]
  certificate,      // u16, kind of certificate: mnemonic or number [CERT]
  scheme,           // u8, mnemonic or number [DSYNC]
  ttl,              // u32, seconds; units allowed in text [SOA]
  stamp,            // u32, YYYYMMDDHHmmSS in text [RRSIG]
  type,             // u16, RR type [RRSIG]
  ipv4,             //
  ipv6,             //
  name_compressed,  // may be compressed in messages, lower-cased in canonical form [types of RFC 1035]
  name_lowered,     // never compressed by us, lower-cased in canonical form (RFC 4034 §6.2) [SRV]
  name,             // never compressed, case kept in canonical form (RFC 3597 §4, RFC 6840 §5.1) [NSEC]
  string,           // one octet of length, then that many [HINFO]
  optional_string,  // a string or nothing [ISDN]
  strings,          // one or more strings to the end [TXT]
  tag,              // a string of letters and digits, not quoted in text [CAA]
  text,             // the rest, as one quoted string without a length [CAA, URI]
  hex,              // the rest, base 16, at least one octet [DS]
  hex_0x,           // the rest, base 16 behind 0x [NSAP]
  base64,           // the rest, base 64, may be empty [DNSKEY]
  base64_dash,      // the rest, base 64, "-" when empty [DOA]
  salt,             // one octet of length, base 16, "-" when empty [NSEC3]
  hash,             // one octet of length (at least 1), base 32 hex [NSEC3]
  bitmap,           // windows of RR types to the end, may be empty (RFC 4034 §4.1.2) [NSEC]
  bitmap_nxt,       // types 1 to 127 as one flat bit map (RFC 2535 §5.2) [NXT]
  eui48,            //
  eui64,            //
  node64,           // 64 bits as four groups of hex [NID]
  location,         // RFC 1876 [LOC]
  prefixes,         // RFC 3123 [APL]
  services,         // protocol and bit map of ports [WKS]
  atm,              // [ATMA]
  a6,               // prefix length, suffix, prefix name [A6]
  gateway,          // its form is the gateway type, two octets into the RDATA [IPSECKEY]
  relay,            // discovery bit, relay type and relay [AMTRELAY]
  host_identity,    // the whole RDATA [HIP]
  params,           // key=value pairs to the end, RFC 9460 [SVCB]
};

constexpr std::size_t kMaxFields = 10;

struct RrTypeInfo {
  RrType type;
  std::string_view mnemonic;
  bool has_format;                       // false: known by name only; RDATA is opaque (RFC 3597)
  std::array<Field, kMaxFields> fields;  // `none` ends the list
};

/// Absent for types outside the table.
const RrTypeInfo* find_type_info(RrType type);
/// The whole table, in order of type.
std::span<const RrTypeInfo> all_type_infos();

/// `A`, or `TYPE65280` when there is no mnemonic (RFC 3597 §5).
std::string print(RrType type);
void append_print(std::string& out, RrType type);
/// Any letter case; `TYPE123` works for each type. Two forms, as for parse_ttl().
bool parse_type(std::string_view text, RrType& type);
inline std::optional<RrType> parse_type(std::string_view text) {
  RrType type;
  return parse_type(text, type) ? std::optional(type) : std::nullopt;
}

std::string print(RrClass rr_class);
std::optional<RrClass> parse_class(std::string_view text);
std::string print(Rcode rcode);
std::string print(Opcode opcode);

/// Types that exist only in messages and never stand in a zone (RFC 6895 §3.1: OPT and 128 to 255).
constexpr bool is_meta_type(RrType type) {
  auto n = static_cast<std::uint16_t>(type);
  return n == 0 || n == 41 || (n >= 128 && n <= 255);
}

}  // namespace zw
