#include "dnssec/test_verify.h"

using namespace zw;
using namespace zw::test;

namespace {

VerifyOptions remembering(const KnownSignatures* known = nullptr) {
  VerifyOptions options = options_at("2026-08-05T00:00:00Z");
  options.known = known;
  options.remember = true;
  return options;
}

std::size_t signatures_of(const Records& records) {
  return static_cast<std::size_t>(std::count_if(records.all().begin(), records.all().end(),
                                                [](const Record& r) { return r.type == RrType::RRSIG; }));
}

}  // namespace

TEST_CASE("what was good is not computed again, and the report is the same but for that") {
  for (const Signing& how : {Signing(), nsec3_signing()}) {
    Records records = sign_zone(plain(), how);
    Outcome first = verify(records, remembering());
    CHECK(first.report.known == 0);
    REQUIRE(first.report.remembered);
    CHECK(first.report.remembered->size() == signatures_of(records));
    CHECK_FALSE(verify(records).report.remembered);

    Outcome again = verify(records, remembering(first.report.remembered.get()));
    CHECK(again.rules == "");
    CHECK(again.report.known == signatures_of(records));
    CHECK(again.report.signatures == first.report.signatures);
    CHECK(again.report.earliest_expiry->when == first.report.earliest_expiry->when);
    CHECK(again.report.remembered->size() == first.report.remembered->size());
  }
}

TEST_CASE("of a next version only what is new is computed") {
  Signing how;
  Records records = sign_zone(plain(), how);
  auto known = verify(records, remembering()).report.remembered;
  records.find("www", RrType::A).rdata[3] ^= 1;
  sign_again(records, records.name("www"), RrType::A, how);
  Outcome next = verify(records, remembering(known.get()));
  CHECK(next.rules == "");
  CHECK(next.report.known == signatures_of(records) - 1);
  CHECK(next.report.remembered->size() == signatures_of(records));
}

TEST_CASE("nothing passes by what is known but what was computed") {
  Signing how;
  Records good = sign_zone(plain(), how);
  auto known = verify(good, remembering()).report.remembered;
  auto after = [&](auto change) {
    Records records = good;
    change(records);
    return rules(records, remembering(known.get()));
  };
  CHECK(after([](Records& r) { r.find("www", RrType::A).rdata[3] ^= 1; }) == "signature-bogus");
  CHECK(after([](Records& r) { r.find("www", RrType::RRSIG, RrType::A).rdata.back() ^= 1; }) ==
        "signature-bogus");
  CHECK(after([](Records& r) { r.find("www", RrType::RRSIG, RrType::A).rdata[11] ^= 1; }) ==
        "signature-bogus");
  CHECK(after([](Records& r) {  // another owner with the same RDATA and its signature
          r.find("Mail", RrType::A).rdata = r.find("www", RrType::A).rdata;
          r.find("Mail", RrType::RRSIG, RrType::A).rdata = r.find("www", RrType::RRSIG, RrType::A).rdata;
        }) == "signature-bogus");
  // The key is no longer among the keys, whatever was known of it.
  CHECK(after([&](Records& r) {
          r.remove_if([&](const Record& each) {
            return each.type == RrType::DNSKEY && each.rdata == how.keys[1].dnskey;
          });
          sign_again(r, r.origin(), RrType::DNSKEY, how);
        }).find("signature-key-unknown") != std::string::npos);
}

TEST_CASE("the time is judged anew") {
  Records records = sign_zone(plain());
  auto known = verify(records, remembering()).report.remembered;
  VerifyOptions late = remembering(known.get());
  late.at = *parse_time("2026-08-15T00:00:01Z");
  CHECK(rules(records, late) == "signature-expired");
}

TEST_CASE("a broken signature beside a good one is not remembered") {
  Signing how;
  Records records = sign_zone(plain(), how);
  Record broken = records.find("www", RrType::RRSIG, RrType::A);
  broken.rdata.back() ^= 1;
  records.add(broken);
  Outcome both = verify(records, remembering());
  CHECK(both.report.is_valid());
  CHECK(both.report.remembered->size() == signatures_of(records) - 1);
  records.remove_signatures("www", RrType::A);
  records.add(broken);
  CHECK(rules(records, remembering(both.report.remembered.get())) == "signature-bogus");
}

TEST_CASE("marks tell apart what only joins to the same octets") {
  Buffer a = {1, 2, 3}, b = {4, 5}, c = {6};
  CHECK(signature_mark(a, b, c) != signature_mark(Buffer{1, 2}, b, Buffer{3, 6}));
  CHECK(signature_mark(a, b, c) != signature_mark(a, Buffer{5}, Buffer{6, 4}));
  CHECK(signature_mark(a, b, c) == signature_mark(a, b, c));
}
