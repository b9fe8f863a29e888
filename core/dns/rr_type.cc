#include "dns/rr_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "dns/name.h"

namespace zw {
namespace {

using F = Field;

constexpr RrTypeInfo row(RrType type, std::string_view mnemonic, std::initializer_list<Field> fields) {
  RrTypeInfo info{type, mnemonic, true, {}};
  std::size_t i = 0;
  for (Field field : fields) info.fields[i++] = field;
  return info;
}
constexpr RrTypeInfo opaque(RrType type, std::string_view mnemonic) { return {type, mnemonic, false, {}}; }

// Sorted by type. The order of the fields is the order on the wire and in text.
constexpr RrTypeInfo kTable[] = {
    row(RrType::A, "A", {F::ipv4}),
    row(RrType::NS, "NS", {F::name_compressed}),
    row(RrType::MD, "MD", {F::name_compressed}),
    row(RrType::MF, "MF", {F::name_compressed}),
    row(RrType::CNAME, "CNAME", {F::name_compressed}),
    row(RrType::SOA, "SOA", {F::name_compressed, F::name_compressed, F::u32, F::ttl, F::ttl, F::ttl, F::ttl}),
    row(RrType::MB, "MB", {F::name_compressed}),
    row(RrType::MG, "MG", {F::name_compressed}),
    row(RrType::MR, "MR", {F::name_compressed}),
    opaque(RrType::NULL_, "NULL"),
    row(RrType::WKS, "WKS", {F::ipv4, F::services}),
    row(RrType::PTR, "PTR", {F::name_compressed}),
    row(RrType::HINFO, "HINFO", {F::string, F::string}),
    row(RrType::MINFO, "MINFO", {F::name_compressed, F::name_compressed}),
    row(RrType::MX, "MX", {F::u16, F::name_compressed}),
    row(RrType::TXT, "TXT", {F::strings}),
    row(RrType::RP, "RP", {F::name_lowered, F::name_lowered}),
    row(RrType::AFSDB, "AFSDB", {F::u16, F::name_lowered}),
    row(RrType::X25, "X25", {F::string}),
    row(RrType::ISDN, "ISDN", {F::string, F::optional_string}),
    row(RrType::RT, "RT", {F::u16, F::name_lowered}),
    row(RrType::NSAP, "NSAP", {F::hex_0x}),
    row(RrType::NSAP_PTR, "NSAP-PTR", {F::name}),
    row(RrType::SIG, "SIG",
        {F::type, F::algorithm, F::u8, F::u32, F::stamp, F::stamp, F::u16, F::name_lowered, F::base64}),
    row(RrType::KEY, "KEY", {F::u16, F::u8, F::algorithm, F::base64}),
    row(RrType::PX, "PX", {F::u16, F::name_lowered, F::name_lowered}),
    row(RrType::GPOS, "GPOS", {F::string, F::string, F::string}),
    row(RrType::AAAA, "AAAA", {F::ipv6}),
    row(RrType::LOC, "LOC", {F::location}),
    row(RrType::NXT, "NXT", {F::name_lowered, F::bitmap_nxt}),
    row(RrType::EID, "EID", {F::hex}),
    row(RrType::NIMLOC, "NIMLOC", {F::hex}),
    row(RrType::SRV, "SRV", {F::u16, F::u16, F::u16, F::name_lowered}),
    row(RrType::ATMA, "ATMA", {F::atm}),
    row(RrType::NAPTR, "NAPTR", {F::u16, F::u16, F::string, F::string, F::string, F::name_lowered}),
    row(RrType::KX, "KX", {F::u16, F::name_lowered}),
    row(RrType::CERT, "CERT", {F::certificate, F::u16, F::algorithm, F::base64}),
    row(RrType::A6, "A6", {F::a6}),
    row(RrType::DNAME, "DNAME", {F::name_lowered}),
    row(RrType::SINK, "SINK", {F::u8, F::u8, F::u8, F::base64}),
    opaque(RrType::OPT, "OPT"),
    row(RrType::APL, "APL", {F::prefixes}),
    row(RrType::DS, "DS", {F::u16, F::algorithm, F::u8, F::hex}),
    row(RrType::SSHFP, "SSHFP", {F::u8, F::u8, F::hex}),
    row(RrType::IPSECKEY, "IPSECKEY", {F::u8, F::u8, F::u8, F::gateway, F::base64}),
    row(RrType::RRSIG, "RRSIG",
        {F::type, F::algorithm, F::u8, F::u32, F::stamp, F::stamp, F::u16, F::name_lowered, F::base64}),
    row(RrType::NSEC, "NSEC", {F::name, F::bitmap}),
    row(RrType::DNSKEY, "DNSKEY", {F::u16, F::u8, F::algorithm, F::base64}),
    row(RrType::DHCID, "DHCID", {F::base64}),
    row(RrType::NSEC3, "NSEC3", {F::u8, F::u8, F::u16, F::salt, F::hash, F::bitmap}),
    row(RrType::NSEC3PARAM, "NSEC3PARAM", {F::u8, F::u8, F::u16, F::salt}),
    row(RrType::TLSA, "TLSA", {F::u8, F::u8, F::u8, F::hex}),
    row(RrType::SMIMEA, "SMIMEA", {F::u8, F::u8, F::u8, F::hex}),
    row(RrType::HIP, "HIP", {F::host_identity}),
    row(RrType::NINFO, "NINFO", {F::strings}),
    row(RrType::RKEY, "RKEY", {F::u16, F::u8, F::algorithm, F::base64}),
    row(RrType::TALINK, "TALINK", {F::name, F::name}),
    row(RrType::CDS, "CDS", {F::u16, F::algorithm, F::u8, F::hex}),
    row(RrType::CDNSKEY, "CDNSKEY", {F::u16, F::u8, F::algorithm, F::base64}),
    row(RrType::OPENPGPKEY, "OPENPGPKEY", {F::base64}),
    row(RrType::CSYNC, "CSYNC", {F::u32, F::u16, F::bitmap}),
    row(RrType::ZONEMD, "ZONEMD", {F::u32, F::u8, F::u8, F::hex}),
    row(RrType::SVCB, "SVCB", {F::u16, F::name, F::params}),
    row(RrType::HTTPS, "HTTPS", {F::u16, F::name, F::params}),
    row(RrType::DSYNC, "DSYNC", {F::type, F::scheme, F::u16, F::name}),
    row(RrType::HHIT, "HHIT", {F::base64}),
    row(RrType::BRID, "BRID", {F::base64}),
    row(RrType::SPF, "SPF", {F::strings}),
    opaque(RrType::UINFO, "UINFO"),
    opaque(RrType::UID, "UID"),
    opaque(RrType::GID, "GID"),
    opaque(RrType::UNSPEC, "UNSPEC"),
    row(RrType::NID, "NID", {F::u16, F::node64}),
    row(RrType::L32, "L32", {F::u16, F::ipv4}),
    row(RrType::L64, "L64", {F::u16, F::node64}),
    row(RrType::LP, "LP", {F::u16, F::name}),
    row(RrType::EUI48, "EUI48", {F::eui48}),
    row(RrType::EUI64, "EUI64", {F::eui64}),
    opaque(RrType::NXNAME, "NXNAME"),
    opaque(RrType::TKEY, "TKEY"),
    opaque(RrType::TSIG, "TSIG"),
    opaque(RrType::IXFR, "IXFR"),
    opaque(RrType::AXFR, "AXFR"),
    opaque(RrType::MAILB, "MAILB"),
    opaque(RrType::MAILA, "MAILA"),
    opaque(RrType::ANY, "ANY"),
    row(RrType::URI, "URI", {F::u16, F::u16, F::text}),
    row(RrType::CAA, "CAA", {F::u8, F::tag, F::text}),
    row(RrType::AVC, "AVC", {F::strings}),
    row(RrType::DOA, "DOA", {F::u32, F::u32, F::u8, F::string, F::base64_dash}),
    row(RrType::AMTRELAY, "AMTRELAY", {F::u8, F::relay}),
    row(RrType::RESINFO, "RESINFO", {F::strings}),
    row(RrType::WALLET, "WALLET", {F::strings}),
    row(RrType::CLA, "CLA", {F::strings}),
    row(RrType::IPN, "IPN", {F::u64}),
    row(RrType::TA, "TA", {F::u16, F::algorithm, F::u8, F::hex}),
    row(RrType::DLV, "DLV", {F::u16, F::algorithm, F::u8, F::hex}),
};
static_assert(std::is_sorted(std::begin(kTable), std::end(kTable),
                             [](auto& a, auto& b) { return a.type < b.type; }));

// Types below this find their row without a search.
constexpr std::size_t kDirect = 300;
constexpr auto kRowOf = [] {
  std::array<std::uint8_t, kDirect> rows{};
  rows.fill(0xff);
  for (std::size_t i = 0; i < std::size(kTable); ++i)
    if (auto n = static_cast<std::size_t>(kTable[i].type); n < kDirect)
      rows[n] = static_cast<std::uint8_t>(i);
  return rows;
}();

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return kLower[static_cast<std::uint8_t>(x)] == kLower[static_cast<std::uint8_t>(y)];
  });
}

