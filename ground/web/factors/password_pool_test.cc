#include "web/factors/password_pool.h"

#include <doctest/doctest.h>

#include <future>
#include <latch>
#include <string>

using namespace zw;

namespace {

constexpr PasswordCost kQuick{1, 64 << 10};
using Submitted = PasswordPool::Submitted;

std::unique_ptr<PasswordPool> pool_with(PasswordPoolLimits limits, PasswordCost cost = kQuick) {
  auto pool = PasswordPool::make(cost, limits);
  REQUIRE(pool);
  return std::move(*pool);
}

Password typed(const char* text) { return Password::typed(text).value(); }

Result<PasswordVerdict> answer(PasswordPool& pool, const char* text, std::optional<std::string> hash) {
  std::promise<Result<PasswordVerdict>> promise;
  REQUIRE(pool.check("here", typed(text), std::move(hash),
                     [&](auto verdict) { promise.set_value(std::move(verdict)); }) == Submitted::yes);
  return promise.get_future().get();
}

/// Holds the only thread of a pool until it is told to go on.
struct Held {
  explicit Held(PasswordPool& pool) {
    REQUIRE(pool.hash("holder", typed("x"), [this](auto) {
      began.count_down();
      go_on.wait();
    }) == Submitted::yes);
    began.wait();
  }
  std::latch began{1}, go_on{1};
};

}  // namespace

TEST_CASE("a pool checks passwords and tells of nothing to keep while the cost stays") {
  auto pool = pool_with({});
  std::string hash = hash_password(as_bytes("right"), kQuick).value();
  auto right = answer(*pool, "right", hash), wrong = answer(*pool, "wrong", hash);
  REQUIRE((right && wrong));
  CHECK(right->matches);
  CHECK_FALSE(right->rehashed);
  CHECK_FALSE(wrong->matches);
}

TEST_CASE("what does not match takes the same work, whatever the kept hash cost") {
  auto work = [](PasswordPool& pool, const char* text, std::optional<std::string> hash) {
    std::uint64_t before = pool.checked_work();
    REQUIRE(answer(pool, text, std::move(hash)));
    return pool.checked_work() - before;
  };
  auto hash_of = [](PasswordCost cost) { return hash_password(as_bytes("right"), cost).value(); };
  auto pool = pool_with({}, {3, 256 << 10});
  CHECK(work(*pool, "wrong", std::nullopt) == 3 * 256);
  for (PasswordCost older : {PasswordCost{1, 64 << 10}, PasswordCost{2, 200 << 10},
                             PasswordCost{3, 256 << 10}, PasswordCost{1, 8 << 10}})
    CHECK(work(*pool, "wrong", hash_of(older)) == 3 * 256);
  // After the cost was lowered, once a hash of the old one was seen.
  auto lowered = pool_with({}, {1, 64 << 10});
  std::string dear = hash_of({2, 100 << 10});
  CHECK(work(*lowered, "wrong", dear) == 200);
  CHECK(work(*lowered, "wrong", std::nullopt) == 200);
  CHECK(work(*lowered, "wrong", hash_of({1, 64 << 10})) == 200);
}

TEST_CASE("who signs in after the cost was raised gets a new hash, and who fails does not") {
  PasswordCost raised{2, 128 << 10};
  auto pool = pool_with({}, raised);
  std::string old = hash_password(as_bytes("right"), kQuick).value();
  auto right = answer(*pool, "right", old), wrong = answer(*pool, "wrong", old);
  REQUIRE((right && right->rehashed && wrong));
  CHECK(cost_of(*right->rehashed).value() == raised);
  CHECK(matches_password(*right->rehashed, as_bytes("right")) == true);
  CHECK_FALSE(wrong->rehashed);
}

TEST_CASE("an account that is not there takes a hash of the pool's cost and matches nothing") {
  auto pool = pool_with({});
  auto verdict = answer(*pool, "anything", std::nullopt);
  REQUIRE(verdict);
  CHECK_FALSE(verdict->matches);
}

TEST_CASE("a kept hash that is broken is an error, not a wrong password") {
  auto pool = pool_with({});
  auto verdict = answer(*pool, "anything", "broken");
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().kind == ErrorKind::malformed);
}

TEST_CASE("a full queue refuses at once, and calls nothing") {
  auto pool = pool_with({.threads = 1, .waiting = 3, .waiting_of_key = 2});
  std::atomic<int> called = 0;
  {
    Held held(*pool);
    auto submit = [&](const char* key) { return pool->hash(key, typed("x"), [&](auto) { ++called; }); };
    CHECK(submit("a") == Submitted::yes);
    CHECK(submit("a") == Submitted::yes);
    CHECK(submit("a") == Submitted::busy);  // its own room is full
    CHECK(submit("b") == Submitted::yes);
    CHECK(submit("c") == Submitted::busy);  // that of all is
    CHECK(pool->waiting() == 3);
    held.go_on.count_down();
    while (called < 3) std::this_thread::yield();
  }
  pool.reset();
  CHECK(called == 3);
}

TEST_CASE("keys take turns: who floods is behind who asks once") {
  auto pool = pool_with({.threads = 1, .waiting = 8, .waiting_of_key = 4});
  std::string order;
  std::latch all(5);
  Held held(*pool);
  auto submit = [&](const char* key) {
    REQUIRE(pool->hash(key, typed("x"), [&order, &all, key](auto) {
      order += key;
      all.count_down();
    }) == Submitted::yes);
  };
  for (int i = 0; i < 4; ++i) submit("f");
  submit("o");
  held.go_on.count_down();
  all.wait();
  CHECK(order == "fofff");
}

TEST_CASE("a pool that ends tells those who wait") {
  auto pool = pool_with({.threads = 1});
  std::optional<ErrorKind> told;
  {
    auto held = std::make_unique<Held>(*pool);
    REQUIRE(pool->hash("late", typed("x"), [&](auto made) {
      if (!made) told = made.error().kind;
    }) == Submitted::yes);
    std::thread ending([&] { pool.reset(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // so that it stops before the thread is free
    held->go_on.count_down();
    ending.join();
  }
  CHECK(told == ErrorKind::conflict);
}
