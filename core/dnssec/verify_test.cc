#include <atomic>
#include <thread>

#include "base/random.h"
#include "dnssec/test_verify.h"

using namespace zw;
using namespace zw::test;

TEST_CASE("a zone that is signed well is valid with NSEC, with NSEC3, with opt-out and with both chains") {
  for (Signing how :
       {Signing{}, nsec3_signing(), nsec3_signing(OptOut::yes), Signing{.denial = Denial::both}}) {
    how.zonemd = {ZonemdHash::SHA384, ZonemdHash::SHA512};
    Outcome outcome = verify(sign_zone(plain(), how));
    CHECK(outcome.rules == "");
    CHECK(outcome.report.is_valid());
    CHECK(outcome.report.trust == Trust::self_consistent);
    CHECK(outcome.report.zonemd.verdict == ZonemdVerdict::valid);
    CHECK(outcome.report.keys == 2);
    CHECK(outcome.report.signatures == outcome.report.signed_rrsets);
    CHECK(outcome.report.secure_delegations == 1);
    CHECK(outcome.report.insecure_delegations == 3);
    CHECK(outcome.report.nsec_records == (how.has_nsec() ? 12 : 0));
    // With opt-out, co and the delegations without DS are left out.
    std::size_t names = 12 + 5;
    CHECK(outcome.report.nsec3_records == (!how.has_nsec3()             ? 0
                                           : how.opt_out == OptOut::yes ? names - 4
                                                                        : names));
  }
}

TEST_CASE("a zone without any signature is told as one fault") {
  CHECK(rules(plain()) == "unsigned-zone");
  Records stripped = sign_zone(plain());
  stripped.remove_if([](const Record& r) { return r.type == RrType::RRSIG; });
  CHECK(rules(stripped) == "unsigned-zone");
  Records keyless = sign_zone(plain());
  keyless.remove("@", RrType::DNSKEY);
  CHECK(rules(keyless) == "dnskey-missing rrsig-without-rrset nsec-bitmap");
}

TEST_CASE("the digest finds what no signature covers") {
  Signing how;
  how.zonemd = {ZonemdHash::SHA384};
  Records good = sign_zone(plain(), how);
  VerifyOptions required = options_at("2026-08-05T00:00:00Z");
  required.zonemd = VerifyOptions::Zonemd::required;
  CHECK(rules(good, required) == "");
  auto after = [&](auto change) {
    Records records = good;
    change(records);
    return rules(records, required);
  };
  // As if the signer had made it so.
  auto alter = [&](auto change) {
    Records records = good;
    change(records.find("@", RrType::ZONEMD).rdata);
    sign_again(records, records.origin(), RrType::ZONEMD, how);
    return rules(records, required);
  };
  CHECK(after([](Records& r) { r.find("ns.secure", RrType::A).rdata[3] ^= 1; }) == "zonemd-mismatch");
  CHECK(after([](Records& r) { r.find("@", RrType::ZONEMD).rdata.back() ^= 1; }) ==
        "signature-bogus zonemd-mismatch");
  CHECK(alter([](Buffer& rdata) { rdata[3] ^= 1; }) == "zonemd-serial");
  CHECK(alter([](Buffer& rdata) { rdata.resize(10); }) == "zonemd-malformed");
  CHECK(alter([](Buffer& rdata) { rdata[5] = 3; }) == "zonemd-unsupported");
  Records twice = good;
  Record again = twice.find("@", RrType::ZONEMD);
  again.rdata.back() ^= 1;
  twice.add(again);
  sign_again(twice, twice.origin(), RrType::ZONEMD, how);
  CHECK(rules(twice, required) == "zonemd-duplicate");

  Records stripped = good;
  stripped.remove("@", RrType::ZONEMD);
  stripped.remove_signatures("@", RrType::ZONEMD);
  CHECK(rules(stripped) == "zonemd-stripped");
  CHECK(rules(stripped, required) == "zonemd-stripped zonemd-absent");
  CHECK(rules(sign_zone(plain()), required) == "zonemd-absent");
  how.denial = Denial::nsec3;
  stripped = sign_zone(plain(), how);
  stripped.remove("@", RrType::ZONEMD);
  stripped.remove_signatures("@", RrType::ZONEMD);
  CHECK(rules(stripped) == "zonemd-stripped");
  // A signature that neither digest nor signature speaks for cannot shorten the zone's life.
  Records appended = good;
  Signing expired = how;
  expired.expiration = *parse_time("2026-08-04T00:00:00Z");
  appended.add(sign_rrset(appended, appended.origin(), RrType::ZONEMD, how.keys[1], expired));
  Outcome outcome = verify(appended, required);
  CHECK(outcome.rules == "signature-expired");
  CHECK(outcome.report.is_valid());
  CHECK(print_time(outcome.report.earliest_expiry->when) == "2026-08-15T00:00:00Z");
}

namespace {

// Runs the tasks in an order of its own.
class BackwardWorkers final : public Workers {
 public:
  std::size_t width() const override { return 3; }
  void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
    while (count > 0) task(--count);
  }
};

// On threads of its own.
class ThreadedWorkers final : public Workers {
 public:
  std::size_t width() const override { return 4; }
  void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (std::size_t mine; (mine = next++) < count;) task(mine);
      });
    for (std::thread& thread : threads) thread.join();
  }
};

}  // namespace

TEST_CASE("the report is the same in whatever order the work is done") {
  Records records("example.");
  records.add("@ 3600 SOA ns host 1 1800 900 604800 900");
  for (int i = 0; i < 1000; ++i) records.add(fmt::format("h{}.d{} 60 A 192.0.2.1", i, i % 40));
  for (int i = 0; i < 100; ++i)
    records.add(fmt::format("cut{}.d{} 60 NS ns\ngl.cut{}.d{} 60 A 192.0.2.1", i, i % 40, i, i % 40));
  for (Signing how : {Signing{}, nsec3_signing(OptOut::yes)}) {
    Records zone = sign_zone(records, how);
    CHECK(rules(zone) == "");
    Splitmix random(7);
    for (Record& r : zone.all())
      if (r.type == RrType::A && random.below(10) == 0) r.rdata[3] ^= 1;
    SerialWorkers forward;
    BackwardWorkers backward;
    ThreadedWorkers threads;
    VerifyOptions options = options_at("2026-08-05T00:00:00Z");
    VerifyReport one = verify_zone(*zone.build(), options, forward);
    CHECK(one.findings.errors() > 60);
    for (std::size_t i = 1; i < one.findings.kept().size(); ++i)
      CHECK(one.findings.kept()[i - 1].owner < one.findings.kept()[i].owner);
    for (Workers* workers : std::initializer_list<Workers*>{&backward, &threads}) {
      VerifyReport two = verify_zone(*zone.build(), options, *workers);
      REQUIRE(one.findings.kept().size() == two.findings.kept().size());
      for (std::size_t i = 0; i < one.findings.kept().size(); ++i) {
        CHECK(one.findings.kept()[i].owner == two.findings.kept()[i].owner);
        CHECK(one.findings.kept()[i].what == two.findings.kept()[i].what);
      }
      CHECK(one.signatures == two.signatures);
      CHECK(one.earliest_expiry->owner == two.earliest_expiry->owner);
    }
  }
}
