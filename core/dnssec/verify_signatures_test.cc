#include "dnssec/test_verify.h"

using namespace zw;
using namespace zw::test;

TEST_CASE("each fault of a signature is told by its own rule") {
  Signing how;
  Records good = sign_zone(plain(), how);
  auto after = [&](auto change) {
    Records records = good;
    change(records);
    return rules(records);
  };
  auto signature = [](Records& r, std::string_view owner, RrType covered) -> Buffer& {
    return r.find(owner, RrType::RRSIG, covered).rdata;
  };
  CHECK(after([](Records& r) { r.remove_signatures("www", RrType::A); }) == "signature-missing");
  CHECK(after([](Records& r) { r.remove_signatures("secure", RrType::DS); }) == "signature-missing");
  CHECK(after([](Records& r) { r.remove_signatures("@", RrType::DNSKEY); }) == "signature-missing");
  CHECK(after([](Records& r) { r.find("www", RrType::A).rdata[3] ^= 1; }) == "signature-bogus");
  CHECK(after([&](Records& r) { signature(r, "www", RrType::A).back() ^= 1; }) == "signature-bogus");
  CHECK(after([&](Records& r) { signature(r, "www", RrType::A).pop_back(); }) == "signature-bogus");
  CHECK(after([&](Records& r) { signature(r, "@", RrType::DNSKEY).back() ^= 1; }) == "signature-bogus");
  CHECK(after([&](Records& r) { signature(r, "www", RrType::A)[3] = 1; }) == "signature-labels");
  CHECK(after([&](Records& r) { signature(r, "*.wild", RrType::TXT)[3] = 3; }) == "signature-labels");
  CHECK(after([&](Records& r) { signature(r, "www", RrType::A)[16] ^= 1; }) == "signature-key-unknown");
  CHECK(after([&](Records& r) { signature(r, "www", RrType::A)[18 + 1] = 'f'; }) == "signature-signer");
  CHECK(after([&](Records& r) { signature(r, "www", RrType::A)[2] = 253; }) == "unsupported-algorithm");
  CHECK(after([](Records& r) { r.remove("www", RrType::HTTPS); }) == "rrsig-without-rrset nsec-bitmap");
  CHECK(after([](Records& r) {
          r.find("www", RrType::A).ttl = 1800;
          r.find("www", RrType::RRSIG, RrType::A).ttl = 1800;
        }) == "original-ttl");
  CHECK(after([](Records& r) { r.find("www", RrType::RRSIG, RrType::A).ttl = 1800; }) == "signature-ttl");
}

TEST_CASE("a letter case other than the signer's makes no difference") {
  Records records = sign_zone(plain());
  for (Record& r : records.all()) {
    if (r.owner == records.name("www")) r.owner = records.name("WwW");
    if (r.type == RrType::MX) r.rdata[3] = 'M';
    if (r.type == RrType::RRSIG) r.rdata[19] = 'E';
  }
  CHECK(rules(records) == "");
}

TEST_CASE("nothing is signed at a cut but DS and NSEC, and nothing below") {
  Signing how;
  for (auto [owner, type, rule] :
       std::initializer_list<std::tuple<std::string_view, RrType, std::string_view>>{
           {"secure", RrType::NS, "signature-over-delegation"},
           {"open", RrType::A, "signature-over-glue"},
           {"ns.open", RrType::A, "signature-over-glue"},
           {"ns.b.open", RrType::A, "signature-over-glue"}}) {
    Records records = sign_zone(plain(), how);
    records.add(sign_rrset(records, records.name(owner), type, how.keys[1], how));
    CHECK(rules(records) == rule);
  }
  Records records = sign_zone(plain(), how);
  Record over = records.find("www", RrType::RRSIG, RrType::A);
  set16(over.rdata.data(), static_cast<std::uint16_t>(RrType::RRSIG));
  records.add(over);
  CHECK(rules(records) == "signature-over-signature");
}

TEST_CASE("data below a DNAME are hidden: neither signed nor denied") {
  Records records = sign_zone(plain());
  records.add("below.moved 300 A 192.0.2.9");
  CHECK(rules(records) == "");
  records = sign_zone(plain());
  records.add(sign_rrset(Records("example.").add("below.moved 300 A 192.0.2.9"), records.name("below.moved"),
                         RrType::A, Signing().keys[1], {}));
  CHECK(rules(records) == "signature-over-glue");
}

