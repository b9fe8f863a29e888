#include "transfer/notifier_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace zw;

namespace {

// Few addresses, so that many share one.
Address some_address(Random& dice) {
  std::uint8_t octets[4] = {192, 0, 2, static_cast<std::uint8_t>(dice.below(40))};
  return {IpAddress::v4(octets), static_cast<std::uint16_t>(53 + dice.below(4))};
}

bool any(std::uint32_t) { return true; }

}  // namespace

TEST_CASE("nobody is found in an empty index") {
  Splitmix dice(1);
  NotifierIndex index(dice);
  CHECK(index.find(some_address(dice), any) == NotifierIndex::kNobody);
  index.each({}, [](std::uint32_t) { CHECK(false); });
}

TEST_CASE("whoever comes and goes, all are found by address, by address and port, and by what fits") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    Splitmix dice(seed);
    NotifierIndex index(dice);
    std::map<std::uint32_t, Address> all;
    if (dice.below(2)) index.reserve(dice.below(200));
    for (int event = 0; event < 1'000; ++event) {
      auto i = static_cast<std::uint32_t>(dice.below(120));
      if (all.contains(i)) {
        CHECK(index.address(i) == all[i]);
        index.remove(i);
        all.erase(i);
      } else if (dice.below(10) < (event / 200 % 2 ? 3u : 9u)) {  // it fills and empties by turns
        index.add(i, all[i] = some_address(dice));
      }
      const Address wanted = some_address(dice);
      std::vector<std::uint32_t> here, at_ip, found;
      for (const auto& [number, address] : all) {
        if (address == wanted) here.push_back(number);
        if (address.ip == wanted.ip) at_ip.push_back(number);
      }
      index.each(wanted.ip, [&](std::uint32_t one) { found.push_back(one); });
      std::sort(found.begin(), found.end());
      CHECK(found == at_ip);
      std::uint32_t one = index.find(wanted, any);
      CHECK((here.empty() ? one == NotifierIndex::kNobody : all[one] == wanted));
      for (std::uint32_t number : here)
        CHECK(index.find(wanted, [&](std::uint32_t other) { return other == number; }) == number);
      CHECK(index.find(wanted, [](std::uint32_t) { return false; }) == NotifierIndex::kNobody);
    }
  }
}
