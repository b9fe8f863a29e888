#include "authority/zone_table.h"

#include "authority/testing.h"

using namespace zw;

namespace {

ServedZone absent(std::string_view origin) {
  return ServedZone(name_of(origin), ServedZone::Absence::not_ready);
}

std::string origin_for(const ZoneTable& table, std::string_view name) {
  const ServedZone* zone = table.find(name_of(name));
  return zone ? print(zone->origin()) : "none";
}

}  // namespace

TEST_CASE("the zone with the longest origin is the one that answers") {
  std::vector<ServedZone> zones;
  for (const char* origin : {"example.", "Sub.Example.", "a.b.sub.example.", "test."})
    zones.push_back(absent(origin));
  ZoneTable table(std::move(zones));
  CHECK(origin_for(table, "example.") == "example.");
  CHECK(origin_for(table, "www.example.") == "example.");
  CHECK(origin_for(table, "sub.example.") == "Sub.Example.");
  CHECK(origin_for(table, "x.y.z.SUB.EXAMPLE.") == "Sub.Example.");
  CHECK(origin_for(table, "b.sub.example.") == "Sub.Example.");
  CHECK(origin_for(table, "c.a.b.sub.example.") == "a.b.sub.example.");
  CHECK(origin_for(table, "notexample.") == "none");
  CHECK(origin_for(table, ".") == "none");
  CHECK(table.find_origin(name_of("TEST.")) != nullptr);
  CHECK(table.find_origin(name_of("x.test.")) == nullptr);
}

TEST_CASE("the root's zone answers for every name, and no zone for none") {
  CHECK(origin_for(ZoneTable(), "example.") == "none");
  CHECK(ZoneTable().find_origin(name_of(".")) == nullptr);
  ZoneTable root({absent(".")});
  CHECK(origin_for(root, ".") == ".");
  CHECK(origin_for(root, "a.b.c.d.") == ".");
}

TEST_CASE("thousands of zones are found by their hashes") {
  std::vector<ServedZone> zones;
  for (int i = 0; i < 3000; ++i) zones.push_back(absent("zone" + std::to_string(i) + ".example."));
  ZoneTable table(std::move(zones));
  for (int i = 0; i < 3000; ++i) {
    std::string origin = "zone" + std::to_string(i) + ".example.";
    CHECK(origin_for(table, "www." + origin) == origin);
  }
  CHECK(origin_for(table, "zone3000.example.") == "none");
}

TEST_CASE("a zone says at its apex how it denies") {
  constexpr std::string_view kSoa = "example. 300 SOA a. b. 1 2 3 4 60\nexample. 300 NS a.\n";
  auto served = [&](std::string_view more) {
    return ServedZone(zone_of(std::string(kSoa) + std::string(more)));
  };
  CHECK(served("").denial() == Denial::none);
  CHECK(served("").negative_ttl() == 60);
  CHECK(served("example. 300 NSEC example. SOA NS NSEC\n").denial() == Denial::nsec);
  constexpr std::string_view kNsec3 =
      "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. 60 NSEC3 1 0 12 aabbccdd 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom "
      "SOA\n";
  auto nsec3 = served(std::string(kNsec3) + "example. 0 NSEC3PARAM 1 0 12 aabbccdd\n");
  CHECK(nsec3.denial() == Denial::nsec3);
  CHECK(nsec3.nsec3_parameters().iterations == 12);
  CHECK(nsec3.nsec3_parameters().salt.size() == 4);
  CHECK(served(std::string(kNsec3) + "example. 0 NSEC3PARAM 1 1 12 aabbccdd\n").denial() == Denial::none);
  CHECK(served(std::string(kNsec3) + "example. 0 NSEC3PARAM 2 0 12 aabbccdd\n").denial() == Denial::none);
  CHECK(served("example. 0 NSEC3PARAM 1 0 12 aabbccdd\n").denial() == Denial::none);
}

TEST_CASE("a secondary's copy is good until it expires, a primary's zone for as long as its SOA says") {
  ZonePtr zone = zone_of("example. 60 SOA ns.example. host.example. 1 1800 900 604800 300\n");
  constexpr WallTime kNow{Seconds(1'785'888'000)};
  CHECK(ServedZone(zone).lifetime(kNow) == Seconds(604'800));
  CHECK(ServedZone(zone, kNow + Seconds(5)).lifetime(kNow) == Seconds(5));
  CHECK(ServedZone(zone, kNow - Seconds(5)).lifetime(kNow) == Seconds(0));
}
