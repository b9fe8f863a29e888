#include "dnssec/canonical.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "crypto/public_key.h"
#include "dnssec/test_records.h"

using namespace zw;
using test::Records;

namespace {

// The signature RDATA of RFC 8080 §6.1 with the labels of its erratum 4935.
Buffer example_signature() {
  return *parse_rdata(
      RrType::RRSIG,
      "MX 15 2 3600 1440021600 1438207200 3613 example.com. "
      "oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==");
}

Buffer signed_data(const Records& records, std::string_view owner, RrType type, Bytes signature) {
  ZonePtr zone = records.build();
  Name name = records.name(owner);
  Buffer out;
  CHECK(append_signed_data(out, lower(name), RrClass::IN,
                           *(*zone->names().find(*zone->relative(name)).at).find(type),
                           *RrsigView::parse(signature)));
  return out;
}

}  // namespace

TEST_CASE("the signature of RFC 8080 section 6.1 is over our canonical form, in whatever case and order") {
  Buffer key;
  REQUIRE(decode_base64("l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=", key));
  Verifier verifier(*PublicKey::make(DnssecAlgorithm::ED25519, key));
  Buffer signature = example_signature();
  Records records("Example.COM.");
  records.add("@ 3600 SOA . . 1 1 1 1 1\n@ 3600 MX 10 Mail.eXample.com.");
  signature[19] = 'E';
  Buffer data = signed_data(records, "@", RrType::MX, signature);
  CHECK(verifier.verify(data, RrsigView::parse(signature)->signature()));
  // The original TTL is signed, not the present one.
  records.find("@", RrType::MX).ttl = 17;
  CHECK(same_bytes(signed_data(records, "@", RrType::MX, signature), data));
  records.add("@ 17 MX 5 zzz.example.com.");
  CHECK_FALSE(verifier.verify(signed_data(records, "@", RrType::MX, signature),
                              RrsigView::parse(signature)->signature()));
}

TEST_CASE("a name that came from a wildcard is signed as the wildcard") {
  Records records("example.");
  records.add("@ 3600 SOA . . 1 1 1 1 1\n*.w 3600 MX 1 ai.example.\na.z.w 3600 MX 1 AI.example.");
  Buffer signature =
      *parse_rdata(RrType::RRSIG, "MX 5 2 3600 20040509183619 20040409183619 38519 example. AAAA");
  Buffer from_wildcard = signed_data(records, "*.w", RrType::MX, signature);
  CHECK(same_bytes(signed_data(records, "a.z.w", RrType::MX, signature), from_wildcard));
  signature[3] = 4;
  CHECK_FALSE(same_bytes(signed_data(records, "a.z.w", RrType::MX, signature), from_wildcard));
  Buffer out;
  signature[3] = 5;
  ZonePtr zone = records.build();
  CHECK_FALSE(
      append_signed_data(out, records.name("a.z.w"), RrClass::IN, zone->soa(), *RrsigView::parse(signature)));
  CHECK(out.empty());
}

TEST_CASE("records are in canonical order, with names in lower case where RFC 6840 has them so") {
  Records records("example.");
  records.add("@ 300 SOA . . 1 1 1 1 1\n@ 300 NS b.example.\n@ 300 NS A.example.\n@ 300 NSEC X.example. NS");
  Buffer out;
  ZonePtr zone = records.build();
  append_canonical_rrset(out, zone->origin(), RrClass::IN, 300, *zone->apex().find(RrType::NS));
  append_canonical_rrset(out, zone->origin(), RrClass::IN, 300, *zone->apex().find(RrType::NSEC));
  std::string head("\7example\0", 9);
  std::string ns = head + std::string("\0\2\0\1\0\0\1\x2c\0\xb", 10);
  CHECK(as_text(out) == ns + std::string("\1a\7example\0", 11) + ns + std::string("\1b\7example\0", 11) +
                            head + std::string("\0\x2f\0\1\0\0\1\x2c\0\xe", 10) +
                            std::string("\1X\7example\0\0\1\x20", 14));
}
