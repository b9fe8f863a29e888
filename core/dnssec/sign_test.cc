#include "dnssec/sign.h"

#include "dnssec/test_verify.h"
#include "zone/random_zone.h"
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

}  // namespace

TEST_CASE("a zone is signed as by the slow and plain signer of the tests, in each way") {
  for (Signing how : ways())
    for (auto algorithm : {DnssecAlgorithm::ED25519, DnssecAlgorithm::ECDSAP256SHA256})
      for (bool one_key : {false, true}) {
        how.keys = {fixed_key(1, kKsk, algorithm)};
        if (!one_key) how.keys.push_back(fixed_key(2, kZsk, algorithm));
        how.zonemd = one_key ? std::vector{ZonemdHash::SHA384, ZonemdHash::SHA512} : std::vector<ZonemdHash>();
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
      CHECK(canonical_text(*sign(records_of(*sign(plain(), before)), how)) == canonical_text(*sign(plain(), how)));
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
}
