#include "dnssec/sign.h"

#include "base/random.h"
#include "dnssec/test_verify.h"
#include "zone/writer.h"

using namespace zw;
using namespace zw::test;

namespace {

KeyUse use_of(const SigningKey& key, const Signing& how) {
  bool split = false;
  for (const SigningKey& other : how.keys) split |= other.is_sep() != how.keys.front().is_sep();
  return !split ? KeyUse::both : key.is_sep() ? KeyUse::keys : KeyUse::data;
}

SigningPlan plan_of(const Signing& how) {
  SigningPlan plan;
  plan.inception = how.inception;
  plan.expiration = how.expiration;
  plan.zonemd = how.zonemd;
  if (how.has_nsec3()) plan.nsec3 = {how.iterations, how.salt, how.opt_out == OptOut::yes};
  for (const SigningKey& key : how.keys)
    plan.keys.push_back({key.dnskey, use_of(key, how), [key = key.key] { return key.make_signer(); }});
  return plan;
}

ZonePtr sign(const Records& records, const Signing& how) {
  SerialWorkers workers;
  auto zone = zw::sign_zone(*records.build(), plan_of(how), workers);
  REQUIRE_MESSAGE(zone, zone.error().what);
  return *zone;
}

std::vector<Signing> ways() {
  std::vector<Signing> out(1);
  for (std::uint16_t iterations : {0, 3})
    for (OptOut opt_out : {OptOut::no, OptOut::yes}) {
      Signing how = nsec3_signing(opt_out);
      how.iterations = iterations;
      if (iterations) how.salt = {0xca, 0xfe};
      out.push_back(how);
    }
  return out;
}

/// Names that stand in one another's way: cuts below cuts, glue, names under a DNAME, wildcards, and names
/// that are there only since others are below them.
Records random_records(Random& random) {
  static constexpr std::string_view kLabels[] = {"a", "b", "c", "*", "Ab"};
  Records records("example.");
  records.add("@ 3600 SOA ns host 1 1800 900 604800 900\n@ 3600 NS ns\n");
  std::set<std::string> names, aliases;
  for (std::uint64_t count = 5 + random.below(40); count > 0; --count) {
    std::string owner;
    for (std::uint64_t labels = 1 + random.below(4); labels > 0; --labels)
      owner += std::string(owner.empty() ? "" : ".") + std::string(kLabels[random.below(5)]);
    if (!names.insert(owner).second) continue;
    switch (random.below(6)) {
      case 0: records.add(owner + " 300 DNAME elsewhere."); break;
      case 1: records.add(owner + " 300 NS ns.elsewhere."); break;
      case 2:
        records.add(owner + " 300 NS ns.elsewhere.");
        records.add(owner +
                    " 300 DS 1 13 2 5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F");
        break;
      case 3: records.add(owner + " 300 A 192.0.2.1\n" + owner + " 300 A 192.0.2.2"); break;
      case 4: records.add(owner + " 300 TXT \"some text\""); break;
      default: records.add(owner + " 300 TLSA 3 1 1 00"); break;
    }
  }
  return records;
}

/// Two tasks at once, as far as anybody can tell.
class Backwards final : public Workers {
 public:
  std::size_t width() const override { return 2; }
  void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
    for (std::size_t i = count; i-- > 0;) task(i);
  }
};

}  // namespace

TEST_CASE("random zones are signed as by the slow and plain signer of the tests, and verify") {
  Splitmix random(20261127);
  for (int round = 0; round < 12; ++round) {
    Records records = random_records(random);
    for (const Signing& how : ways()) {
      CAPTURE(round);
      ZonePtr zone = sign(records, how);
      REQUIRE(canonical_text(*zone) == canonical_text(*sign_zone(records, how).build()));
      REQUIRE(verify(records_of(*zone)).report.findings.errors() == 0);
    }
  }
}

// A task signs a thousand names: some hundreds below e1 are in the first, others in the second.
TEST_CASE("a zone of many pages is the same in whatever order they are signed") {
  Records records = plain();
  for (int i = 0; i < 1400; ++i)
    records.add(fmt::format("t{0}.e{1} 3600 NS ns.elsewhere.\n", i, i % 2) +
                (i % 3 ? "" : fmt::format("t{0}.e{1} 3600 DS {0} 13 2 {0:064X}\n", i, i % 2)));
  for (Signing how : {ways().front(), ways()[1], ways()[2]}) {
    how.keys = {fixed_key(1, kKsk, DnssecAlgorithm::ECDSAP256SHA256)};
    Backwards workers;
    auto zone = zw::sign_zone(*records.build(), plan_of(how), workers);
    REQUIRE(zone);
    CHECK(canonical_text(**zone) == canonical_text(*sign(records, how)));
    CHECK(verify(records_of(**zone)).report.findings.errors() == 0);
  }
}

