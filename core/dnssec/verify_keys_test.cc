#include "dnssec/test_verify.h"

using namespace zw;
using namespace zw::test;

TEST_CASE("with anchors, one of them must name a key that signs the keys") {
  Signing how;
  Records records = sign_zone(plain(), how);
  auto against = [&](const Records& zone, std::vector<TrustAnchor> anchors) {
    VerifyOptions options = options_at("2026-08-05T00:00:00Z");
    options.anchors = anchors;
    return verify(zone, options);
  };
  TrustAnchor good = anchor_of(records.origin(), how.keys[0]);
  TrustAnchor zsk = anchor_of(records.origin(), how.keys[1]);
  TrustAnchor foreign = anchor_of(records.origin(), fixed_key(9));
  TrustAnchor elsewhere = anchor_of(Name(), how.keys[0]);
  Outcome outcome = against(records, {foreign, elsewhere, good});
  CHECK(outcome.rules == "");
  CHECK(outcome.report.trust == Trust::anchored);
  CHECK(outcome.report.trusted_key_tag == how.keys[0].tag());
  CHECK(against(records, {{records.origin(), RrType::DNSKEY, how.keys[0].dnskey}}).rules == "");
  CHECK(against(records, {foreign}).rules == "anchor-mismatch");
  CHECK(against(records, {elsewhere}).rules == "anchor-missing");
  CHECK(against(records, {zsk}).rules == "anchor-signature");
  CHECK(against(records, {foreign}).report.trust == Trust::none);
  TrustAnchor altered = good;
  altered.rdata.back() ^= 1;
  CHECK(against(records, {altered}).rules == "anchor-mismatch");

  // RFC 5011 §2.1: a key that is revoked still signs the keys, and is believed for nothing.
  Signing revoked;
  revoked.keys = {fixed_key(1, kKsk | DnskeyView::kRevoke), fixed_key(3, kKsk), fixed_key(2, kZsk)};
  Records rolled = sign_zone(plain(), revoked);
  CHECK(against(rolled, {good}).rules == "anchor-revoked");
  CHECK(against(rolled, {good, anchor_of(records.origin(), revoked.keys[1])}).rules == "");
  revoked.keys = {fixed_key(1, kKsk | DnskeyView::kRevoke), fixed_key(2, kZsk)};
  CHECK(against(sign_zone(plain(), revoked), {good}).rules == "signature-key-unusable anchor-revoked");
  revoked.keys = {fixed_key(1, kKsk), fixed_key(2, kZsk | DnskeyView::kRevoke)};
  CHECK(against(sign_zone(plain(), revoked), {good}).rules == "signature-key-unusable");
}

TEST_CASE("keys that cannot be used are told, and harm only what they alone sign") {
  Records records = sign_zone(plain());
  Buffer odd = fixed_key(5).dnskey;
  odd.pop_back();
  records.add({records.origin(), RrType::DNSKEY, 3600, odd});
  odd[3] = 253;
  records.add({records.origin(), RrType::DNSKEY, 3600, odd});
  sign_again(records, records.origin(), RrType::DNSKEY, {});
  Outcome outcome = verify(records);
  CHECK(outcome.rules == "dnskey-malformed unsupported-algorithm");
  CHECK(outcome.report.findings.errors() == 1);

  Signing not_zone;
  not_zone.keys = {fixed_key(1, kKsk), fixed_key(2, 0)};
  CHECK(rules(sign_zone(plain(), not_zone)) == "signature-key-unusable");
}

TEST_CASE("RSA with SHA-1 counts only by policy, and never without a word") {
  Signing how;
  how.keys = {make_signing_key(*PrivateKey::generate(DnssecAlgorithm::RSASHA1_NSEC3_SHA1, 1024), kKsk)};
  Records old = sign_zone(plain(), how);
  Outcome refused = verify(old);
  CHECK(refused.rules == "weak-algorithm");
  CHECK_FALSE(refused.report.is_valid());
  VerifyOptions options = options_at("2026-08-05T00:00:00Z");
  options.rsa_sha1 = RsaSha1::accept;
  Outcome accepted = verify(old, options);
  CHECK(accepted.rules == "weak-algorithm");
  CHECK(accepted.report.is_valid());
  how.keys.push_back(fixed_key(1, kKsk));
  CHECK(verify(sign_zone(plain(), how)).report.is_valid());
}

TEST_CASE("each algorithm among the keys must sign each RRset") {
  Signing both;
  both.keys = {fixed_key(1, kKsk), fixed_key(1, kKsk, DnssecAlgorithm::ECDSAP256SHA256)};
  Records records = sign_zone(plain(), both);
  CHECK(rules(records) == "");
  records.remove_if([&](const Record& r) {
    return r.covered() == RrType::A && RrsigView::parse(r.rdata)->algorithm() == DnssecAlgorithm::ED25519;
  });
  Outcome outcome = verify(records);
  CHECK(outcome.rules == "algorithm-incomplete");
  CHECK(outcome.report.is_valid());
  CHECK(outcome.report.findings.warnings() == 1);
}

TEST_CASE("all algorithms verify what they signed") {
  using enum DnssecAlgorithm;
  for (DnssecAlgorithm algorithm : {RSASHA256, RSASHA512, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448}) {
    Signing how;
    bool rsa = algorithm == RSASHA256 || algorithm == RSASHA512;
    how.keys = {rsa ? make_signing_key(*PrivateKey::generate(algorithm, 1024))
                    : fixed_key(1, kKsk, algorithm)};
    CHECK(rules(sign_zone(plain(), how)) == "");
  }
}

TEST_CASE("keys and signatures by the dozen do not cost more than a bounded time") {
  // Every signature names a tag that many keys have.
  Signing how;
  Records records = sign_zone(plain(), how);
  SigningKey zsk = how.keys[1];
  std::size_t colliding = 0;
  for (std::uint32_t i = 0; colliding < 20; ++i) {
    Buffer key = {1, 0, 3, 16};
    key.resize(4 + 57);
    set32(&key[4], i);
    key[60] = 0;
    if (!PublicKey::make(DnssecAlgorithm::ED448, Bytes(key).subspan(4))) continue;
    std::uint32_t missing = zsk.tag() - DnskeyView::parse(key)->key_tag();
    set16(&key[20], static_cast<std::uint16_t>(missing));
    if (DnskeyView::parse(key)->key_tag() != zsk.tag()) continue;
    records.add({records.origin(), RrType::DNSKEY, 3600, key});
    ++colliding;
  }
  sign_again(records, records.origin(), RrType::DNSKEY, how);
  CHECK(rules(records) == "algorithm-incomplete");
  Record bad = records.find("www", RrType::RRSIG, RrType::A);
  bad.rdata[2] = 16;
  records.remove_signatures("www", RrType::A);
  for (std::uint8_t i = 0; i < 40; ++i) {
    bad.rdata.resize(18 + 9 + 114);
    bad.rdata[30] = i;
    records.add(bad);
  }
  CHECK(rules(records) == "signature-too-many algorithm-incomplete");
}
