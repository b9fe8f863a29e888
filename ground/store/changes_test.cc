#include "store/changes.h"

#include <thread>

#include "store/testing.h"

using namespace zw;
using namespace std::chrono_literals;

namespace {

using Topics = std::vector<std::string>;

Result<void> announce(Database& database, std::initializer_list<std::string_view> topics) {
  return database.write([&](Transaction& tx) -> Result<void> {
    for (std::string_view topic : topics) ZW_CHECK(tx.announce(topic));
    return {};
  });
}

// All that is told until `wanted` is among it.
Topics wait_for(ChangeWatch& watch, std::string_view wanted) {
  Topics heard;
  for (int i = 0; i < 100; ++i) {
    auto changes = watch.wait(100ms);
    REQUIRE(changes);
    heard.insert(heard.end(), changes->topics.begin(), changes->topics.end());
    if (changes->has(wanted)) break;
  }
  return heard;
}

}  // namespace

STORE_TEST("a watch says everything first, and then what another process announced") {
  NEED(Backend);
  Store<Backend> store;
  REQUIRE(announce(*store.database, {"before"}));
  auto other = store.open();
  auto watch = store.database->watch();
  auto first = watch->wait(0ms);
  REQUIRE(first);
  CHECK(first->everything);
  CHECK(watch->wait(0ms)->any() == false);
  REQUIRE(announce(*other, {"servers", "keys", "servers"}));
  REQUIRE(announce(*other, {"mail"}));
  auto heard = wait_for(*watch, "mail");
  CHECK(std::ranges::count(heard, "servers") == 1);
  CHECK(std::ranges::count(heard, "keys") == 1);
  CHECK(watch->wait(0ms)->any() == false);
}

STORE_TEST("nothing is told before it is committed, nor what is rolled back") {
  NEED(Backend);
  Store<Backend> store;
  auto watch = store.database->watch();
  REQUIRE(watch->wait(0ms));
  {
    auto tx = store.database->begin(SqlAccess::write);
    REQUIRE(tx);
    REQUIRE(tx->announce("dropped"));
  }
  auto tx = store.database->begin(SqlAccess::write);
  REQUIRE(tx);
  REQUIRE(tx->announce("kept"));
  CHECK(watch->wait(120ms)->any() == false);
  REQUIRE(tx->commit());
  CHECK(wait_for(*watch, "kept") == Topics{"kept"});
}

STORE_TEST("who waits is woken") {
  NEED(Backend);
  Store<Backend> store;
  auto watch = store.database->watch();
  REQUIRE(watch->wait(0ms));
  auto began = std::chrono::steady_clock::now();
  std::jthread other([&] {
    std::this_thread::sleep_for(50ms);
    CHECK(announce(*store.database, {"news"}));
  });
  CHECK(watch->wait(10s)->has("news"));
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("a watch that lost its connection says everything when it is back") {
  NEED(OnPostgres);
  Store<OnPostgres> store;
  auto watch = store.database->watch();
  REQUIRE(watch->wait(0ms));
  OnPostgres::server()->stop();
  auto lost = watch->wait(1s);
  for (int i = 0; i < 5 && lost; ++i) lost = watch->wait(1s);  // the server says that it goes before it goes
  CHECK(kind_of(lost) == ErrorKind::io);
  CHECK(kind_of(watch->wait(0ms)) == ErrorKind::io);
  OnPostgres::server()->run();
  auto back = watch->wait(0ms);
  REQUIRE(back);
  CHECK(back->everything);
  REQUIRE(announce(*store.database, {"news"}));
  CHECK(wait_for(*watch, "news") == Topics{"news"});
}
