#include "dns/rdata.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "dns/address_text.h"
#include "dns/random_rdata.h"

using namespace zw;
using zw::testing::random_rdata;

namespace {

std::string round_trip(RrType type, std::string_view text) {
  auto wire = parse_rdata(type, text, *Name::parse("example."));
  return wire ? print_rdata(type, *wire) : "error: " + wire.error().what;
}

}  // namespace

TEST_CASE("generated RDATA of every type is well formed, and text reads back to the same octets") {
  Splitmix random(11);
  for (const RrTypeInfo& info : all_type_infos()) {
    CAPTURE(info.mnemonic);
    for (int i = 0; i < 300; ++i) {
      Buffer wire = random_rdata(info, random);
      REQUIRE(check_rdata(info.type, wire));
      std::string text = print_rdata(info.type, wire);
      CAPTURE(text);
      auto back = parse_rdata(info.type, text);
      REQUIRE_MESSAGE(back, back.error().what);
      CHECK(base16(*back) == base16(wire));
    }
  }
}

TEST_CASE("the generic form of RFC 3597 reads for every type") {
  Splitmix random(12);
  for (const RrTypeInfo& info : all_type_infos()) {
    Buffer wire = random_rdata(info, random);
    std::string text = "\\# " + std::to_string(wire.size()) + " " + base16(wire);
    auto back = parse_rdata(info.type, text);
    REQUIRE_MESSAGE(back, info.mnemonic << ": " << back.error().what);
    CHECK(*back == wire);
  }
  CHECK(round_trip(static_cast<RrType>(65280), "\\# 3 0a0b 0c") == "\\# 3 0A0B0C");
  CHECK(round_trip(RrType::A, "\\# 4 C0000201") == "192.0.2.1");
  CHECK(round_trip(RrType::A, "\\# 3 C00002").starts_with("error"));
}

