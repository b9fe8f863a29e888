#include "dnssec/records.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/random.h"
#include "dns/rdata.h"
#include "dnssec/ds.h"
#include "dnssec/nsec3_hash.h"

using namespace zw;

namespace {

Name name(std::string_view text) { return *Name::parse(text); }

Buffer from_hex(std::string_view text) {
  Buffer out;
  REQUIRE(decode_base16(text, out));
  return out;
}

// RFC 4034 §5.4.
Buffer rfc4034_key() {
  Buffer rdata = {1, 0, 3, 5};
  REQUIRE(decode_base64(
      "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMm"
      "mAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==",
      rdata));
  return rdata;
}

}  // namespace

TEST_CASE("the DS records of RFC 4034 section 5.4 and RFC 4509 section 2.3 are made from their key") {
  Buffer rdata = rfc4034_key();
  auto key = DnskeyView::parse(rdata);
  REQUIRE(key);
  CHECK(key->key_tag() == 60485);
  CHECK(key->is_zone_key());
  CHECK_FALSE(key->is_sep());
  CHECK_FALSE(key->is_revoked());
  Name owner = name("DSkey.example.com.");
  CHECK(same_bytes(*make_ds(owner, *key, DigestType::SHA1),
                   from_hex("EC45"
                            "05"
                            "01"
                            "2BB183AF5F22588179A53B0A98631FAD1A292118")));
  auto ds = make_ds(owner, *key, DigestType::SHA256);
  CHECK(same_bytes(DsView::parse(*ds)->digest(),
                   from_hex("D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A")));
  CHECK(make_ds(owner, *key, DigestType::SHA384)->size() == 4 + 48);
  CHECK(make_ds(owner, *key, DigestType::GOST).error().kind == ErrorKind::unsupported);
  CHECK(make_ds(owner, *key, DigestType{0}).error().kind == ErrorKind::unsupported);
}

TEST_CASE("the names of RFC 5155 appendix A hash to the owners of its zone") {
  Buffer salt = from_hex("AABBCCDD");
  Nsec3Parameters parameters{kNsec3Sha1, 12, salt};
  struct {
    const char* owner;
    const char* hash;
  } examples[] = {{"example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"},
                  {"a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
                  {"AI.example.", "gjeqe526plbf1g8mklp59enfd789njgi"},
                  {"ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
                  {"*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
                  {"x.y.w.Example.", "2vptu5timamqttgl4luu9kg21e0aor3s"}};
  for (auto [owner, hash] : examples) {
    Nsec3Hash value = nsec3_hash(name(owner), parameters);
    CHECK(base32hex(value) == hash);
    CHECK(print(nsec3_label(value)) == std::string(hash) + ".");
    CHECK(parse_nsec3_label(nsec3_label(value)) == value);
  }
  CHECK(parse_nsec3_label(name("0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM.")));
  CHECK_FALSE(parse_nsec3_label(name("0p9mhaveqvm6t7vbl5lop2u3t2rp3tow.")));
  CHECK_FALSE(parse_nsec3_label(name("0p9mhaveqvm6t7vbl5lop2u3t2rp3to.")));
  CHECK_FALSE(parse_nsec3_label(name("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.")));
  CHECK_FALSE(parse_nsec3_label(NameView()));
}

TEST_CASE("an RRSIG is read field by field") {
  Buffer rdata = from_hex(
      "0001"
      "0D"
      "03"
      "00000E10"
      "70DBD880"
      "386D4380"
      "2349");
  append(rdata, name("Example.NET.").wire());
  append(rdata, as_bytes("signature"));
  auto view = RrsigView::parse(rdata);
  REQUIRE(view);
  CHECK(view->covered() == RrType::A);
  CHECK(view->algorithm() == DnssecAlgorithm::ECDSAP256SHA256);
  CHECK(view->labels() == 3);
  CHECK(view->original_ttl() == 3600);
  CHECK(view->expiration() == 0x70DBD880);
  CHECK(view->inception() == 0x386D4380);
  CHECK(view->key_tag() == 9033);
  CHECK(print(view->signer()) == "Example.NET.");
  CHECK(as_text(view->signature()) == "signature");
}

TEST_CASE("views of the denial records are read field by field") {
  Buffer nsec = from_hex(
      "0161"
      "00"
      "0001"
      "40");
  REQUIRE(NsecView::parse(nsec));
  CHECK(print(NsecView::parse(nsec)->next()) == "a.");
  CHECK(print(NsecView::parse(nsec)->types()) == "A");
  Buffer nsec3 = from_hex(
      "01"
      "01"
      "000A"
      "02"
      "BEEF"
      "03"
      "010203"
      "0001"
      "40");
  auto view = Nsec3View::parse(nsec3);
  REQUIRE(view);
  CHECK(view->is_opt_out());
  CHECK(view->parameters().iterations == 10);
  CHECK(same_bytes(view->parameters().salt, Buffer{0xbe, 0xef}));
  CHECK(same_bytes(view->next(), Buffer{1, 2, 3}));
  CHECK(print(view->types()) == "A");
  Buffer param = from_hex(
      "01"
      "00"
      "000A"
      "02"
      "BEEF");
  REQUIRE(Nsec3ParamView::parse(param));
  CHECK(Nsec3ParamView::parse(param)->parameters() == view->parameters());
  Buffer other = from_hex(
      "01"
      "00"
      "000A"
      "02"
      "BEEE");
  CHECK(Nsec3ParamView::parse(other)->parameters() != view->parameters());
}

TEST_CASE("a view is absent for just the octets that are no RDATA of its type") {
  // Most random octets are no record, so cut and altered records are tried as well.
  Splitmix random(5);
  Buffer whole = from_hex(
      "00010D03"
      "00000E10"
      "70DBD880"
      "386D4380"
      "2349"
      "0161"
      "00"
      "0001"
      "40");
  for (int round = 0; round < 20000; ++round) {
    Buffer octets = whole;
    octets.erase(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(random.below(octets.size())));
    octets.resize(random.below(octets.size() + 3));
    for (std::uint64_t i = 0, n = random.below(4); i < n && !octets.empty(); ++i)
      octets[random.below(octets.size())] = static_cast<std::uint8_t>(random.below(40));
    CHECK(NsecView::parse(octets).has_value() == check_rdata(RrType::NSEC, octets));
    CHECK(RrsigView::parse(octets).has_value() == check_rdata(RrType::RRSIG, octets));
    CHECK(Nsec3View::parse(octets).has_value() == check_rdata(RrType::NSEC3, octets));
    CHECK(Nsec3ParamView::parse(octets).has_value() == check_rdata(RrType::NSEC3PARAM, octets));
    CHECK(DnskeyView::parse(octets).has_value() == check_rdata(RrType::DNSKEY, octets));
    CHECK(DsView::parse(octets).has_value() == check_rdata(RrType::DS, octets));
    CHECK(ZonemdView::parse(octets).has_value() == check_rdata(RrType::ZONEMD, octets));
  }
}
