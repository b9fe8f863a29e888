#include "packet_maker.h"

#include <algorithm>

#include "dns/edns.h"
#include "dns/tsig.h"

namespace zw {
namespace {

constexpr std::size_t kMost = 4096;
constexpr RrType kTypes[] = {RrType::SOA,  RrType::NS,   RrType::A,      RrType::AAAA,   RrType::DS,
                             RrType::ANY,  RrType::MX,   RrType::DNSKEY, RrType::ZONEMD, RrType::RRSIG,
                             RrType::NSEC, RrType::AXFR, RrType::IXFR,   RrType::TXT,    RrType::TSIG,
                             RrType::OPT,  RrType{0},    RrType{65280},  RrType::CNAME,  RrType::DNAME};
constexpr std::uint8_t kOctets[] = {0, 1, 2, 0x0c, 0x29, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xfa, 0xff};
constexpr std::uint16_t kNumbers[] = {0,   1,   2,   11,     12,     41,     250,    251,    252,
                                      255, 256, 512, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xc00c, 0xffff};
constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "OPTIONS", "CONNECT", "get", "G", ""};
constexpr std::string_view kPaths[] = {"/status", "/metrics",          "/healthz",     "/", "*", "//",
                                       "/%00",    "/../../etc/passwd", "/status?a=%zz"};
constexpr std::string_view kVersions[] = {" HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/2.0\r\n",
                                          "\r\n",          " HTTP/1.1\n",   " HTTP/999999999999.1\r\n"};
constexpr std::string_view kHeaders[] = {"Host: a\r\n",
                                         "Content-Length: 5\r\n",
                                         "Content-Length: -1\r\n",
                                         "Content-Length: 99999999999999999999\r\n",
                                         "Transfer-Encoding: chunked\r\n",
                                         "Connection: close\r\n",
                                         "Connection: keep-alive\r\n",
                                         "Expect: 100-continue\r\n",
                                         "Upgrade: h2c\r\n",
                                         " folded\r\n",
                                         ": none\r\n",
                                         "no colon\r\n",
                                         "Range: bytes=0-\r\n"};

}  // namespace

Bytes PacketMaker::message(WallTime now) {
  if (chance(8)) {
    random_octets(out_, chance(80) ? 64 : kMost);
    return out_;
  }
  request(now);
  if (chance(75)) mutate(out_);
  return out_;
}