TEST_CASE("RDATA cut anywhere or with octets behind it is an error or other RDATA, never a fault") {
  Splitmix random(13);
  for (const RrTypeInfo& info : all_type_infos()) {
    for (int i = 0; i < 40; ++i) {
      Buffer wire = random_rdata(info, random);
      for (std::size_t size = 0; size < wire.size(); ++size) {
        Bytes cut = Bytes(wire).first(size);
        check_rdata(info.type, cut);
        print_rdata(info.type, cut);
        Buffer canonical;
        append_canonical_rdata(canonical, info.type, cut);
        CHECK(canonical.size() == size);
      }
      if (!wire.empty()) wire[random.below(wire.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
      print_rdata(info.type, wire);
    }
  }
}

TEST_CASE("mnemonics and numbers of types") {
  for (const RrTypeInfo& info : all_type_infos()) {
    CHECK(parse_type(info.mnemonic) == info.type);
    CHECK(print(info.type) == info.mnemonic);
    CHECK(parse_type("TYPE" + std::to_string(static_cast<unsigned>(info.type))) == info.type);
  }
  CHECK(parse_type("nsec3Param") == RrType::NSEC3PARAM);
  CHECK(print(static_cast<RrType>(65280)) == "TYPE65280");
  for (auto bad : {"", "TYPE", "TYPE65536", "TYPE-1", "AAAAA", "TYPE1x"}) CHECK_FALSE(parse_type(bad));
}

TEST_CASE("examples from the RFCs print as they were written") {
  // RFC 1876 §4, RFC 2782, RFC 3123 §5, RFC 3403, RFC 4025 §3, RFC 4034, RFC 5155, RFC 6742 §2, RFC 7043, RFC
  // 8659, 7553, 8777
  CHECK(round_trip(RrType::LOC, "42 21 54 N 71 06 18 W -24m 30m") ==
        "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m");
  CHECK(round_trip(RrType::SRV, "0 1 9 old-slow-box") == "0 1 9 old-slow-box.example.");
  CHECK(round_trip(RrType::APL, "1:192.168.32.0/21 !1:192.168.38.0/28 2:FF00:0:0:0:0:0:0:0/8") ==
        "1:192.168.32.0/21 !1:192.168.38.0/28 2:ff00::/8");
  CHECK(round_trip(RrType::NAPTR, "100 10 \"\" \"\" \"!^urn:cid:.+@([^\\\\.]+\\\\.)(.*)$!\\\\2!i\" .") ==
        "100 10 \"\" \"\" \"!^urn:cid:.+@([^\\\\.]+\\\\.)(.*)$!\\\\2!i\" .");
  CHECK(round_trip(RrType::IPSECKEY, "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==") ==
        "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==");
  CHECK(round_trip(RrType::NSEC, "host.example.com. ( A MX RRSIG NSEC TYPE1234 )") ==
        "host.example.com. A MX RRSIG NSEC TYPE1234");
  CHECK(round_trip(RrType::NSEC3, "1 1 12 aabbccdd ( 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA )") ==
        "1 1 12 AABBCCDD 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX DNSKEY");
  CHECK(round_trip(RrType::NSEC3PARAM, "1 0 0 -") == "1 0 0 -");
  CHECK(round_trip(RrType::NID, "10 0014:4fff:ff20:ee64") == "10 0014:4fff:ff20:ee64");
  CHECK(round_trip(RrType::EUI48, "00-00-5e-00-53-2a") == "00-00-5e-00-53-2a");
  CHECK(round_trip(RrType::CAA, "0 issue \"ca1.example.net; account=230123\"") ==
        "0 issue \"ca1.example.net; account=230123\"");
  CHECK(round_trip(RrType::URI, "10 1 \"ftp://ftp1.example.com/public\"") ==
        "10 1 \"ftp://ftp1.example.com/public\"");
  CHECK(round_trip(RrType::AMTRELAY, "10 0 3 amtrelays.example.com.") == "10 0 3 amtrelays.example.com.");
  CHECK(round_trip(RrType::TXT, "abc \"d e\" \"\" \\200") == "\"abc\" \"d e\" \"\" \"\\200\"");
  CHECK(round_trip(RrType::SOA, "@ host 1 1h 30M 1w2D 0") == "example. host.example. 1 3600 1800 777600 0");
  CHECK(round_trip(RrType::DSYNC, "CDS NOTIFY 5359 scanner") == "CDS NOTIFY 5359 scanner.example.");
  CHECK(round_trip(RrType::WKS, "192.0.2.1 tcp smtp 23 80") == "192.0.2.1 6 23 25 80");
}

TEST_CASE("a size of zero with an exponent, which LOC text cannot say, is printed so that it reads back") {
  Buffer wire = *parse_rdata(RrType::LOC, "51 33 26.176 N 53 3 18.291 E 0m 0m");
  CHECK(print_rdata(RrType::LOC, wire).starts_with("51 33"));
  wire[1] = 0x04;
  CHECK(print_rdata(RrType::LOC, wire).starts_with("\\# 16 0004"));
  CHECK(*parse_rdata(RrType::LOC, print_rdata(RrType::LOC, wire)) == wire);
}

TEST_CASE("service parameters as in the vectors of RFC 9460 appendix D") {
  CHECK(round_trip(RrType::HTTPS, "0 foo.example.com.") == "0 foo.example.com.");
  CHECK(round_trip(RrType::SVCB, "1 .") == "1 .");
  CHECK(round_trip(RrType::SVCB, "16 foo.example.com. port=53") == "16 foo.example.com. port=53");
  CHECK(round_trip(RrType::SVCB, "1 foo.example.com. key667=hello") == "1 foo.example.com. key667=\"hello\"");
  CHECK(round_trip(RrType::SVCB, "1 foo.example.com. key667=\"hello\\210qoo\"") ==
        "1 foo.example.com. key667=\"hello\\210qoo\"");
  CHECK(round_trip(RrType::SVCB, "1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"") ==
        "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1");
  CHECK(round_trip(RrType::SVCB,
                   "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1") ==
        "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1");
  auto a = parse_rdata(RrType::SVCB, "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"");
  auto b = parse_rdata(RrType::SVCB, "16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2");
  REQUIRE(a);
  REQUIRE(b);
  CHECK(*a == *b);
  CHECK(base16(Bytes(*a).subspan(19)) == "0001000C08665C6F6F2C626172026832");
  for (auto bad :
       {"1 foo.example.com. key123=abc key123=def", "1 foo.example.com. mandatory", "1 foo.example.com. alpn",
        "1 foo.example.com. port", "1 foo.example.com. ipv4hint", "1 foo.example.com. no-default-alpn=abc",
        "1 foo.example.com. mandatory=key123,key123 key123=abc", "1 foo.example.com. mandatory=mandatory",
        "1 foo.example.com. key00667=x", "1 foo.example.com. alpn=h2,,h3"})
    CHECK_MESSAGE(round_trip(RrType::SVCB, bad).starts_with("error"), bad);
}

TEST_CASE("text that is no RDATA is refused with its column") {
  for (auto [type, bad] : std::initializer_list<std::pair<RrType, const char*>>{
           {RrType::A, "1.2.3"},
           {RrType::A, "1.2.3.256"},
           {RrType::A, "01.2.3.4"},
           {RrType::A, "1.2.3.4 5"},
           {RrType::A, ""},
           {RrType::AAAA, "1:2"},
           {RrType::AAAA, "::1::"},
           {RrType::AAAA, "1:2:3:4:5:6:7:8:9"},
           {RrType::AAAA, ":1:2:3:4:5:6:7"},
           {RrType::MX, "65536 a."},
           {RrType::MX, "-1 a."},
           {RrType::MX, "10"},
           {RrType::TXT, ""},
           {RrType::TXT, "\"open"},
           {RrType::DS, "1 8 2 ABC"},
           {RrType::DS, "1 8 2"},
           {RrType::DNSKEY, "257 3 8 AQP*"},
           {RrType::RRSIG, "A 8 0 1 20261301000000 20260101000000 1 . AA=="},
           {RrType::NSEC, "a. FOO"},
           {RrType::LOC, "91 N 0 E 0m"},
           {RrType::EUI48, "00-00-5e-00-53"},
           {RrType::CAA, "0 is-sue \"x\""},
           {RrType::NULL_, "abc"},
           {RrType::SOA, "a. b. 1 2 3 4"},
           {RrType::TXT, "a\\999"},
           {RrType::NS, "a..b"},
           {RrType::HIP, "2 20 !"}})
    CHECK_MESSAGE(round_trip(type, bad).starts_with("error: column"), bad);
  CHECK(parse_rdata(RrType::MX, "10 a..b.").error().what.starts_with("column 6:"));
  CHECK(parse_rdata(RrType::DS, "1 8 2 AB XY").error().what.starts_with("column 7:"));
}

TEST_CASE("any text gives RDATA or an error") {
  Splitmix random(14);
  static constexpr std::string_view kOctets = "abz019 \t\n()\";\\.#-:/=,\x80@$+NSEW";
  for (const RrTypeInfo& info : all_type_infos())
    for (int i = 0; i < 300; ++i) {
      std::string text;
      for (std::uint64_t n = random.below(60); n > 0; --n)
        text.push_back(kOctets[random.below(kOctets.size())]);
      auto wire = parse_rdata(info.type, text);
      if (wire) CHECK(check_rdata(info.type, *wire));
    }
}

TEST_CASE("names in messages expand, and pointers that do not go back are refused") {
  Buffer message(12, 0);
  append(message, Name::parse("a.example.")->wire());  // at 12
  std::size_t pointer = message.size();
  append(message, Buffer{1, 'b', 0xc0, 14});
  Name out;
  CHECK(expand_name(message, pointer, out) == 4);
  CHECK(print(out) == "b.example.");
  std::size_t own = message.size();
  append(message, Buffer{0xc0, static_cast<std::uint8_t>(own)});
  CHECK_FALSE(expand_name(message, own, out));
  std::size_t forward = message.size();
  append(message, Buffer{0xc0, static_cast<std::uint8_t>(forward + 2), 0});
  CHECK_FALSE(expand_name(message, forward, out));
  CHECK_FALSE(expand_name(message, message.size(), out));
  CHECK_FALSE(expand_name(Buffer{0x40, 0}, 0, out));
  CHECK_FALSE(expand_name(Buffer{0xc0}, 0, out));
  // A chain of pointers stays linear in the message, and the 255 octets hold.
  Buffer chain = {0};
  for (int i = 0; i < 200; ++i) {
    auto target = static_cast<std::uint16_t>(i == 0 ? 0 : chain.size() - 4);
    append(chain, Buffer{1, 'x'});
    append16(chain, static_cast<std::uint16_t>(0xc000 | target));
  }
  CHECK_FALSE(expand_name(chain, chain.size() - 4, out));
  CHECK(expand_name(chain, 1 + 4 * 100, out));
}

TEST_CASE("compressed names are expanded where RFC 3597 allows them and refused elsewhere") {
  Buffer message(12, 0);
  append(message, Name::parse("ns.example.")->wire());
  auto read = [&](RrType type, Buffer rdata) {
    Buffer whole = message, out;
    append(whole, rdata);
    auto done = read_rdata(whole, message.size(), rdata.size(), type, out);
    return done ? base16(out) : "error";
  };
  CHECK(read(RrType::NS, {0xc0, 12}) == base16(Name::parse("ns.example.")->wire()));
  CHECK(read(RrType::SRV, {0, 0, 0, 1, 0, 2, 0xc0, 12}) ==
        "000000010002" + base16(Name::parse("ns.example.")->wire()));
  CHECK(read(RrType::NSEC, {0xc0, 12, 0, 1, 0x40}) == "error");
  CHECK(read(RrType::NS, {0xc0, 12, 0}) == "error");
  CHECK(read(RrType::NS, {}) == "error");
}

TEST_CASE("canonical form lowers the names that RFC 4034 lists and no others") {
  auto canonical = [](RrType type, std::string_view text) {
    Buffer out;
    append_canonical_rdata(out, type, *parse_rdata(type, text));
    return print_rdata(type, out);
  };
  CHECK(canonical(RrType::MX, "10 Mail.Example.") == "10 mail.example.");
  CHECK(canonical(RrType::SOA, "A. B. 1 2 3 4 5") == "a. b. 1 2 3 4 5");
  CHECK(canonical(RrType::NSEC, "Host.Example. A") == "Host.Example. A");
  CHECK(canonical(RrType::SVCB, "1 Foo.Example.") == "1 Foo.Example.");
  CHECK(canonical(RrType::TXT, "ABC") == "\"ABC\"");
  CHECK(canonical(RrType::NAPTR, "1 1 \"S\" \"X\" \"\" A.B.") == "1 1 \"S\" \"X\" \"\" a.b.");
  CHECK(compare_rdata(RrType::NS, Name::parse("A.")->wire(), Name::parse("a.")->wire()) == 0);
}

TEST_CASE("addresses print as RFC 5952 asks") {
  auto print6 = [](std::string_view text) {
    std::uint8_t wire[16];
    if (!parse_ipv6(text, wire)) return std::string("error");
    std::string out;
    append_print_ipv6(out, wire);
    return out;
  };
  CHECK(print6("2001:0DB8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");
  CHECK(print6("::") == "::");
  CHECK(print6("::1") == "::1");
  CHECK(print6("1::") == "1::");
  CHECK(print6("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
  CHECK(print6("::ffff:192.0.2.1") == "::ffff:192.0.2.1");
  CHECK(print6("64:ff9b::192.0.2.33") == "64:ff9b::c000:221");
  for (auto bad : {":", ":::", "1", "1:", "::1:", "12345::", "1:2:3:4:5:6:7", "::1.2.3", "::g", "1::2::3",
                   "1:2:3:4:5:6:7:1.2.3.4"})
    CHECK(print6(bad) == "error");
}

TEST_CASE("TTLs take units and stop at 2^31 - 1") {
  CHECK(parse_ttl("1w2d3h4m5s") == 788645u);
  CHECK(parse_ttl("2147483647") == 2147483647u);
  for (auto bad : {"", "h", "1x", "2147483648", "1h-", "9999999999", "10000000w"})
    CHECK_FALSE(parse_ttl(bad));
}
