#include "authority/denial.h"

#include "authority/testing.h"
#include "dnssec/test_signer.h"

using namespace zw;

namespace {

// The names and types of the zone of RFC 4035 appendix A.
constexpr std::string_view kZone4035 = R"(@ 3600 SOA ns1 bugs.x.w 1081539377 3600 300 3600000 3600
@ 3600 NS ns1
@ 3600 NS ns2
@ 3600 MX 1 xx
a 3600 NS ns1.a
a 3600 NS ns2.a
a 3600 DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B
ns1.a 3600 A 192.0.2.5
ns2.a 3600 A 192.0.2.6
ai 3600 A 192.0.2.9
ai 3600 AAAA 2001:db8::f00:baa9
b 3600 NS ns1.b
b 3600 NS ns2.b
ns1.b 3600 A 192.0.2.7
ns2.b 3600 A 192.0.2.8
ns1 3600 A 192.0.2.1
ns2 3600 A 192.0.2.2
*.w 3600 MX 1 ai
x.w 3600 MX 1 xx
x.y.w 3600 MX 1 xx
xx 3600 A 192.0.2.10
xx 3600 AAAA 2001:db8::f00:baaa
)";
// That of RFC 5155 appendix A: the unsigned delegation is c, and one name is the owner of an NSEC3 record
// too.
constexpr std::string_view kZone5155 = R"(@ 3600 SOA ns1 bugs.x.w 1 3600 300 3600000 3600
@ 3600 NS ns1
@ 3600 NS ns2
@ 3600 MX 1 xx
a 3600 NS ns1.a
a 3600 DS 58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
ns1.a 3600 A 192.0.2.5
ai 3600 A 192.0.2.9
c 3600 NS ns1.c
ns1.c 3600 A 192.0.2.7
ns1 3600 A 192.0.2.1
ns2 3600 A 192.0.2.2
*.w 3600 MX 1 ai
x.w 3600 MX 1 xx
x.y.w 3600 MX 1 xx
xx 3600 A 192.0.2.10
2t7b4g4vsa5smi47k61mv5bv1a22bojr 3600 A 192.0.2.127
)";

Asker signed_zone(std::string_view text, const test::Signing& how) {
  test::Records records("example.");
  records.add(text);
  return Asker(test::sign_zone(std::move(records), how).build());
}
Asker zone_4035() { return signed_zone(kZone4035, {}); }
Asker zone_5155() {
  test::Signing how;
  how.denial = test::Denial::nsec3;
  how.opt_out = test::OptOut::yes;
  how.iterations = 12;
  how.salt = {0xaa, 0xbb, 0xcc, 0xdd};
  return signed_zone(kZone5155, how);
}

// Which records a section has, without TTL and RDATA: "b.example. NSEC, b.example. RRSIG(NSEC)".
std::string kinds(std::string_view section) {
  std::string out;
  for (std::size_t at = 0; at < section.size();) {
    std::string_view line = section.substr(at, section.find('\n', at) - at);
    at += line.size() + 1;
    std::size_t ttl = line.find(' ') + 1, type = line.find(' ', ttl) + 1;
    out += (out.empty() ? "" : ", ") + std::string(line.substr(0, ttl)) +
           std::string(line.substr(type, line.find(' ', type) - type));
  }
  return out;
}

constexpr std::string_view kSoa = "example. SOA, example. RRSIG(SOA)";

std::string nsec(std::initializer_list<const char*> owners, std::string_view before = "") {
  std::string out(before);
  for (const char* owner : owners)
    out += std::string(out.empty() ? "" : ", ") + owner + "example. NSEC, " + owner + "example. RRSIG(NSEC)";
  return out;
}
std::string nsec3(std::initializer_list<const char*> hashes, std::string_view before = "") {
  std::string out(before);
  for (const char* hash : hashes)
    out +=
        std::string(out.empty() ? "" : ", ") + hash + ".example. NSEC3, " + hash + ".example. RRSIG(NSEC3)";
  return out;
}

}  // namespace

TEST_CASE("RFC 4035 B.1, answer: with its signature") {
  Said said = zone_4035()("x.w.example.", RrType::MX, true);
  CHECK(kinds(said.answer) == "x.w.example. MX, x.w.example. RRSIG(MX)");
  CHECK(said.authority.empty());
}

TEST_CASE("RFC 4035 B.2, name error: one NSEC for the name and one for the wildcard") {
  Said said = zone_4035()("ml.example.", RrType::A, true);
  CHECK(said.rcode == Rcode::NXDOMAIN);
  CHECK(kinds(said.authority) == nsec({"b.", ""}, kSoa));
}