TEST_CASE("a zone is signed as by the slow and plain signer of the tests, in each way") {
  for (Signing how : ways())
    for (auto algorithm : {DnssecAlgorithm::ED25519, DnssecAlgorithm::ECDSAP256SHA256})
      for (bool one_key : {false, true}) {
        how.keys = {fixed_key(1, kKsk, algorithm)};
        if (!one_key) how.keys.push_back(fixed_key(2, kZsk, algorithm));
        how.zonemd =
            one_key ? std::vector{ZonemdHash::SHA384, ZonemdHash::SHA512} : std::vector<ZonemdHash>();
        CHECK(canonical_text(*sign(plain(), how)) == canonical_text(*sign_zone(plain(), how).build()));
      }
}

TEST_CASE("two algorithms at once sign everything twice") {
  Signing how;
  how.keys = {fixed_key(1, kKsk), fixed_key(2, kKsk, DnssecAlgorithm::ECDSAP256SHA256)};
  CHECK(canonical_text(*sign(plain(), how)) == canonical_text(*sign_zone(plain(), how).build()));
  CHECK(rules(records_of(*sign(plain(), how))) == "");
}

TEST_CASE("what was signed is signed again as if it had not been") {
  for (const Signing& how : ways())
    for (Signing before : ways()) {
      before.keys = {fixed_key(5, kKsk), fixed_key(6, kZsk)};
      before.zonemd = {ZonemdHash::SHA384};
      CHECK(canonical_text(*sign(records_of(*sign(plain(), before)), how)) ==
            canonical_text(*sign(plain(), how)));
    }
}

TEST_CASE("the signed zone verifies, with a new serial and signatures that end apart") {
  SerialWorkers workers;
  Signing how;
  how.zonemd = {ZonemdHash::SHA384};
  SigningPlan plan = plan_of(how);
  plan.serial = Serial(2026080600);
  plan.jitter = std::chrono::hours(48);
  auto zone = zw::sign_zone(*plain().build(), plan, workers);
  REQUIRE(zone);
  CHECK((*zone)->serial() == Serial(2026080600));
  CHECK(rules(records_of(**zone)) == "");
  std::set<std::uint32_t> ends;
  (*zone)->visit_rrsets([&](NameView relative, RrSetView set) {
    if (set.type() != RrType::RRSIG) return;
    std::uint32_t end = RrsigView::parse(set.rdatas().front())->expiration();
    CHECK(end <= stamp(how.expiration));
    CHECK(end >= stamp(how.expiration - plan.jitter));
    if (relative.is_root()) CHECK(end == stamp(how.expiration));
    ends.insert(end);
  });
  CHECK(ends.size() > 8);
}

TEST_CASE("plans that cannot be are refused") {
  SerialWorkers workers;
  ZonePtr zone = plain().build();
  auto refused = [&](auto change) {
    SigningPlan plan = plan_of(Signing());
    change(plan);
    return !zw::sign_zone(*zone, plan, workers);
  };
  CHECK(refused([](SigningPlan& plan) { plan.keys.clear(); }));
  CHECK(refused([](SigningPlan& plan) { plan.keys.pop_back(); }));
  CHECK(refused([](SigningPlan& plan) { plan.keys.erase(plan.keys.begin()); }));
  CHECK(refused([](SigningPlan& plan) { plan.keys[0].dnskey = {1}; }));
  CHECK(refused([](SigningPlan& plan) { plan.expiration = plan.inception; }));
  CHECK(refused([](SigningPlan& plan) { plan.nsec3 = Nsec3Plan{0, Buffer(256), false}; }));
  CHECK(refused([](SigningPlan& plan) { plan.zonemd = {static_cast<ZonemdHash>(240)}; }));
  CHECK(refused([](SigningPlan& plan) { plan.zonemd = {ZonemdHash::SHA384, ZonemdHash::SHA384}; }));
  CHECK(refused([](SigningPlan& plan) { plan.jitter = plan.expiration - plan.inception; }));
  // A key of another algorithm has to sign all, or nobody may know of it.
  SigningKey other = fixed_key(3, kKsk, DnssecAlgorithm::ECDSAP256SHA256);
  for (KeyUse use : {KeyUse::keys, KeyUse::data, KeyUse::nothing})
    CHECK(refused([&](SigningPlan& plan) {
      plan.keys.push_back({other.dnskey, use, [&] { return other.key.make_signer(); }});
    }));
}
