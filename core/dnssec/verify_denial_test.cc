#include "dnssec/test_verify.h"

using namespace zw;
using namespace zw::test;

TEST_CASE("each fault of an NSEC chain is told by its own rule") {
  Signing how;
  Records good = sign_zone(plain(), how);
  auto after = [&](auto change) {
    Records records = good;
    change(records);
    return rules(records);
  };
  auto drop = [](Records& r, std::string_view owner) {
    r.remove(owner, RrType::NSEC);
    r.remove_signatures(owner, RrType::NSEC);
  };
  // Changes the NSEC record and signs it again.
  auto alter = [&](Records& r, std::string_view owner, std::string_view rdata) {
    r.find(owner, RrType::NSEC).rdata = *parse_rdata(RrType::NSEC, rdata, r.origin());
    sign_again(r, r.name(owner), RrType::NSEC, how);
  };
  CHECK(after([&](Records& r) { drop(r, "www"); }) == "nsec-missing");
  CHECK(after([&](Records& r) { drop(r, "@"); }) == "nsec-missing");
  CHECK(after([&](Records& r) { drop(r, "open"); }) == "nsec-missing");
  CHECK(after([&](Records& r) { alter(r, "www", "alias A HTTPS RRSIG NSEC"); }) == "nsec-next");
  CHECK(after([&](Records& r) { alter(r, "open", "ns.open NS RRSIG NSEC"); }) == "nsec-next");
  CHECK(after([&](Records& r) { alter(r, "www", "@ A RRSIG NSEC"); }) == "nsec-bitmap");
  CHECK(after([&](Records& r) { alter(r, "www", "@ A AAAA HTTPS RRSIG NSEC"); }) == "nsec-bitmap");
  CHECK(after([&](Records& r) { alter(r, "www", "@ A HTTPS NSEC"); }) == "nsec-bitmap");
  CHECK(after([&](Records& r) { alter(r, "www", "@ A HTTPS RRSIG"); }) == "nsec-bitmap");
  CHECK(after([&](Records& r) { alter(r, "open", "secure A NS RRSIG NSEC"); }) == "nsec-bitmap");
  CHECK(after([&](Records& r) { r.add("ns.open 900 NSEC secure A RRSIG NSEC"); }) == "nsec-stray");
  CHECK(after([&](Records& r) {
          r.add("www 900 NSEC @ A RRSIG NSEC");
          sign_again(r, r.name("www"), RrType::NSEC, how);
        }) == "nsec-multiple");
  CHECK(after([&](Records& r) {
          r.find("www", RrType::NSEC).ttl = 3600;
          sign_again(r, r.name("www"), RrType::NSEC, how);
        }) == "denial-ttl");
  CHECK(after([&](Records& r) {
          r.remove_if([](const Record& x) { return x.type == RrType::NSEC || x.covered() == RrType::NSEC; });
        }) == "denial-missing");
  // A name that nobody denies, and one that nobody has.
  CHECK(after([&](Records& r) {
          r.add("new 300 A 192.0.2.9");
          sign_again(r, r.name("new"), RrType::A, how);
        }) == "nsec-next nsec-missing");
  CHECK(after([&](Records& r) {
          r.remove_if([&](const Record& x) { return x.owner == r.name("alias"); });
        }) == "nsec-next");
}

