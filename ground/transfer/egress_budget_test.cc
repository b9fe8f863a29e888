#include "transfer/egress_budget.h"

#include <doctest/doctest.h>

using namespace zw;

namespace {

// Transfers that are let through in a time, if there is always one that waits.
std::uint64_t transfers(EgressBudget& budget, std::uint64_t octets, Milliseconds from, Milliseconds time) {
  std::uint64_t count = 0;
  for (Milliseconds now = from; now < from + time;
       now = std::max(now + Milliseconds(1), budget.opens_at(now)))
    for (; budget.is_open(now); ++count) budget.charge(octets);
  return count;
}

}  // namespace

TEST_CASE("without a limit a budget is always open") {
  EgressBudget budget;
  budget.charge(std::uint64_t{1} << 60);
  CHECK(budget.is_open(Milliseconds(0)));
  CHECK(budget.opens_at(Milliseconds(7)) == Milliseconds(7));
}

TEST_CASE("transfers come as fast as the line takes them, whatever their size") {
  for (std::uint64_t octets : {100u, 10'000u, 1'330'000u, 100'000'000u}) {
    CAPTURE(octets);
    EgressBudget budget(1'000'000'000);
    double sent =
        static_cast<double>(transfers(budget, octets, Milliseconds(50'000), Seconds(100)) * octets) * 8;
    CHECK(sent > 0.99 * 100e9);
    CHECK(sent < 1.01 * 100e9 + 8.0 * static_cast<double>(octets));
  }
}

TEST_CASE("what was not used for long makes no burst") {
  EgressBudget budget(1'000'000'000);
  CHECK(transfers(budget, 1'250'000, Milliseconds(0), Milliseconds(1)) == 10);  // 100 ms of 125 MB/s
  CHECK(transfers(budget, 1'250'000, Seconds(1'000'000'000), Milliseconds(1)) == 10);
}

TEST_CASE("one transfer that is larger than the bucket goes through, and its debt is paid off") {
  EgressBudget budget(1'000'000);
  CHECK(budget.is_open(Seconds(5)));
  budget.charge(1'250'000);  // ten seconds
  CHECK_FALSE(budget.is_open(Seconds(14)));
  CHECK(budget.opens_at(Seconds(14)) == Milliseconds(14'901));
  CHECK(budget.is_open(Milliseconds(14'901)));
}

TEST_CASE("what is refunded can be used again, but never piles up") {
  EgressBudget budget(1'000'000);
  CHECK(budget.is_open(Seconds(5)));
  budget.charge(125'000);
  CHECK_FALSE(budget.is_open(Seconds(5)));
  budget.refund(125'000);
  CHECK(budget.is_open(Seconds(5)));
  for (int i = 0; i < 100; ++i) budget.refund(125'000);
  budget.charge(12'500);
  CHECK_FALSE(budget.is_open(Seconds(5)));
}

TEST_CASE("the budget can be changed while it is in use") {
  EgressBudget budget(1'000'000'000);
  CHECK(budget.is_open(Seconds(1)));
  budget.set(8'000);
  CHECK(transfers(budget, 100, Seconds(1), Milliseconds(1)) == 1);
  budget.set(0);
  CHECK(budget.is_open(Seconds(1)));
}