TEST_CASE("the time to judge at decides, to the second, and the report tells how long a zone holds") {
  Records records = sign_zone(plain());
  CHECK(rules(records, options_at("2026-08-01T00:00:00Z")) == "");
  CHECK(rules(records, options_at("2026-08-15T00:00:00Z")) == "");
  CHECK(rules(records, options_at("2026-07-31T23:59:59Z")) == "signature-not-yet-valid");
  Outcome late = verify(records, options_at("2026-08-15T00:00:01Z"));
  CHECK(late.rules == "signature-expired");
  CHECK(late.report.findings.errors() == late.report.signed_rrsets);
  CHECK(late.report.trust == Trust::none);
  CHECK(print_time(late.report.earliest_expiry->when) == "2026-08-15T00:00:00Z");

  Signing soon;
  soon.expiration = *parse_time("2026-08-06T00:00:00Z");
  soon.inception = *parse_time("2026-08-02T00:00:00Z");
  sign_again(records, records.name("alias"), RrType::CNAME, soon);
  Outcome outcome = verify(records);
  CHECK(outcome.rules == "");
  CHECK(print_time(outcome.report.earliest_expiry->when) == "2026-08-06T00:00:00Z");
  CHECK(outcome.report.earliest_expiry->owner == records.name("alias"));
  CHECK(outcome.report.earliest_expiry->type == RrType::CNAME);
  CHECK(print_time(outcome.report.latest_inception->when) == "2026-08-02T00:00:00Z");

  std::swap(soon.expiration, soon.inception);
  sign_again(records, records.name("alias"), RrType::CNAME, soon);
  CHECK(rules(records) == "signature-period");
}

TEST_CASE("times of signatures wrap around as serial numbers do") {
  Signing how;
  how.inception = *parse_time("2106-02-01T00:00:00Z");
  how.expiration =
      *parse_time("2106-02-15T00:00:00Z");  // behind the turn of the 32 bits at 06:28:15 on the 7th
  Records records = sign_zone(plain(), how);
  CHECK(rules(records, options_at("2106-02-06T00:00:00Z")) == "");
  CHECK(rules(records, options_at("2106-02-14T00:00:00Z")) == "");
  CHECK(rules(records, options_at("2106-02-16T00:00:00Z")) == "signature-expired");
}

TEST_CASE("one good signature is enough, and the faults of others are warnings") {
  Records records = sign_zone(plain());
  Signing expired;
  expired.expiration = *parse_time("2026-08-04T00:00:00Z");
  records.add(sign_rrset(records, records.name("www"), RrType::A, expired.keys[1], expired));
  Record bogus = records.find("ns", RrType::RRSIG, RrType::A);
  bogus.rdata.back() ^= 1;
  records.add(bogus);
  Outcome outcome = verify(records);
  CHECK(outcome.rules == "signature-bogus signature-expired");
  CHECK(outcome.report.is_valid());
  // What nobody would believe does not shorten the zone's life.
  CHECK(print_time(outcome.report.earliest_expiry->when) == "2026-08-15T00:00:00Z");
}

// Beyond some hundreds of RRsets the signatures of P-256 are computed together.
TEST_CASE("among many signatures those that are wrong are told, each by its own rule") {
  for (Denial denial : {Denial::nsec, Denial::nsec3}) {
    Signing how;
    how.denial = denial;
    how.keys = {fixed_key(1, kKsk, DnssecAlgorithm::ECDSAP256SHA256),
                fixed_key(2, kZsk, DnssecAlgorithm::ECDSAP256SHA256)};
    Records many = plain();
    for (int i = 0; i < 150; ++i)
      many.add(fmt::format("t{0} 3600 NS ns.elsewhere.\nt{0} 3600 DS {0} 13 2 {1:064X}\n", i, i));
    Records good = sign_zone(std::move(many), how);
    Outcome outcome = verify(good);
    CHECK(outcome.rules == "");
    CHECK(outcome.report.signatures == outcome.report.signed_rrsets);
    REQUIRE(outcome.report.signatures > 300);

    Records bad = good;
    bad.find("t7", RrType::RRSIG, RrType::DS).rdata.back() ^= 1;
    bad.find("t70", RrType::DS).rdata.back() ^= 1;
    bad.find("t149", RrType::RRSIG, RrType::DS).rdata.pop_back();
    bad.find("t33", RrType::RRSIG, RrType::DS).rdata[16] ^= 1;
    Outcome found = verify(bad);
    CHECK(found.rules == "signature-bogus signature-key-unknown");
    CHECK(found.report.signatures == outcome.report.signatures - 4);
    std::set<std::string> owners;
    for (const Finding& finding : found.report.findings.kept()) owners.insert(print(finding.owner));
    CHECK(owners == std::set<std::string>{"t7.example.", "t70.example.", "t149.example.", "t33.example."});

    // Those that were good before are not computed again, and are good still.
    VerifyOptions options = options_at("2026-08-05T00:00:00Z");
    options.remember = true;
    KnownSignaturesPtr known = verify(good, options).report.remembered;
    options.known = known.get();
    Outcome again = verify(good, options);
    CHECK(again.rules == "");
    CHECK(again.report.known >= outcome.report.signatures - 1);
    CHECK(verify(bad, options).rules == found.rules);
  }
}