Bytes PacketMaker::http_request() {
  out_.clear();
  if (chance(10)) {
    random_octets(out_, kMost);
    return out_;
  }
  auto add = [&](std::string_view text) { append(out_, as_bytes(text)); };
  add(any(kMethods));
  add(" ");
  add(any(kPaths));
  if (chance(5)) out_.resize(out_.size() + random_.below(20'000), 'a');
  add(any(kVersions));
  for (std::uint64_t i = random_.below(6); i > 0; --i) add(any(kHeaders));
  if (chance(3))
    for (int i = 0; i < 500; ++i) add("X-Many: 0123456789\r\n");
  if (chance(90)) add("\r\n");
  if (chance(20)) add("3\r\nabc\r\nffffffffffffffff\r\n");
  if (chance(40)) mutate(out_);
  return out_;
}

void PacketMaker::random_octets(Buffer& out, std::size_t most) {
  out.resize(random_.below(most + 1));
  random_.fill(out);
}

// The zone, one name in it, below it, or with odd labels.
Name PacketMaker::name() {
  switch (random_.below(4)) {
    case 0:
    case 1: return zone_;
    case 2: return *Name::join(*Name::parse("x" + std::to_string(random_.below(100'000)) + "."), zone_);
    default: {
      std::uint8_t wire[kMaxNameOctets];
      std::size_t size = 0;
      for (std::uint64_t i = random_.below(128); i > 0 && size < 250; --i) {
        auto label = static_cast<std::uint8_t>(1 + random_.below(std::min<std::size_t>(63, 253 - size)));
        wire[size++] = label;
        random_.fill(MutableBytes(wire + size, label));
        size += label;
        if (size > 253) return zone_;
      }
      wire[size++] = 0;
      auto made = Name::from_wire(Bytes(wire, size));
      return made ? *made : zone_;
    }
  }
}

void PacketMaker::request(WallTime now) {
  out_.resize(kMost);
  bool is_notify = chance(15), is_transfer = !is_notify && chance(20);
  auto opcode = static_cast<std::uint16_t>(is_notify ? 4 : chance(97) ? 0 : random_.below(16));
  auto bits = static_cast<std::uint16_t>(opcode << 11 | (is_notify ? Header::kAa : 0) |
                                         (chance(30) ? Header::kRd : 0));
  writer_.start(out_, static_cast<std::uint16_t>(random_.next()), bits);
  RrType type = is_notify     ? RrType::SOA
                : is_transfer ? (chance(50) ? RrType::AXFR : RrType::IXFR)
                              : any(kTypes);
  RrClass rr_class = chance(95) ? RrClass::IN : static_cast<RrClass>(any(kNumbers));
  for (std::uint64_t questions = chance(97) ? 1 : random_.below(4); questions > 0; --questions)
    if (!writer_.question(is_notify || is_transfer ? (chance(80) ? zone_ : name()) : name(), type, rr_class))
      break;
  if (type == RrType::IXFR || (is_notify && chance(50))) {
    Buffer soa = soa_;
    std::uint8_t* serial = soa.data() + soa.size() - 20;
    set32(serial, chance(20) ? static_cast<std::uint32_t>(random_.next())
                             : get32(serial) - static_cast<std::uint32_t>(random_.below(4)));
    static_cast<void>(writer_.record(is_notify ? Section::answer : Section::authority, zone_, RrType::SOA,
                                     RrClass::IN, 0, soa));  // if it fits
  }
  if (chance(70)) add_edns();
  out_.resize(writer_.finish().size());
  if (chance(is_transfer || is_notify ? 30 : 5)) {
    if (chance(10)) now += Seconds(static_cast<std::int64_t>(random_.below(2000)) - 1000);
    auto signed_well = TsigStreamVerifier::sign_request(key_, out_, now);
    ZW_ASSERT(signed_well.has_value());
  }
}

void PacketMaker::add_edns() {
  EdnsOptions options;
  Buffer data;
  for (std::uint64_t i = random_.below(5); i > 0; --i) {
    auto code =
        chance(90) ? static_cast<OptionCode>(1 + random_.below(20)) : static_cast<OptionCode>(random_.next());
    random_octets(data, code == OptionCode::COOKIE ? 40 : code == OptionCode::PADDING ? 300 : 12);
    if (code == OptionCode::COOKIE && chance(60)) data.resize(chance(50) ? 8 : 24, 1);
    if (chance(40) && code != OptionCode::COOKIE) data.clear();
    static_cast<void>(options.add(code, data));  // if there is room
  }
  OptFields fields;
  fields.payload_octets = chance(60) ? 1232 : any(kNumbers);
  fields.dnssec_ok = chance(60);
  fields.version = chance(95) ? 0 : static_cast<std::uint8_t>(random_.next());
  static_cast<void>(write_opt(writer_, fields, options.octets()));
}

void PacketMaker::mutate(Buffer& octets) {
  for (std::uint64_t i = 1 + random_.below(8); i > 0; --i) mutate_once(octets);
}

void PacketMaker::mutate_once(Buffer& octets) {
  if (octets.empty()) return random_octets(octets, 16);
  std::size_t at = random_.below(octets.size());
  std::size_t count = std::min<std::size_t>(octets.size() - at, 1 + random_.below(16));
  auto place = octets.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random_.below(9)) {
    case 0: octets[at] ^= static_cast<std::uint8_t>(1u << random_.below(8)); break;
    case 1: octets[at] = any(kOctets); break;
    case 2: octets[at] = static_cast<std::uint8_t>(random_.next()); break;
    case 3:  // a length, a count, a type
      if (at + 2 <= octets.size()) set16(&octets[at], any(kNumbers));
      break;
    case 4:  // a count in the header
      if (octets.size() >= 12) set16(&octets[4 + 2 * random_.below(4)], any(kNumbers));
      break;
    case 5: octets.resize(at); break;
    case 6: {
      Buffer again(place, place + static_cast<std::ptrdiff_t>(count));
      octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(random_.below(octets.size())), again.begin(),
                    again.end());
      break;
    }
    case 7: octets.erase(place, place + static_cast<std::ptrdiff_t>(count)); break;
    default: {  // a pointer, to anywhere before or behind
      std::uint8_t pointer[2];
      set16(pointer, static_cast<std::uint16_t>(0xc000 | random_.below(octets.size() + 4)));
      octets.insert(place, pointer, pointer + 2);
    }
  }
}

}  // namespace zw