TEST_CASE("RFC 4035 B.3, no data: the NSEC of the name") {
  Said said = zone_4035()("ns1.example.", RrType::MX, true);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(kinds(said.authority) == nsec({"ns1."}, kSoa));
}

TEST_CASE("RFC 4035 B.4 and B.5, referrals: DS or the NSEC of the cut") {
  Said said = zone_4035()("mc.a.example.", RrType::MX, true);
  CHECK(kinds(said.authority) == "a.example. NS, a.example. NS, a.example. DS, a.example. RRSIG(DS)");
  CHECK(kinds(said.additional) == "ns1.a.example. A, ns2.a.example. A");
  said = zone_4035()("mc.b.example.", RrType::MX, true);
  CHECK(kinds(said.authority) == nsec({"b."}, "b.example. NS, b.example. NS"));
}

TEST_CASE("RFC 4035 B.6 and B.7, wildcard: the NSEC of the name, and for no data that of the wildcard") {
  Said said = zone_4035()("a.z.w.example.", RrType::MX, true);
  CHECK(kinds(said.answer) == "a.z.w.example. MX, a.z.w.example. RRSIG(MX)");
  CHECK(kinds(said.authority) == nsec({"x.y.w."}));
  said = zone_4035()("a.z.w.example.", RrType::AAAA, true);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(kinds(said.authority) == nsec({"x.y.w.", "*.w."}, kSoa));
}

TEST_CASE("RFC 4035 B.8, DS at the apex: the NSEC of the apex") {
  Said said = zone_4035()("example.", RrType::DS, true);
  CHECK(kinds(said.authority) == nsec({""}, kSoa));
}

TEST_CASE("without DO there is neither signature nor proof") {
  Asker ask = zone_4035();
  CHECK(kinds(ask("x.w.example.", RrType::MX).answer) == "x.w.example. MX");
  CHECK(kinds(ask("ml.example.", RrType::A).authority) == "example. SOA");
  CHECK(kinds(ask("mc.a.example.", RrType::MX).authority) == "a.example. NS, a.example. NS");
  CHECK(kinds(ask("ns1.example.", RrType::NSEC).answer) == "ns1.example. NSEC");
}

TEST_CASE("an empty non-terminal, and a name behind glue, are covered by the NSEC before them") {
  Asker ask = zone_4035();
  CHECK(kinds(ask("w.example.", RrType::A, true).authority) == nsec({"ns2."}, kSoa));
  CHECK(kinds(ask("y.w.example.", RrType::A, true).authority) == nsec({"x.w."}, kSoa));
  CHECK(kinds(ask("c.example.", RrType::A, true).authority) == nsec({"b.", ""}, kSoa));
}

TEST_CASE("ANY and RRSIG are answered with one RRset and its signatures") {
  Asker ask = zone_4035();
  CHECK(kinds(ask("ai.example.", RrType::ANY, true).answer) == "ai.example. A, ai.example. RRSIG(A)");
  CHECK(kinds(ask("ai.example.", RrType::RRSIG, true).answer) == "ai.example. RRSIG(A)");
  CHECK(kinds(ask("ai.example.", RrType::RRSIG).answer) == "ai.example. RRSIG(A)");
  CHECK(kinds(ask("q.w.example.", RrType::ANY, true).authority) == nsec({"*.w."}));
}

TEST_CASE("RFC 5155 B.1, name error: closest encloser, next closer and wildcard") {
  Said said = zone_5155()("a.c.x.w.example.", RrType::A, true);
  CHECK(said.rcode == Rcode::NXDOMAIN);
  CHECK(kinds(said.authority) ==
        nsec3({"b4um86eghhds6nea196smvmlo4ors995", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom",
               "35mthgpgcu1qg68fab165klnsnk3dpvl"},
              kSoa));
}

TEST_CASE("RFC 5155 B.2, no data: the record of the name, also of an empty non-terminal") {
  CHECK(kinds(zone_5155()("ns1.example.", RrType::MX, true).authority) ==
        nsec3({"2t7b4g4vsa5smi47k61mv5bv1a22bojr"}, kSoa));
  CHECK(kinds(zone_5155()("y.w.example.", RrType::A, true).authority) ==
        nsec3({"ji6neoaepv8b5o6k4ev33abha8ht9fgc"}, kSoa));
}

