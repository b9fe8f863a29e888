#include "dnssec/zonemd.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "dnssec/test_records.h"

using namespace zw;
using test::Records;

namespace {

// RFC 8976 appendix A.1.
Records simple() {
  Records records("example.");
  records.add(R"(@ 86400 SOA ns1 admin 2018031900 1800 900 604800 86400
                 @ 86400 NS ns1
                 @ 86400 NS ns2
                 @ 86400 ZONEMD 2018031900 1 1 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c
                 ns1 3600 A 203.0.113.63
                 ns2 3600 AAAA 2001:db8::63)");
  return records;
}

ZonemdReport check(const Records& records) { return check_zonemd(*records.build()); }

}  // namespace

TEST_CASE("the digest of the simple zone of RFC 8976 appendix A.1 is found valid") {
  ZonemdReport report = check(simple());
  CHECK(report.verdict == ZonemdVerdict::valid);
  CHECK(report.hash == ZonemdHash::SHA384);
  CHECK(report.digest == *zone_digest(*simple().build(), ZonemdHash::SHA384));
}

TEST_CASE("the complex zone of appendix A.2 tries all that the digest must leave in, leave out and lower") {
  Records records("example.");
  records.add(R"(@ 86400 SOA ns1 admin 2018031900 1800 900 604800 86400
                 @ 86400 NS ns1
                 @ 86400 NS ns2
                 @ 86400 ZONEMD 2018031900 1 1 a3b69bad980a3504e1cffcb0fd6397f93848071c93151f552ae2f6b1711d4bd2d8b39808226d7b9db71e34b72077f8fe
                 ns1 3600 A 203.0.113.63
                 NS2 3600 AAAA 2001:db8::63
                 occluded.sub 7200 TXT "I'm occluded but must be digested"
                 sub 7200 NS ns1
                 duplicate 300 TXT "I must be digested just once"
                 duplicate 300 TXT "I must be digested just once"
                 foo.test. 555 TXT "out-of-zone data must be excluded"
                 UPPERCASE 3600 TXT "canonicalize uppercase owner names"
                 * 777 PTR dont-forget-about-wildcards
                 mail 3600 MX 20 MAIL1
                 mail 3600 MX 10 Mail2.Example.
                 sortme 3600 AAAA 2001:db8::5:61
                 sortme 3600 AAAA 2001:db8::3:62
                 sortme 3600 AAAA 2001:db8::4:63
                 sortme 3600 AAAA 2001:db8::1:65
                 sortme 3600 AAAA 2001:db8::2:64
                 non-apex 900 ZONEMD 2018031900 1 1 616c6c6f776564206275742069676e6f7265642e20616c6c6f776564206275742069676e6f7265642e20616c6c6f7765)");
  CHECK(check(records).verdict == ZonemdVerdict::valid);
  records.find("uppercase", RrType::TXT).rdata[1] = 'C';
  CHECK(check(records).verdict == ZonemdVerdict::mismatch);
}

TEST_CASE("of several digests, as in appendix A.3, one that is valid is enough") {
  Records records("example.");
  records.add(R"(example. 86400 SOA ns1 admin 2018031900 1800 900 604800 86400
                 example. 86400 NS ns1.example.
                 example. 86400 NS ns2.example.
                 example. 86400 ZONEMD 2018031900 1 1 62e6cf51b02e54b9b5f967d547ce43136792901f9f88e637493daaf401c92c279dd10f0edb1c56f8080211f8480ee306
                 example. 86400 ZONEMD 2018031900 1 2 08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a4e114d884e66f176eab121cb02db7d652e0cc4827e7a3204f166b47e5613fd27
                 example. 86400 ZONEMD 2018031900 1 240 e2d523f654b9422a96c5a8f44607bbee
                 example. 86400 ZONEMD 2018031900 241 1 e1846540e33a9e4189792d18d5d131f605fc283e
                 ns1.example. 3600 A 203.0.113.63
                 ns2.example. 86400 TXT "This example has multiple digests"
                 NS2.EXAMPLE. 3600 AAAA 2001:db8::63)");
  CHECK(check(records).verdict == ZonemdVerdict::valid);
  auto spoil = [&](std::uint8_t hash) {
    for (test::Record& r : records.all())
      if (r.type == RrType::ZONEMD && r.rdata[4] == 1 && r.rdata[5] == hash) r.rdata.back() ^= 1;
  };
  spoil(1);
  ZonemdReport report = check(records);
  CHECK(report.verdict == ZonemdVerdict::valid);
  CHECK(report.hash == ZonemdHash::SHA512);
  spoil(2);
  CHECK(check(records).verdict == ZonemdVerdict::mismatch);
  records.remove_if(
      [](const test::Record& r) { return r.type == RrType::ZONEMD && r.rdata[4] == 1 && r.rdata[5] < 3; });
  CHECK(check(records).verdict == ZonemdVerdict::unsupported);
}

TEST_CASE("any changed octet, owner or TTL is another digest, but not a change of letter case") {
  Records changed = simple();
  changed.find("ns1", RrType::A).rdata[3] ^= 1;
  CHECK(check(changed).verdict == ZonemdVerdict::mismatch);
  changed = simple();
  changed.find("ns1", RrType::A).ttl = 3601;
  CHECK(check(changed).verdict == ZonemdVerdict::mismatch);
  changed = simple();
  changed.add("ns3 3600 A 203.0.113.63");
  CHECK(check(changed).verdict == ZonemdVerdict::mismatch);
  changed = simple();
  changed.find("ns1", RrType::A).owner = changed.name("NS1");
  changed.find("@", RrType::NS).rdata[1] = 'N';
  CHECK(check(changed).verdict == ZonemdVerdict::valid);
}

TEST_CASE("a ZONEMD record does not count with another serial, twice, or with a short digest") {
  CHECK([] {
    Records records = simple();
    records.remove("@", RrType::ZONEMD);
    return check(records).verdict;
  }() == ZonemdVerdict::absent);
  Records records = simple();
  records.find("@", RrType::ZONEMD).rdata[3] ^= 1;
  CHECK(check(records).verdict == ZonemdVerdict::serial_mismatch);
  records = simple();
  test::Record again = records.find("@", RrType::ZONEMD);
  again.rdata.back() ^= 1;
  records.add(again);
  CHECK(check(records).verdict == ZonemdVerdict::duplicate);
  records = simple();
  records.find("@", RrType::ZONEMD).rdata.resize(6 + 11);
  CHECK(check(records).verdict == ZonemdVerdict::malformed);
  records = simple();
  records.find("@", RrType::ZONEMD).rdata.resize(6 + 12);  // long enough, but no SHA-384
  CHECK(check(records).verdict == ZonemdVerdict::mismatch);
}

TEST_CASE("other digests than those of RFC 8976 are not computed") {
  CHECK(zone_digest(*simple().build(), ZonemdHash{3}).error().kind == ErrorKind::unsupported);
}