TEST_CASE("each fault of an NSEC3 chain is told by its own rule") {
  Signing how = nsec3_signing();
  Records good = sign_zone(plain(), how);
  auto owner_of = [&](const Records& r, std::string_view name) {
    Name label = nsec3_label(nsec3_hash(r.name(name), {kNsec3Sha1, how.iterations, how.salt}));
    return print(*Name::join(label, r.origin()));
  };
  auto after = [&](auto change) {
    Records records = good;
    change(records);
    return rules(records);
  };
  auto alter = [&](Records& r, std::string_view name, auto change) {
    std::string owner = owner_of(r, name);
    change(r.find(owner, RrType::NSEC3).rdata);
    sign_again(r, r.name(owner), RrType::NSEC3, how);
  };
  auto drop = [&](Records& r, std::string_view name) {
    r.remove(owner_of(r, name), RrType::NSEC3);
    r.remove_signatures(owner_of(r, name), RrType::NSEC3);
  };
  CHECK(after([&](Records& r) { drop(r, "www"); }) == "nsec3-next nsec3-missing");
  CHECK(after([&](Records& r) { drop(r, "path.to"); }) == "nsec3-next nsec3-missing");
  CHECK(after([&](Records& r) { drop(r, "open"); }) == "nsec3-next nsec3-missing");
  CHECK(after([&](Records& r) { r.remove_if([&](const Record& x) { return x.owner == r.name("www"); }); }) ==
        "nsec3-stray");
  CHECK(after([&](Records& r) { r.remove_signatures(owner_of(r, "www"), RrType::NSEC3); }) ==
        "signature-missing");
  CHECK(after([&](Records& r) { r.remove(owner_of(r, "www"), RrType::NSEC3); }) ==
        "nsec3-next nsec3-missing rrsig-without-rrset");
  CHECK(after([&](Records& r) { alter(r, "www", [](Buffer& x) { x[6] ^= 1; }); }) == "nsec3-next");
  CHECK(after([&](Records& r) { alter(r, "www", [](Buffer& x) { x.back() ^= 2; }); }) == "nsec3-bitmap");
  CHECK(after([&](Records& r) { alter(r, "path.to", [](Buffer& x) { x.insert(x.end(), {0, 1, 0x40}); }); }) ==
        "nsec3-bitmap");
  CHECK(after([&](Records& r) { alter(r, "www", [](Buffer& x) { x[1] = 2; }); }) == "nsec3-flags");
  CHECK(after([&](Records& r) {
          alter(r, "www", [](Buffer& x) {
            x[5] = 19;
            x.erase(x.begin() + 6);
          });
        }) == "nsec3-hash-length");
  CHECK(after([&](Records& r) {
          r.remove("@", RrType::NSEC3PARAM);
          r.remove_signatures("@", RrType::NSEC3PARAM);
        }) == "nsec3param-missing nsec3-bitmap");
  CHECK(after([&](Records& r) {
          r.add("@ 0 NSEC3PARAM 1 1 0 -");
          sign_again(r, r.origin(), RrType::NSEC3PARAM, how);
        }) == "nsec3param-flags");
  CHECK(after([&](Records& r) {
          r.add("@ 0 NSEC3PARAM 1 0 0 AB");
          sign_again(r, r.origin(), RrType::NSEC3PARAM, how);
        }) == "nsec3-chain-missing");
  CHECK(after([&](Records& r) {
          r.add("@ 0 NSEC3PARAM 2 0 0 -");
          sign_again(r, r.origin(), RrType::NSEC3PARAM, how);
        }) == "nsec3-unknown-hash");
  CHECK(after([&](Records& r) {
          Record other = r.find(owner_of(r, "www"), RrType::NSEC3);
          other.rdata[3] = 1;
          r.add(other);
          sign_again(r, other.owner, RrType::NSEC3, how);
        }) == "nsec3-parameters");
  CHECK(after([&](Records& r) {
          Record other = r.find(owner_of(r, "www"), RrType::NSEC3);
          other.rdata[1] = 1;
          r.add(other);
          sign_again(r, other.owner, RrType::NSEC3, how);
        }) == "nsec3-multiple");
  CHECK(after([&](Records& r) {
          Record other = r.find(owner_of(r, "www"), RrType::NSEC3);
          other.owner = r.name("plain");
          r.add(other);
          sign_again(r, other.owner, RrType::NSEC3, how);
        }) == "nsec3-owner");
  CHECK(after([&](Records& r) {
          r.add("www 900 NSEC @ A RRSIG NSEC");
          sign_again(r, r.name("www"), RrType::NSEC, how);
        }) == "nsec-stray");
}

TEST_CASE("opt-out excuses only delegations without DS, and only where the covering record says so") {
  Signing how = nsec3_signing(OptOut::yes);
  Records good = sign_zone(plain(), how);
  Records records = good;
  records.add("more.co 7200 NS ns.elsewhere.");
  CHECK(rules(records) == "");
  records.add("more.co 7200 DS 12345 13 2 5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F");
  sign_again(records, records.name("more.co"), RrType::DS, how);
  CHECK(rules(records) == "nsec3-missing");  // the delegation, and co, which now leads to it
  CHECK(verify(records).report.findings.errors() == 2);
  records = good;
  for (Record& r : records.all())
    if (r.type == RrType::NSEC3) r.rdata[1] = 0;
  for (const Record& r : good.all())
    if (r.type == RrType::NSEC3) sign_again(records, r.owner, RrType::NSEC3, how);
  CHECK(rules(records) == "nsec3-missing");
  CHECK(verify(records).report.findings.errors() == 4);  // open, co, shop.co, club.co
}

TEST_CASE("iterations are followed to a bound, and any are too many") {
  Signing how = nsec3_signing();
  how.iterations = 10;
  how.salt = {0xab, 0xcd};
  CHECK(rules(sign_zone(plain(), how)) == "nsec3-iterations");
  how.iterations = 501;
  CHECK(rules(sign_zone(plain(), how)) == "nsec3-iterations-limit");
}

TEST_CASE("a zone that changes its salt has two whole chains") {
  Signing how = nsec3_signing();
  Records records = sign_zone(plain(), how);
  Signing salted = how;
  salted.salt = {1, 2, 3};
  Records other = sign_zone(plain(), salted);
  for (const Record& r : other.all())
    if (r.type == RrType::NSEC3 || r.covered() == RrType::NSEC3 || r.type == RrType::NSEC3PARAM)
      records.add(r);
  sign_again(records, records.origin(), RrType::NSEC3PARAM, how);
  CHECK(rules(records) == "");
  std::string owner = print(*Name::join(
      nsec3_label(nsec3_hash(records.name("www"), {kNsec3Sha1, 0, salted.salt})), records.origin()));
  CHECK(records.remove(owner, RrType::NSEC3) == 1);
  records.remove_signatures(owner, RrType::NSEC3);
  CHECK(rules(records) == "nsec3-next nsec3-missing");
}