TEST_CASE("RFC 5155 B.3, referral in a span of opt-out") {
  CHECK(kinds(zone_5155()("mc.c.example.", RrType::MX, true).authority) ==
        nsec3({"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "35mthgpgcu1qg68fab165klnsnk3dpvl"}, "c.example. NS"));
  CHECK(kinds(zone_5155()("c.example.", RrType::DS, true).authority) ==
        nsec3({"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "35mthgpgcu1qg68fab165klnsnk3dpvl"}, kSoa));
  CHECK(kinds(zone_5155()("mc.a.example.", RrType::MX, true).authority) ==
        "a.example. NS, a.example. DS, a.example. RRSIG(DS)");
}

TEST_CASE("RFC 5155 B.4 and B.5, wildcard") {
  Said said = zone_5155()("a.z.w.example.", RrType::MX, true);
  CHECK(kinds(said.answer) == "a.z.w.example. MX, a.z.w.example. RRSIG(MX)");
  CHECK(kinds(said.authority) == nsec3({"q04jkcevqvmu85r014c7dkba38o0ji5r"}));
  CHECK(kinds(zone_5155()("a.z.w.example.", RrType::AAAA, true).authority) ==
        nsec3({"k8udemvp1j2f7eg6jebps17vp3n8i58h", "q04jkcevqvmu85r014c7dkba38o0ji5r",
               "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
              kSoa));
}

TEST_CASE("RFC 5155 B.6, DS at the apex: the record of the apex") {
  CHECK(kinds(zone_5155()("example.", RrType::DS, true).authority) ==
        nsec3({"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"}, kSoa));
}

TEST_CASE("the owner of an NSEC3 record is no name of the zone (RFC 5155 §7.2.8)") {
  Asker ask = zone_5155();
  Said said = ask("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.", RrType::NSEC3, true);
  CHECK(said.rcode == Rcode::NXDOMAIN);
  CHECK(ask("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.", RrType::RRSIG, true).rcode == Rcode::NXDOMAIN);
  // One that is a name too answers as that name, and denies with the record of its own hash.
  said = ask("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", RrType::A, true);
  CHECK(kinds(said.answer) ==
        "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. A, 2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. RRSIG(A)");
  said = ask("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", RrType::NSEC3, true);
  CHECK(said.rcode == Rcode::NOERROR);
  CHECK(kinds(said.authority) == nsec3({"kohar7mbb8dc2ce8a9qvl8hon4k53uhi"}, kSoa));
}

TEST_CASE("a record that matches a name that is not there leaves nothing to prove (RFC 5155 §7.2.9)") {
  test::Signing how;
  how.denial = test::Denial::nsec3;
  test::Records records("example.");
  records.add("@ 60 SOA a b 1 2 3 4 5\n@ 60 NS a\na 60 A 192.0.2.1\nb 60 A 192.0.2.2\n");
  records = test::sign_zone(std::move(records), how);
  records.remove("b", RrType::A);
  records.remove("b", RrType::RRSIG);
  Asker ask(records.build());
  Said said = ask("b.example.", RrType::A, true);
  CHECK(said.fill == Fill::unprovable);
  CHECK(said.authority.empty());
  CHECK(ask("b.example.", RrType::A).rcode == Rcode::NXDOMAIN);
}

TEST_CASE("while a second chain stands between the records of the first, only the first proves") {
  test::Signing first, second;
  first.denial = second.denial = test::Denial::nsec3;
  second.salt = {9};
  auto unsigned_zone = [] {
    test::Records records("example.");
    records.add("@ 60 SOA a b 1 2 3 4 5\n@ 60 NS a\na 60 A 192.0.2.1\nx.y.z 60 A 192.0.2.2\n");
    return records;
  };
  test::Records both = test::sign_zone(unsigned_zone(), first);
  test::Records other = test::sign_zone(unsigned_zone(), second);
  for (const test::Record& record : other.all())
    if (record.type == RrType::NSEC3 || record.covered() == RrType::NSEC3) both.add(record);
  Asker ask(both.build()), alone(test::sign_zone(unsigned_zone(), first).build());
  for (const char* name : {"q.example.", "a.b.c.example.", "z.example.", "q.z.example.", "a.example."})
    CHECK(kinds(ask(name, RrType::TXT, true).authority) == kinds(alone(name, RrType::TXT, true).authority));
}

TEST_CASE("the proof lives no longer than a negative answer (RFC 9077)") {
  test::Records records("example.");
  records.add("@ 3600 SOA a b 1 2 3 4 3600\n@ 3600 NS a\na 3600 A 192.0.2.1\n");
  records = test::sign_zone(std::move(records));
  Buffer& soa = records.find("@", RrType::SOA).rdata;
  set32(&soa[soa.size() - 4], 60);  // MINIMUM
  Asker ask(records.build());
  Said said = ask("b.example.", RrType::A, true);
  CHECK(said.authority.find(" 3600 ") == std::string::npos);
  CHECK(said.authority.find("a.example. 60 NSEC") != std::string::npos);
  CHECK(ask("a.example.", RrType::NSEC).answer.starts_with("a.example. 60 NSEC"));
}