std::optional<std::uint16_t> number_behind(std::string_view prefix, std::string_view text) {
  if (text.size() <= prefix.size() || !same_word(text.substr(0, prefix.size()), prefix)) return std::nullopt;
  std::uint16_t value = 0;
  auto [end, error] = std::from_chars(text.data() + prefix.size(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Mnemonics by a hash of their letters, made at compile time: zone files name a type in each record.
constexpr std::size_t kBuckets = 512;
constexpr std::size_t bucket_of(std::string_view word) {
  std::uint32_t hash = 0;
  for (char c : word) hash = hash * 31 + kLower[static_cast<std::uint8_t>(c)];
  return (hash ^ hash >> 9) % kBuckets;
}
constexpr auto kByMnemonic = [] {
  std::array<std::uint8_t, kBuckets> rows{};
  rows.fill(0xff);
  for (std::size_t i = 0; i < std::size(kTable); ++i) {
    std::size_t at = bucket_of(kTable[i].mnemonic);
    while (rows[at] != 0xff) at = (at + 1) % kBuckets;
    rows[at] = static_cast<std::uint8_t>(i);
  }
  return rows;
}();

}  // namespace

const RrTypeInfo* find_type_info(RrType type) {
  auto n = static_cast<std::size_t>(type);
  if (n < kDirect) return kRowOf[n] == 0xff ? nullptr : &kTable[kRowOf[n]];
  if (type == RrType::TA || type == RrType::DLV) return std::end(kTable) - (type == RrType::TA ? 2 : 1);
  return nullptr;
}

std::span<const RrTypeInfo> all_type_infos() { return kTable; }

void append_print(std::string& out, RrType type) {
  if (const RrTypeInfo* info = find_type_info(type))
    out += info->mnemonic;
  else
    fmt::format_to(std::back_inserter(out), "TYPE{}", static_cast<unsigned>(type));
}

std::string print(RrType type) {
  std::string out;
  append_print(out, type);
  return out;
}

bool parse_type(std::string_view text, RrType& type) {
  if (text.empty() || text.size() > 16) return false;
  for (std::size_t at = bucket_of(text); kByMnemonic[at] != 0xff; at = (at + 1) % kBuckets) {
    const RrTypeInfo& info = kTable[kByMnemonic[at]];
    if (same_word(info.mnemonic, text)) return type = info.type, true;
  }
  auto number = number_behind("TYPE", text);
  if (number) type = static_cast<RrType>(*number);
  return number.has_value();
}

std::string print(RrClass rr_class) {
  switch (rr_class) {
    case RrClass::IN: return "IN";
    case RrClass::CH: return "CH";
    case RrClass::HS: return "HS";
    case RrClass::NONE: return "NONE";
    case RrClass::ANY: return "ANY";
  }
  return fmt::format("CLASS{}", static_cast<unsigned>(rr_class));
}

std::optional<RrClass> parse_class(std::string_view text) {
  for (RrClass known : {RrClass::IN, RrClass::CH, RrClass::HS, RrClass::NONE, RrClass::ANY})
    if (same_word(print(known), text)) return known;
  if (auto number = number_behind("CLASS", text)) return static_cast<RrClass>(*number);
  return std::nullopt;
}

std::string print(Rcode rcode) {
  static constexpr std::string_view kNames[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI"};
  static constexpr std::string_view kExtended[] = {"BADVERS", "BADKEY", "BADTIME",  "BADMODE",
                                                   "BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE"};
  auto n = static_cast<std::size_t>(rcode);
  if (n < std::size(kNames)) return std::string(kNames[n]);
  if (n >= 16 && n - 16 < std::size(kExtended)) return std::string(kExtended[n - 16]);
  return fmt::format("RCODE{}", n);
}

std::string print(Opcode opcode) {
  switch (opcode) {
    case Opcode::QUERY: return "QUERY";
    case Opcode::IQUERY: return "IQUERY";
    case Opcode::STATUS: return "STATUS";
    case Opcode::NOTIFY: return "NOTIFY";
    case Opcode::UPDATE: return "UPDATE";
    case Opcode::DSO: return "DSO";
  }
  return fmt::format("OPCODE{}", static_cast<unsigned>(opcode));
}

}  // namespace zw
