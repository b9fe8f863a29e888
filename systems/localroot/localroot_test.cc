#include <doctest/doctest.h>

#include "base/encoding.h"
#include "dnssec/test_signer.h"
#include "localroot/config.h"
#include "localroot/evidence.h"
#include "localroot/policy.h"
#include "localroot/status.h"
#include "localroot/store.h"
#include "os/files.h"
#include "os/temporary_folder.h"
#include "zone/builder.h"
#include "zone/reader.h"
#include "zone/writer.h"

using namespace zw;
using namespace zw::localroot;

namespace {

ZonePtr small_zone(std::uint32_t serial, std::string_view origin = "example.") {
  std::string text = std::string(origin) + " 300 IN SOA ns.example. host.example. " + std::to_string(serial) +
                     " 1800 900 604800 86400\n" + std::string(origin) + " 300 IN NS ns.example.\n";
  return read_zone(text, "z").zone;
}

Evidence evidence_of(const Zone& zone) {
  Evidence out;
  out.origin = zone.origin();
  out.serial = zone.serial();
  out.digest = "ABCD";
  out.digest_kind = "SHA-384";
  out.has_zonemd = true;
  out.source = "192.0.2.1@53";
  out.method = "axfr";
  out.records = 2;
  out.signatures = 7;
  out.verified_at = *parse_time("2026-08-05T00:00:00Z");
  out.confirmed_at = out.verified_at + Seconds(60);
  out.expires_at = out.verified_at + Seconds(600);
  out.signed_until = out.verified_at + Seconds(500);
  return out;
}

VerifyReport report_with(std::size_t errors) {
  VerifyReport report;
  for (std::size_t i = 0; i < errors; ++i)
    report.findings.add(
        {"signature-expired", Severity::error, *Name::parse("a.example."), RrType::A, "it is old"});
  return report;
}

std::string faults_of(std::string_view text) {
  TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "c.toml", as_bytes(text)));
  REQUIRE(write_file_atomically(folder / "anchor",
                                as_bytes(". 300 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D084"
                                         "58E880409BBC683457104237C7F8EC8D\n")));
  std::string with_paths(text);
  for (std::size_t at; (at = with_paths.find("FOLDER")) != with_paths.npos;)
    with_paths.replace(at, 6, folder.path());
  REQUIRE(write_file_atomically(folder / "c.toml", as_bytes(with_paths)));
  auto loaded = load_config(folder / "c.toml");
  if (loaded) return "";
  std::string out = loaded.error();
  for (std::size_t at; (at = out.find(folder.path() + "/")) != out.npos;)
    out.erase(at, folder.path().size() + 1);
  return out;
}

constexpr std::string_view kGood = R"(state = "FOLDER/state"
listen = ["127.0.0.1@5300"]
[[key]]
name = "k."
secret = "c2VjcmV0"
[[zone]]
name = "."
anchor = "FOLDER/anchor"
[[zone.primary]]
address = "127.0.0.2"
key = "k."
)";

}  // namespace

TEST_CASE("evidence reads back as it was written") {
  auto zone = small_zone(7);
  Evidence evidence = evidence_of(*zone);
  auto back = parse_evidence(print_evidence(evidence));
  REQUIRE(back);
  CHECK(print_evidence(*back) == print_evidence(evidence));
  CHECK(back->serial == Serial(7));
  CHECK(back->signed_until == evidence.signed_until);
  evidence.signed_until.reset();
  CHECK_FALSE(parse_evidence(print_evidence(evidence))->signed_until);
}

TEST_CASE("what is no evidence is refused") {
  for (auto bad : {"", "{}", "[]", "{\"origin\":\".\"}", "{\"serial\":\"x\"}"})
    CHECK_FALSE(parse_evidence(bad));
  std::string text = print_evidence(evidence_of(*small_zone(7)));
  for (std::size_t size = 0; size + 2 < text.size(); ++size)
    CHECK_FALSE(parse_evidence(text.substr(0, size)));
}

TEST_CASE("a stored zone comes back with its evidence") {
  TemporaryFolder folder;
  ZoneStore store(folder.path());
  CHECK(store.load(*Name::parse("example.")).error().kind == ErrorKind::not_found);
  auto zone = small_zone(7);
  REQUIRE(store.save(*zone, evidence_of(*zone)));
  auto stored = store.load(*Name::parse("example."));
  REQUIRE(stored);
  CHECK(canonical_text(*stored->zone) == canonical_text(*zone));
  REQUIRE(stored->evidence);
  CHECK(stored->evidence->source == "192.0.2.1@53");
}

