#include "zone/check.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "zone/reader.h"
#include "zone/rules.h"

using namespace zw;

namespace {

const std::filesystem::path kFaults = std::filesystem::path(ZW_SOURCE_DIR) / "tests/data/faults";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// All that is found, one line each: `rule severity owner`.
std::string found_in(std::string_view text) {
  ZoneReading reading = read_zone(text, "zone");
  REQUIRE_MESSAGE(reading.zone, print(reading.report.issues.at(0)));
  CHECK(reading.report.issues.empty());
  check_zone(*reading.zone, reading.findings);
  std::string out;
  for (const Finding& finding : reading.findings.kept()) {
    CHECK(finding.what.find("RFC ") != std::string::npos);
    out += std::string(finding.rule) + (finding.severity == Severity::error ? " error " : " warning ") +
           print(finding.owner) + "\n";
  }
  return out;
}

constexpr std::string_view kSound =
    "$ORIGIN example.\n$TTL 3600\n@ SOA ns host 1 7200 3600 1209600 300\n@ NS ns\nns A 192.0.2.1\n";

std::string found_beside_sound(std::string_view more) {
  return found_in(std::string(kSound) + std::string(more));
}

}  // namespace

TEST_CASE("each rule has a zone that breaks it, and it alone") {
  for (const Rule& rule : zone_rules()) {
    CAPTURE(rule.name);
    std::filesystem::path folder = kFaults / rule.name;
    std::string expected = text_of(folder / "expect");
    CHECK(expected.starts_with(std::string(rule.name) + " "));
    CHECK(found_in(text_of(folder / "zone")) == expected);
  }
}

TEST_CASE("nothing is found in a sound zone") {
  CHECK(found_beside_sound("") == "");
  CHECK(found_beside_sound("@ MX 10 mail\nmail A 192.0.2.2\n@ MX 0 .\n"
                           "child NS ns.child\nchild DS 1 13 2 " +
                           std::string(64, 'a') +
                           "\nns.child AAAA 2001:db8::1\nchild NS ns.else.\n"
                           "sibling NS ns.child\n"
                           "alias CNAME ns\nalias RRSIG CNAME 13 2 5 20300101000000 20200101000000 1 @ AAAA\n"
                           "alias NSEC @ CNAME RRSIG NSEC\n"
                           "d DNAME else.\nd TXT \"beside a DNAME\"\n"
                           "*.wild A 192.0.2.3\nserved NS any.wild\n"
                           "@ CDS 0 0 0 00\n@ CDNSKEY 0 3 0 AA==\n"
                           "_dsboot.else._signal.ns CDS 1 13 2 " +
                           std::string(64, 'b') + "\n_sip._tcp SRV 0 0 5060 ns\n") == "");
}

TEST_CASE("targets are aliases also by a wildcard and below a DNAME") {
  CHECK(found_beside_sound("*.w CNAME a.else.\nc NS any.w\nm MX 1 any.w\n") ==
        "ns-target-is-alias error c.example.\nmx-target-is-alias warning m.example.\n");
  CHECK(found_beside_sound("d DNAME else.\nc NS ns.d\n") == "ns-target-is-alias error c.example.\n");
  CHECK(found_beside_sound("d DNAME else.\nd A 192.0.2.2\nc NS d\n") == "");
}

TEST_CASE("a wildcard gives no address to a name that exists, nor to one below a cut") {
  CHECK(found_beside_sound("*.w A 192.0.2.2\nx.ent.w TXT x\nc NS ent.w\n") ==
        "ns-target-without-address warning c.example.\n");
  CHECK(found_beside_sound("*.w A 192.0.2.2\ncut.w NS ns.else.\nc NS a.cut.w\n") ==
        "ns-target-without-address warning c.example.\n");
}

TEST_CASE("an apex needs addresses of its servers, but not of those in a zone below") {
  CHECK(found_beside_sound("@ NS second\n") == "missing-glue error example.\n");
  CHECK(found_beside_sound("@ NS ns.child\nchild NS ns.else.\n") ==
        "ns-target-without-address warning example.\n");
}

TEST_CASE("data at a delegation is occluded unless it belongs to it") {
  CHECK(found_beside_sound("c NS ns\nc A 192.0.2.2\nc TXT x\nc DNSKEY 257 3 13 AQID\n") ==
        "dnskey-below-apex warning c.example.\noccluded-data warning c.example.\n");
  CHECK(found_beside_sound("c NS ns\nd.c NS ns.d.c\nns.d.c A 192.0.2.2\nns.d.c MX 1 a\n") ==
        "occluded-data warning d.c.example.\noccluded-data warning ns.d.c.example.\n");
  CHECK(found_beside_sound("c NS ns\nc CNAME ns\n") == "cname-and-other-data error c.example.\n");
}

TEST_CASE("removal of the DS is asked for by both types or by neither") {
  CHECK(found_beside_sound("@ CDS 0 0 0 00\n@ CDNSKEY 257 3 13 AQID\n") ==
        "cds-delete-not-alone error example.\n");
  CHECK(found_beside_sound("@ CDS 1 13 2 " + std::string(64, 'a') + "\n@ CDNSKEY 0 3 0 AA==\n") ==
        "cds-delete-not-alone error example.\n");
  CHECK(found_beside_sound("@ CDNSKEY 0 3 0 AAA=\n") == "cds-delete-malformed error example.\n");
  CHECK(found_beside_sound("_dsboot.a._signal.ns CDS 0 0 1 00\n") ==
        "cds-delete-malformed error _dsboot.a._signal.ns.example.\n");
}

TEST_CASE("targets that look like addresses are told as such") {
  auto found = [](std::string_view target) {
    return found_beside_sound("c NS " + std::string(target) + "\n");
  };
  CHECK(found("192.0.2.1.") == "target-looks-like-address warning c.example.\n");
  CHECK(found("192.0.2.1.else.") == "target-looks-like-address warning c.example.\n");
  CHECK(found("2001:DB8::1.") == "target-looks-like-address warning c.example.\n");
  CHECK(found("1.2.3.else.") == "");
  CHECK(found("1.2.3.256.") == "");
  CHECK(found("a:g:1.") == "ns-target-no-hostname warning c.example.\n");
  CHECK(found(".") == "ns-target-no-hostname warning c.example.\n");
  CHECK(found("-a.else.") == "ns-target-no-hostname warning c.example.\n");
  CHECK(found("a-.else.") == "ns-target-no-hostname warning c.example.\n");
  CHECK(found("a-1.xn--b.3com.") == "");
}

TEST_CASE("a wildcard is a host name as far as the rest of it is") {
  CHECK(found_beside_sound("*.a A 192.0.2.2\n* AAAA ::1\n") == "");
  CHECK(found_beside_sound("*.a_b A 192.0.2.2\n") == "address-owner-no-hostname warning *.a_b.example.\n");
  CHECK(found_beside_sound("a.*.b A 192.0.2.2\n") == "address-owner-no-hostname warning a.*.b.example.\n");
}

TEST_CASE("checks go on after any number of findings, and count all") {
  std::string text(kSound);
  for (int i = 0; i < 1500; ++i) text += "w" + std::to_string(i) + " CNAME a.else.\n TXT x\n";
  ZoneReading reading = read_zone(text, "zone");
  REQUIRE(reading.zone);
  Findings findings(10);
  check_zone(*reading.zone, findings);
  CHECK(findings.errors() == 1500);
  CHECK(findings.kept().size() == 10);
}
