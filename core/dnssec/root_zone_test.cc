// The real root zone of 2026-07-31, serial 2026073102, with Debian's trust anchors. Both are found in the
// folder that ZONEWRIGHT_DATA names, or beside the sources; without them these tests say so and pass.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "dnssec/test_verify.h"
#include "zone/reader.h"

using namespace zw;
using namespace zw::test;

namespace {

std::string data_folder() {
  const char* named = std::getenv("ZONEWRIGHT_DATA");
  return named ? named : ZW_SOURCE_DIR "/../shared/data";
}

std::string read_gzip(const std::string& path) {
  struct Close {
    void operator()(FILE* file) const { pclose(file); }
  };
  std::unique_ptr<FILE, Close> pipe(popen(("gzip -dc '" + path + "'").c_str(), "r"));
  std::string text;
  char block[1 << 16];
  while (std::size_t size = std::fread(block, 1, sizeof block, pipe.get())) text.append(block, size);
  return text;
}

struct Root {
  ZonePtr zone;
  std::vector<TrustAnchor> anchors;
};

const Root* root() {
  static const std::unique_ptr<Root> loaded = []() -> std::unique_ptr<Root> {
    std::string path = data_folder() + "/" + "root/root.zone.2026073102.gz";
    std::ifstream key("/usr/share/dns/root.key");
    if (!std::ifstream(path) || !key) {
      MESSAGE("SKIPPED: ", path, " or /usr/share/dns/root.key is not there");
      return nullptr;
    }
    std::stringstream anchors;
    anchors << key.rdbuf();
    ZoneReading reading = read_zone(read_gzip(path), path);
    REQUIRE(reading.zone);
    auto parsed = parse_trust_anchors(anchors.str(), "root.key");
    REQUIRE(parsed);
    return std::make_unique<Root>(Root{reading.zone, *parsed});
  }();
  return loaded.get();
}

Outcome verify_root(const Records& records, std::string_view at = "2026-08-05T00:00:00Z") {
  VerifyOptions options = options_at(at);
  options.anchors = root()->anchors;
  options.zonemd = VerifyOptions::Zonemd::required;
  return verify(records, options);
}

}  // namespace

TEST_CASE("the real root zone is valid, anchored, with its digest") {
  if (!root()) return;
  Outcome outcome = verify_root(records_of(*root()->zone));
  CHECK(outcome.rules == "");
  CHECK(outcome.report.is_valid());
  CHECK(outcome.report.trust == Trust::anchored);
  CHECK(outcome.report.trusted_key_tag == 20326);
  CHECK(outcome.report.zonemd.verdict == ZonemdVerdict::valid);
  CHECK(root()->zone->record_count() == 24877);
  CHECK(outcome.report.signed_rrsets == 2792);  // by the ZSK 2,791, and the keys by the KSK
  CHECK(outcome.report.signatures == 2792);
  CHECK(print_time(outcome.report.latest_inception->when) == "2026-07-31T19:00:00Z");
  CHECK(print_time(outcome.report.earliest_expiry->when) == "2026-08-13T20:00:00Z");
}

TEST_CASE("the real root zone has its time") {
  if (!root()) return;
  Records records = records_of(*root()->zone);
  CHECK(verify_root(records, "2026-08-13T20:00:00Z").rules == "");
  CHECK(verify_root(records, "2026-08-13T20:00:01Z").rules == "signature-expired");
  CHECK(verify_root(records, "2026-07-31T18:59:59Z").rules == "signature-not-yet-valid");
}

TEST_CASE("each way to spoil the root zone is told by its own reason") {
  if (!root()) return;
  auto after = [](auto change) {
    Records records = records_of(*root()->zone);
    change(records);
    return verify_root(records).rules;
  };
  auto drop = [](Records& r, std::string_view owner, RrType type, RrType covered) {
    CHECK(r.remove_if([&](const Record& x) {
      return x.owner == r.name(owner) && x.type == type && x.covered() == covered;
    }) == 1);
  };
  CHECK(after([](Records& r) { r.find("a.nic.de.", RrType::A).rdata[3] ^= 1; }) == "zonemd-mismatch");
  CHECK(after([](Records& r) { r.find("@", RrType::ZONEMD).rdata[6] ^= 0x10; }) ==
        "signature-bogus zonemd-mismatch");
  CHECK(after([&](Records& r) {
          drop(r, "de.", RrType::NSEC, {});
          drop(r, "de.", RrType::RRSIG, RrType::NSEC);
        }) == "nsec-missing zonemd-mismatch");
  CHECK(after([&](Records& r) { drop(r, "de.", RrType::RRSIG, RrType::DS); }) ==
        "signature-missing zonemd-mismatch");
  CHECK(after([](Records& r) {
          Record over = r.find("de.", RrType::RRSIG, RrType::DS);
          over.owner = r.name("a.nic.de.");
          set16(over.rdata.data(), static_cast<std::uint16_t>(RrType::A));
          r.add(over);
        }) == "signature-over-glue zonemd-mismatch");
  CHECK(after([](Records& r) { r.remove_if([](const Record& x) { return x.type == RrType::RRSIG; }); }) ==
        "unsigned-zone zonemd-mismatch");
  CHECK(after([](Records& r) {
          r.remove_if([](const Record& x) {
            return x.type == RrType::RRSIG || x.type == RrType::NSEC || x.type == RrType::DNSKEY ||
                   x.type == RrType::ZONEMD;
          });
        }) == "unsigned-zone zonemd-absent");
  CHECK(after([&](Records& r) {
          drop(r, "@", RrType::ZONEMD, {});
          drop(r, "@", RrType::RRSIG, RrType::ZONEMD);
        }) == "zonemd-stripped zonemd-absent");
  // A transfer that ended too early: the last of the names are not there.
  CHECK(after([](Records& r) { r.all().resize(r.all().size() - 300); }) == "nsec-next zonemd-mismatch");
}

TEST_CASE("the root zone with the anchor of somebody else, or in another class, is not believed") {
  if (!root()) return;
  Records records = records_of(*root()->zone);
  std::vector<TrustAnchor> foreign = {anchor_of(Name(), fixed_key(1))};
  VerifyOptions options = options_at("2026-08-05T00:00:00Z");
  options.anchors = foreign;
  CHECK(verify(records, options).rules == "anchor-mismatch");

  ZoneBuilder builder(Name(), RrClass::CH);
  for (const Record& r : records.all()) builder.add(r.owner, r.type, r.ttl, r.rdata);
  Findings findings;
  SerialWorkers workers;
  options.anchors = root()->anchors;
  VerifyReport report = verify_zone(**builder.build(findings), options, workers);
  CHECK(report.findings.errors() == 2792 + 1);  // all signatures, and the digest
}