TEST_CASE("evidence of another version, or none, leaves the zone alone") {
  TemporaryFolder folder;
  ZoneStore store(folder.path());
  auto zone = small_zone(7), newer = small_zone(8);
  REQUIRE(store.save(*zone, evidence_of(*zone)));
  REQUIRE(store.save_evidence(evidence_of(*newer)));  // as after a kill between the two writes
  auto stored = store.load(zone->origin());
  REQUIRE(stored);
  CHECK(stored->zone->serial() == Serial(7));
  CHECK_FALSE(stored->evidence);
}

TEST_CASE("a zone that is forgotten leaves nothing, and its neighbours are left alone") {
  TemporaryFolder folder;
  ZoneStore store(folder.path());
  auto zone = small_zone(7), other = small_zone(7, "other.example.");
  REQUIRE(store.save(*zone, evidence_of(*zone)));
  REQUIRE(store.save(*other, evidence_of(*other)));
  REQUIRE(make_folder(store.journal_folder(zone->origin())));
  REQUIRE(write_file_atomically(store.journal_folder(zone->origin()) + "/1-2.step", Bytes{}));
  REQUIRE(write_file_atomically(store.log_file(zone->origin()), Bytes{}));
  REQUIRE(store.forget(zone->origin()));
  CHECK(list_folder(folder.path()).value() ==
        std::vector<std::string>{"other.example.json", "other.example.zone"});
  CHECK(store.forget(zone->origin()));
}

TEST_CASE("a stored zone with one octet changed is refused") {
  TemporaryFolder folder;
  ZoneStore store(folder.path());
  auto zone = small_zone(7);
  REQUIRE(store.save(*zone, evidence_of(*zone)));
  auto octets = read_file(folder / "example.zone", 1 << 20);
  REQUIRE(octets);
  for (std::size_t i = 0; i < octets->size(); i += 3) {
    Buffer changed = *octets;
    changed[i] ^= 1;
    REQUIRE(write_file_atomically(folder / "example.zone", changed));
    auto stored = store.load(zone->origin());
    CHECK_FALSE(stored);
    if (!stored) CHECK(stored.error().kind == ErrorKind::malformed);
  }
}

TEST_CASE("file names of zones are safe and differ") {
  auto file = [](std::string_view name) { return ZoneStore::file_name(*Name::parse(name)); };
  CHECK(file(".") == "ROOT");
  CHECK(file("root.") == "root");
  CHECK(file("Example.ORG.") == "example.org");
  CHECK(file("a/b.") == "a%2fb");
  CHECK(file("a\\.b.") == "a%2eb");
  CHECK(file("\\.\\.\\/etc.") == "%2e%2e%2fetc");
}

TEST_CASE("only a valid version that is newer is published") {
  auto zone = small_zone(7);
  VerifyReport good = report_with(0);
  CHECK(judge({}, {}, *zone, good).publish);
  CHECK(judge(Serial(6), Serial(6), *zone, good).publish);
  CHECK(judge({}, Serial(7), *zone, good).publish);  // the same again, after the copy was lost
  CHECK(judge(Serial(7), Serial(7), *zone, good).reason == "older-serial: 7 is not newer than 7 (RFC 1982)");
  CHECK_FALSE(judge(Serial(8), Serial(8), *zone, good).publish);
  CHECK_FALSE(judge({}, Serial(8), *zone, good).publish);
  CHECK_FALSE(judge(Serial(7 + 0x80000000u), {}, *zone, good).publish);
  Judgement bad = judge(Serial(6), {}, *zone, report_with(3));
  CHECK_FALSE(bad.publish);
  CHECK(bad.reason == "signature-expired: a.example. A: it is old (and 2 more errors)");
}

TEST_CASE("a copy is good until its SOA says so or its first signature ends") {
  Evidence evidence = evidence_of(*small_zone(1));
  CHECK(good_until(evidence) == *evidence.signed_until);
  evidence.signed_until = evidence.expires_at + Seconds(1);
  CHECK(good_until(evidence) == evidence.expires_at);
  evidence.signed_until.reset();
  CHECK(good_until(evidence) == evidence.expires_at);
}

TEST_CASE("a good configuration loads with its keys and anchors") { CHECK(faults_of(kGood) == ""); }

