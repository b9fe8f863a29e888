#include "dnssec/type_bitmap.h"

#include <doctest/doctest.h>

#include <set>

#include "base/random.h"

using namespace zw;

TEST_CASE("the bit map of RFC 4034 section 4.3 holds its types and no others") {
  // A MX RRSIG NSEC TYPE1234
  Buffer octets = {0x00, 0x06, 0x40, 0x01, 0x00, 0x00, 0x00, 0x03, 0x04, 0x1b, 0, 0, 0, 0, 0, 0, 0, 0,   0,
                   0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0x20};
  auto map = TypeBitmap::parse(octets);
  REQUIRE(map);
  CHECK(print(*map) == "A MX RRSIG NSEC TYPE1234");
  CHECK(map->contains(RrType::MX));
  CHECK_FALSE(map->contains(RrType::NS));
  CHECK_FALSE(map->contains(RrType::DNSKEY));
  CHECK(map->contains(RrType{1234}));
  CHECK_FALSE(map->contains(RrType{1235}));
  CHECK_FALSE(map->contains(RrType{1024}));
  RrType types[] = {RrType::A, RrType::MX, RrType::RRSIG, RrType::NSEC, RrType{1234}};
  Buffer again;
  append_type_bitmap(again, types);
  CHECK(same_bytes(again, octets));
  CHECK(same_types(*map, types));
  CHECK_FALSE(same_types(*map, std::span(types).first(4)));
}

TEST_CASE("what is written as a bit map is read back, in order") {
  Splitmix random(3);
  for (int round = 0; round < 500; ++round) {
    std::set<RrType> types;
    for (std::uint64_t i = 0, n = random.below(20); i < n; ++i)
      types.insert(static_cast<RrType>(random.below(random.below(2) ? 65536 : 300)));
    std::vector<RrType> list(types.begin(), types.end());
    Buffer octets;
    append_type_bitmap(octets, list);
    auto map = TypeBitmap::parse(octets);
    REQUIRE(map);
    CHECK(std::vector<RrType>(map->begin(), map->end()) == list);
    CHECK(same_types(*map, list));
    for (int i = 0; i < 50; ++i) {
      auto type = static_cast<RrType>(random.below(65536));
      CHECK(map->contains(type) == types.contains(type));
    }
  }
}

TEST_CASE("a map with empty, long, cut or disordered windows is none") {
  CHECK(TypeBitmap::parse({}));
  CHECK(TypeBitmap::parse({})->is_empty());
  for (const Buffer& bad : {Buffer{0}, Buffer{0, 0}, Buffer{0, 1}, Buffer{0, 1, 0}, Buffer{0, 2, 0x40},
                            Buffer{1, 1, 1, 0, 1, 1}, Buffer{0, 1, 1, 0, 1, 1}, Buffer(35, 33)})
    CHECK_FALSE(TypeBitmap::parse(bad));
}
