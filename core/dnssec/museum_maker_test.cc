// How the museum of museum_test.cc was made: to be run when a rule comes to verify_zone(). All keys are
// fixed, so zones without a new fault come out as they were.
#include <filesystem>
#include <fstream>

#include "dnssec/test_verify.h"

using namespace zw;
using namespace zw::test;

namespace {

Records small() {
  return Records("example.").add(R"(@ 3600 SOA ns host 2026080500 1800 900 604800 900
@ 3600 NS ns
ns 3600 A 192.0.2.1
www 3600 A 192.0.2.2
cut 3600 NS ns.cut
cut 3600 DS 12345 13 2 5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F5F
ns.cut 3600 A 192.0.2.3
open 3600 NS ns
)");
}

struct How {
  std::string at = "2026-08-05T00:00:00Z";
  Severity severity = Severity::error;
  std::vector<TrustAnchor> anchors = {};
  bool require_zonemd = false;
};

void write(std::string_view rule, const Records& records, const How& how = {}) {
  std::filesystem::path folder = std::filesystem::path(ZW_SOURCE_DIR "/tests/data/faults") / rule;
  std::filesystem::create_directories(folder);
  std::ofstream zone(folder / "zone");
  Records sorted = records_of(*records.build());
  for (const Record& r : sorted.all())
    zone << print(r.owner) << ' ' << r.ttl << ' ' << print(r.type) << ' ' << print_rdata(r.type, r.rdata)
         << '\n';
  std::ofstream verify(folder / "verify");
  verify << "at " << how.at << '\n';
  verify << "severity " << (how.severity == Severity::error ? "error" : "warning") << '\n';
  if (how.require_zonemd) verify << "require-zonemd yes\n";
  if (how.anchors.empty()) return;
  verify << "anchor anchor.key\n";
  std::ofstream anchors(folder / "anchor.key");
  for (const TrustAnchor& anchor : how.anchors)
    anchors << print(anchor.owner) << " IN " << print(anchor.type) << ' '
            << print_rdata(anchor.type, anchor.rdata) << '\n';
}

Signing with(Denial denial, std::uint16_t iterations = 0) {
  Signing how;
  how.denial = denial;
  how.iterations = iterations;
  return how;
}

// The zone signed by `how`, changed, and then the RRset signed again as if the signer had meant it.
Records altered(const Signing& how, std::string_view owner, RrType type, auto change) {
  Records records = sign_zone(small(), how);
  change(records);
  sign_again(records, records.name(owner), type, how);
  return records;
}
// Without signing again.
Records spoilt(const Signing& how, auto change) {
  Records records = sign_zone(small(), how);
  change(records);
  return records;
}

std::string nsec3_owner(std::string_view name) {
  Records records("example.");
  return print(*Name::join(nsec3_label(nsec3_hash(records.name(name), {})), records.origin()));
}

void make_keys_and_anchors() {
  Signing how;
  Name origin = small().origin();
  auto key_rrset = [&](auto change) { return altered(how, "@", RrType::DNSKEY, change); };
  auto add_key = [&](Records& r, Buffer rdata) { r.add({origin, RrType::DNSKEY, 3600, std::move(rdata)}); };
  write("unsigned-zone", small());
  write("dnskey-missing", spoilt(how, [](Records& r) {
          r.remove("@", RrType::DNSKEY);
          r.remove_signatures("@", RrType::DNSKEY);
          r.find("@", RrType::NSEC).rdata = *parse_rdata(RrType::NSEC, "cut NS SOA RRSIG NSEC", r.origin());
        }));
  write("dnskey-malformed", key_rrset([&](Records& r) {
          Buffer odd = fixed_key(5).dnskey;
          odd.pop_back();
          add_key(r, odd);
        }));
  write("unsupported-algorithm", key_rrset([&](Records& r) {
          Buffer odd = fixed_key(5).dnskey;
          odd[3] = 253;
          add_key(r, odd);
        }),
        {.severity = Severity::warning});
  write("dnskey-too-many", key_rrset([&](Records& r) {
          for (std::uint8_t i = 0; i <= 32; ++i)
            add_key(r, fixed_key(static_cast<std::uint8_t>(100 + i), 0x8001).dnskey);
        }));
  write("anchor-missing", sign_zone(small()), {.anchors = {anchor_of(Name(), how.keys[0])}});
  write("anchor-mismatch", sign_zone(small()), {.anchors = {anchor_of(origin, fixed_key(9))}});
  write("anchor-signature", sign_zone(small()), {.anchors = {anchor_of(origin, how.keys[1])}});
  Signing revoked;
  revoked.keys = {fixed_key(1, kKsk | DnskeyView::kRevoke), fixed_key(3, kKsk), fixed_key(2, kZsk)};
  write("anchor-revoked", sign_zone(small(), revoked), {.anchors = {anchor_of(origin, fixed_key(1, kKsk))}});
  Signing other;
  other.keys = {fixed_key(1, kKsk), fixed_key(2, 0)};
  write("signature-key-unusable", sign_zone(small(), other));
  other.keys = {fixed_key(1, kKsk), fixed_key(1, kKsk, DnssecAlgorithm::ED448)};
  Records incomplete = sign_zone(small(), other);
  incomplete.remove_if([](const Record& r) {
    return r.covered() == RrType::A && RrsigView::parse(r.rdata)->algorithm() == DnssecAlgorithm::ED448;
  });
  write("algorithm-incomplete", incomplete, {.severity = Severity::warning});
  // The key of RFC 5702 §6.2, for another algorithm.
  other.keys = {fixed_key(1, kKsk), fixed_key(2, kZsk),
                make_signing_key(*PrivateKey::parse_bind(R"(Private-key-format: v1.2
Algorithm: 7 (NSEC3RSASHA1)
Modulus: 0eg1M5b563zoq4k5ZEOnWmd2/BvpjzedJVdfIsDcMuuhE5SQ3pfQ7qmdaeMlC6Nf8DKGoUPGPXe06cP27/WRODtxXquSUytkO0kJDk8KX8PtA0+yBWwy7UnZDyCkynO00Uuk8HPVtZeMO1pHtlAGVnc8VjXZlNKdyit99waaE4s=
PublicExponent: AQAB
PrivateExponent: rFS1IPbJllFFgFc33B5DDlC1egO8e81P4fFadODbp56V7sphKa6AZQCx8NYAew6VXFFPAKTw41QdHnK5kIYOwxvfFDjDcUGza88qbjyrDPSJenkeZbISMUSSqy7AMFzEolkk6WSn6k3thUVRgSlqDoOV3SEIAsrB043XzGrKIVE=
Prime1: 8mbtsu9Tl9v7tKSHdCIeprLIQXQLzxlSZun5T1n/OjvXSUtvD7xnZJ+LHqaBj1dIgMbCq2U8O04QVcK3TS9GiQ==
Prime2: 3a6gkfs74d0Jb7yL4j4adAif4fcp7ZrGt7G5NRVDDY/Mv4TERAKMa0TKN3okKE0A7X+Rv2K84mhT4QLDlllEcw==
Exponent1: v3D5A9uuCn5rgVR7wgV8ba0/KSpsdSiLgsoA42GxiB1gvvs7gJMMmVTDu/ZG1p1ZnpLbhh/S/Qd/MSwyNlxC+Q==
Exponent2: m+ezf9dsDvYQK+gzjOLWYeKq5xWYBEYFGa3BLocMiF4oxkzOZ3JPZSWU/h1Fjp5RV7aPP0Vmx+hNjYMPIQ8Y5w==
Coefficient: Je5YhYpUron/WdOXjxNAxDubAp3i5X7UOUfhJcyIggqwY86IE0Q/Bk0Dw4SC9zxnsimmdBXW2Izd8Lwuk8FQcQ==
)"),
                                 kZsk)};
  write("weak-algorithm", sign_zone(small(), other), {.severity = Severity::warning});
}

void make_signatures() {
  Signing how;
  auto change_signature = [&](auto change) {
    return spoilt(how, [&](Records& r) { change(r.find("www", RrType::RRSIG, RrType::A).rdata); });
  };
  auto signed_with = [&](Signing other) { return altered(other, "www", RrType::A, [](Records&) {}); };
  write("signature-missing", spoilt(how, [](Records& r) { r.remove_signatures("cut", RrType::DS); }));
  write("signature-bogus", spoilt(how, [](Records& r) { r.find("www", RrType::A).rdata[3] ^= 1; }));
  write("signature-expired", sign_zone(small()), {.at = "2026-08-15T00:00:01Z"});
  write("signature-not-yet-valid", sign_zone(small()), {.at = "2026-07-31T23:59:59Z"});
  Signing inverted;
  std::swap(inverted.inception, inverted.expiration);
  write("signature-period", signed_with(inverted));
  write("signature-signer", change_signature([](Buffer& rdata) { rdata[19] = 'f'; }));
  write("signature-labels", change_signature([](Buffer& rdata) { rdata[3] = 1; }));
  write("signature-key-unknown", change_signature([](Buffer& rdata) { rdata[16] ^= 1; }));
  Records crowded = sign_zone(small(), how);
  std::uint16_t wanted = how.keys[1].tag();
  for (std::uint8_t i = 0; i < 20; ++i) {
    Buffer key = how.keys[1].dnskey;
    key[4] = i;
    set16(&key[20], 0);
    set16(&key[20], static_cast<std::uint16_t>(wanted - DnskeyView::parse(key)->key_tag()));
    if (DnskeyView::parse(key)->key_tag() == wanted)
      crowded.add({crowded.origin(), RrType::DNSKEY, 3600, key});
  }
  sign_again(crowded, crowded.origin(), RrType::DNSKEY, how);
  write("signature-too-many", crowded);
  write("signature-ttl", spoilt(how, [](Records& r) { r.find("www", RrType::RRSIG, RrType::A).ttl = 1800; }),
        {.severity = Severity::warning});
  write("original-ttl", spoilt(how, [](Records& r) {
          r.find("www", RrType::A).ttl = 1800;
          r.find("www", RrType::RRSIG, RrType::A).ttl = 1800;
        }));
  auto also_sign = [&](std::string_view owner, RrType type) {
    return spoilt(how, [&](Records& r) { r.add(sign_rrset(r, r.name(owner), type, how.keys[1], how)); });
  };
  write("signature-over-delegation", also_sign("cut", RrType::NS));
  write("signature-over-glue", also_sign("ns.cut", RrType::A));
  auto cover = [&](RrType type) {
    return spoilt(how, [&](Records& r) {
      Record over = r.find("www", RrType::RRSIG, RrType::A);
      set16(over.rdata.data(), static_cast<std::uint16_t>(type));
      r.add(over);
    });
  };
  write("signature-over-signature", cover(RrType::RRSIG));
  write("rrsig-without-rrset", cover(RrType::AAAA));
}

void make_nsec() {
  Signing how;
  auto change_nsec = [&](auto change) { return altered(how, "www", RrType::NSEC, change); };
  auto set_nsec = [&](std::string_view text) {
    return change_nsec([&](Records& r) {
      r.find("www", RrType::NSEC).rdata = *parse_rdata(RrType::NSEC, text, r.origin());
    });
  };
  write("denial-missing", spoilt(how, [](Records& r) {
          r.remove_if([](const Record& x) { return x.type == RrType::NSEC || x.covered() == RrType::NSEC; });
        }));
  write("denial-ttl", change_nsec([](Records& r) { r.find("www", RrType::NSEC).ttl = 3600; }),
        {.severity = Severity::warning});
  write("nsec-missing", spoilt(how, [](Records& r) {
          r.remove("www", RrType::NSEC);
          r.remove_signatures("www", RrType::NSEC);
        }));
  write("nsec-multiple", change_nsec([](Records& r) { r.add("www 900 NSEC ns A RRSIG NSEC"); }));
  write("nsec-next", set_nsec("ns A RRSIG NSEC"));
  write("nsec-bitmap", set_nsec("@ A AAAA RRSIG NSEC"));
  write("nsec-stray", spoilt(how, [](Records& r) { r.add("ns.cut 900 NSEC ns A RRSIG NSEC"); }));
}

void make_nsec3() {
  Signing how = with(Denial::nsec3);
  std::string www = nsec3_owner("www");
  auto change_record = [&](auto change) {
    return altered(how, www, RrType::NSEC3, [&](Records& r) { change(r.find(www, RrType::NSEC3).rdata); });
  };
  auto add_record = [&](auto change) {
    return altered(how, www, RrType::NSEC3, [&](Records& r) {
      Record other = r.find(www, RrType::NSEC3);
      change(other.rdata);
      r.add(other);
    });
  };
  auto add_param = [&](std::string_view rdata) {
    return altered(how, "@", RrType::NSEC3PARAM,
                   [&](Records& r) { r.add(fmt::format("@ 0 NSEC3PARAM {}", rdata)); });
  };
  write("nsec3param-missing", altered(how, nsec3_owner("@"), RrType::NSEC3, [](Records& r) {
          r.remove("@", RrType::NSEC3PARAM);
          r.remove_signatures("@", RrType::NSEC3PARAM);
          Buffer& rdata = r.find(nsec3_owner("@"), RrType::NSEC3).rdata;
          RrType types[] = {RrType::NS, RrType::SOA, RrType::RRSIG, RrType::DNSKEY};
          rdata.resize(6 + 20);
          append_type_bitmap(rdata, types);
        }));
  write("nsec3param-flags", add_param("1 1 0 -"), {.severity = Severity::warning});
  write("nsec3-chain-missing", add_param("1 0 0 AB"));
  write("nsec3-unknown-hash", add_param("2 0 0 -"));
  Records chains = sign_zone(small(), how);
  for (std::uint8_t salt = 1; salt <= 4; ++salt) {
    Signing salted = how;
    salted.salt = {salt};
    Records other = sign_zone(small(), salted);
    for (const Record& r : other.all())
      if (r.type == RrType::NSEC3 || r.covered() == RrType::NSEC3 || r.type == RrType::NSEC3PARAM)
        chains.add(r);
  }
  sign_again(chains, chains.origin(), RrType::NSEC3PARAM, how);
  write("nsec3param-too-many", chains);
  write("nsec3-iterations", sign_zone(small(), with(Denial::nsec3, 1)), {.severity = Severity::warning});
  write("nsec3-iterations-limit", sign_zone(small(), with(Denial::nsec3, 501)));
  write("nsec3-owner", altered(how, "plain", RrType::NSEC3, [&](Records& r) {
          Record other = r.find(www, RrType::NSEC3);
          other.owner = r.name("plain");
          r.add(other);
        }));
  write("nsec3-parameters", add_record([](Buffer& rdata) { rdata[3] = 1; }));
  write("nsec3-multiple", add_record([](Buffer& rdata) { rdata[1] = 1; }));
  write("nsec3-flags", change_record([](Buffer& rdata) { rdata[1] = 2; }));
  write("nsec3-hash-length", change_record([](Buffer& rdata) {
          rdata[5] = 19;
          rdata.erase(rdata.begin() + 6);
        }));
  write("nsec3-missing", altered(how, "new", RrType::A, [](Records& r) { r.add("new 3600 A 192.0.2.9"); }));
  write("nsec3-next", change_record([](Buffer& rdata) { rdata[6] ^= 1; }));
  write("nsec3-bitmap", change_record([](Buffer& rdata) { rdata.back() ^= 1; }));
  write("nsec3-stray", spoilt(how, [](Records& r) {
          r.remove_if([&](const Record& x) { return x.owner == r.name("www"); });
        }));
}

void make_digests() {
  Signing how;
  how.zonemd = {ZonemdHash::SHA384};
  auto change_digest = [&](auto change) {
    return altered(how, "@", RrType::ZONEMD, [&](Records& r) { change(r.find("@", RrType::ZONEMD).rdata); });
  };
  write("zonemd-mismatch", spoilt(how, [](Records& r) { r.find("ns.cut", RrType::A).rdata[3] ^= 1; }));
  write("zonemd-serial", change_digest([](Buffer& rdata) { rdata[3] ^= 1; }));
  write("zonemd-malformed", change_digest([](Buffer& rdata) { rdata.resize(6 + 11); }));
  write("zonemd-unsupported", change_digest([](Buffer& rdata) { rdata[5] = 3; }),
        {.severity = Severity::warning});
  write("zonemd-duplicate", altered(how, "@", RrType::ZONEMD, [](Records& r) {
          Record again = r.find("@", RrType::ZONEMD);
          again.rdata.back() ^= 1;
          r.add(again);
        }));
  write("zonemd-absent", sign_zone(small()), {.require_zonemd = true});
  write("zonemd-stripped", spoilt(how, [](Records& r) {
          r.remove("@", RrType::ZONEMD);
          r.remove_signatures("@", RrType::ZONEMD);
        }));
}

}  // namespace

// zw_dnssec_test --no-skip --test-case="the museum is made"
TEST_CASE("the museum is made" * doctest::skip()) {
  make_keys_and_anchors();
  make_signatures();
  make_nsec();
  make_nsec3();
  make_digests();
}
