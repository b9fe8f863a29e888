#include "localroot/bench/notify.h"

#include <doctest/doctest.h>

#include <set>

namespace zw::localroot {
namespace {

CrowdPlan plan_of(std::size_t size) {
  CrowdPlan plan{*AddressRange::parse("127.77.0.0/16")};
  plan.size = size;
  return plan;
}

}  // namespace

TEST_CASE("a crowd has as many of each kind as was asked for, scattered, and the same ones again") {
  CrowdPlan plan = plan_of(1000);
  plan.dead = 0.1, plan.refusing = 0.05, plan.slow = 0.2;
  auto crowd = Crowd::make(plan), again = Crowd::make(plan);
  REQUIRE(crowd.has_value());
  CHECK(crowd->count(CrowdRole::dead) == 100);
  CHECK(crowd->count(CrowdRole::refuses) == 50);
  CHECK(crowd->count(CrowdRole::slow) == 200);
  CHECK(crowd->count(CrowdRole::answers) == 650);
  std::size_t dead = 0, dead_of_first_half = 0;
  for (std::size_t i = 0; i < crowd->size(); ++i) {
    CHECK(crowd->role(i) == again->role(i));
    bool is_dead = crowd->role(i) == CrowdRole::dead;
    dead += is_dead;
    dead_of_first_half += is_dead && i < 500;
    CHECK(crowd->at(i).port == (is_dead ? plan.dead_port : plan.port));
    CHECK(crowd->find(crowd->at(i)) == i);
  }
  CHECK(dead == 100);
  CHECK(dead_of_first_half > 25);
  CHECK(dead_of_first_half < 75);
}

TEST_CASE("a crowd finds nobody at other addresses and ports") {
  auto crowd = Crowd::make(plan_of(10));
  REQUIRE(crowd.has_value());
  Address last = crowd->at(9);
  CHECK(last.ip.print() == "127.77.0.10");
  CHECK_FALSE(crowd->find({*IpAddress::parse("127.77.0.11"), last.port}));
  CHECK_FALSE(crowd->find({*IpAddress::parse("127.77.0.0"), last.port}));
  CHECK_FALSE(crowd->find({*IpAddress::parse("127.76.0.1"), last.port}));
  CHECK_FALSE(crowd->find({*IpAddress::parse("::1"), last.port}));
  CHECK_FALSE(crowd->find({last.ip, 10054}));
}

TEST_CASE("a crowd that cannot be is refused") {
  auto kind_of = [](auto change) {
    CrowdPlan plan = plan_of(100);
    change(plan);
    auto crowd = Crowd::make(plan);
    return crowd ? std::optional<ErrorKind>() : crowd.error().kind;
  };
  CHECK_FALSE(kind_of([](CrowdPlan&) {}).has_value());
  CHECK(kind_of([](CrowdPlan& plan) { plan.size = 65'535; }) == ErrorKind::limit);
  CHECK(kind_of([](CrowdPlan& plan) { plan.size = 0; }) == ErrorKind::limit);
  CHECK(kind_of([](CrowdPlan& plan) { plan.dead = plan.slow = 0.6; }) == ErrorKind::limit);
  CHECK(kind_of([](CrowdPlan& plan) { plan.dead_port = plan.port; }) == ErrorKind::malformed);
}

TEST_CASE("targets are printed for each server, signed or not") {
  CrowdPlan plan = plan_of(2);
  plan.dead = 0.5;
  auto crowd = Crowd::make(plan);
  REQUIRE(crowd.has_value());
  std::string one = crowd->at(0).print(), two = crowd->at(1).print();
  auto printed = [&](CrowdFormat format, std::string_view key) { return print_targets(*crowd, format, key); };
  CHECK(printed(CrowdFormat::nsd, "k") ==
        "# of the zone:\n  notify: " + one + " k\n  notify: " + two + " k\n");
  CHECK(printed(CrowdFormat::nsd, "").find(one + " NOKEY\n") != std::string::npos);
  CHECK(printed(CrowdFormat::zonewright, "k").find("address = \"" + two + "\"\nkey = \"k\"\n") !=
        std::string::npos);
  CHECK(printed(CrowdFormat::bind, "k").find(" port 10054 key \"k\";\n") != std::string::npos);
  CHECK(printed(CrowdFormat::knot, "").find("    remote: [t0, t1]\n") != std::string::npos);
  CHECK(printed(CrowdFormat::powerdns, "").find(",127.77.0.2:100") != std::string::npos);
}

}  // namespace zw::localroot