TEST_CASE("all faults of a configuration are told with their place") {
  std::string text(kGood);
  CHECK(faults_of("") != "");
  CHECK(faults_of(text + "keyy = \"x\"\n").find("c.toml:12:1:") != std::string::npos);
  std::string no_key = text;
  no_key.replace(no_key.rfind("k."), 2, "m.");
  CHECK(faults_of(no_key).find("there is no key m.") != std::string::npos);
  CHECK(
      faults_of(text +
                "[[zone]]\nname=\".\"\nanchor = \"FOLDER/anchor\"\n[[zone.primary]]\naddress=\"127.0.0.1\"\n")
          .find("zone . stands twice") != std::string::npos);
  CHECK(faults_of(
            text +
            "[[zone]]\nname=\"nu.\"\nanchor = \"FOLDER/anchor\"\n[[zone.primary]]\naddress=\"127.0.0.1\"\n")
            .find("holds no trust anchor for it") != std::string::npos);
  CHECK(faults_of(text + "[[zone]]\nname=\"nu.\"\n").find("a zone needs at least one [[zone.primary]]") !=
        std::string::npos);
  CHECK(faults_of(text + "[[key]]\nname=\"z.\"\n").find("either secret or secret-file") != std::string::npos);
  CHECK(faults_of(text + "[[key]]\nname=\"z.\"\nsecret=\"!\"\n").find("the secret is not base 64") !=
        std::string::npos);
}

TEST_CASE("an agreement needs enough primaries, and a digest to agree on") {
  std::string text(kGood);
  auto with = [&](std::string_view settings) {
    std::string out = text;
    return out.replace(out.find("name = \".\"\n"), 11, "name = \".\"\n" + std::string(settings));
  };
  std::string second = "[[zone.primary]]\naddress = \"127.0.0.3\"\n";
  CHECK(faults_of(with("agreement = 2\n")).find("there are only 1 primaries") != std::string::npos);
  CHECK(faults_of(with("agreement = 2\n") + "[[zone.primary]]\naddress = \"127.0.0.2\"\n")
            .find("there are only 1 primaries") != std::string::npos);
  CHECK(faults_of(with("agreement = 2\n") + second) == "");
  CHECK(faults_of(with("agreement = 2\nrequire-zonemd = false\n") + second)
            .find("require-zonemd must be true") != std::string::npos);
}

TEST_CASE("evidence from before there was agreement is read") {
  Evidence evidence = evidence_of(*small_zone(7));
  evidence.agreed = {"192.0.2.1@53", "[2001:db8::1]:53"};
  std::string text = print_evidence(evidence);
  CHECK(parse_evidence(text)->agreed == evidence.agreed);
  std::size_t from = text.find("\"agreed\""), to = text.find("],", from) + 2;
  REQUIRE(to > from);
  CHECK(parse_evidence(text.erase(from, to - from))->agreed.empty());
}

TEST_CASE("a status says in text what its JSON says") {
  Status status;
  CHECK_FALSE(is_healthy(status));  // nothing was shown yet
  status.now = *parse_time("2026-08-05T00:00:00Z");
  ZoneStatus& zone = status.zones.emplace_back();
  zone.origin = *Name::parse("example.");
  CHECK_FALSE(is_healthy(status));
  zone.condition = Condition::serving;
  zone.evidence = evidence_of(*small_zone(7));
  zone.phase = "idle";
  zone.last_refusal =
      Refusal{*parse_time("2026-08-05T00:00:00Z"), Serial(8), "192.0.2.9@53", "it \"is\" broken"};
  SubscriberStatus& subscriber = zone.subscribers.emplace_back();
  subscriber.address = "192.0.2.5@53";
  subscriber.sent = 3;
  subscriber.answered = 2;
  subscriber.unanswered = 1;
  subscriber.told = subscriber.held = Serial(7);
  subscriber.last_answer = "NOERROR";
  subscriber.round_trip = Milliseconds(12);
  subscriber.lag = Milliseconds(1500);
  subscriber.refusals = 2;
  subscriber.last_refusal = "not from here";
  zone.spread = {1, 2, 3, Milliseconds(0), Milliseconds(1500)};
  CHECK(is_healthy(status));
  auto text = print_status_text(print_status_json(status));
  REQUIRE(text);
  CHECK(text->find("zone example.: serving") != text->npos);
  CHECK(text->find("serial        7 by axfr from 192.0.2.1@53") != text->npos);
  CHECK(text->find("serial 8 from 192.0.2.9@53: it \"is\" broken") != text->npos);
  CHECK(text->find("192.0.2.5@53: told 7, answered 2 of 3, last NOERROR") != text->npos);
  CHECK(text->find("catalog") == text->npos);
  CatalogStatus& catalog = status.catalogs.emplace_back();
  catalog = {
      *Name::parse("c.invalid."), true, Serial(3), 2, 1, "", {{*Name::parse("a."), "it has no anchor"}}};
  text = print_status_text(print_status_json(status));
  REQUIRE(text);
  CHECK(
      text->find(
          "catalog c.invalid.: followed, serial 3\n  members       2, ignored 1\n  ignored       a.: it has "
          "no anchor\n") != text->npos);
  catalog.fault = "too many";
  CHECK(print_status_text(print_status_json(status))->find("  fault         too many\n") != text->npos);
}
