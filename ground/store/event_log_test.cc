#include "store/event_log.h"

#include <thread>

#include "store/testing.h"

using namespace zw;

namespace {

EventNote note(std::string_view actor, std::string_view subject, std::string_view detail = "") {
  return {.actor = actor, .origin = "192.0.2.1", .action = "thing.add", .subject = subject, .detail = detail};
}

Result<std::int64_t> add(Database& database, const EventNote& what) {
  return database.write([&](Transaction& tx) { return note_event(tx, what); });
}

Result<EventSummary> verify(Database& database, std::string_view wanted = {}) {
  return database.read([&](Transaction& tx) { return verify_events(tx, wanted); });
}

std::vector<std::int64_t> numbers(Database& database, const EventPage& page) {
  auto events = database.read([&](Transaction& tx) { return read_events(tx, page); });
  REQUIRE(events);
  std::vector<std::int64_t> out;
  for (const Event& event : *events) out.push_back(event.number);
  return out;
}

// Past the guards, as somebody with all rights could.
template <typename Backend>
Result<void> tamper(Store<Backend>& store, const std::string& sql) {
  auto tx = store.database->begin(SqlAccess::write);
  REQUIRE(tx);
  const char* open =
      tx->dialect() == Dialect::sqlite
          ? "DROP TRIGGER IF EXISTS zw_event_no_update; DROP TRIGGER IF EXISTS zw_event_no_delete;"
          : "ALTER TABLE zw_event DISABLE TRIGGER USER;";
  ZW_CHECK(tx->script("tamper", open + sql));
  return tx->commit();
}

}  // namespace

STORE_TEST("an empty log is well, and its head is the beginning of every chain") {
  NEED(Backend);
  Store<Backend> store;
  auto found = verify(*store.database);
  REQUIRE(found);
  CHECK(found->events == 0);
  CHECK(found->head == std::string(64, '0'));
}

STORE_TEST("events are numbered without gaps, chained, and found by subject and actor") {
  NEED(Backend);
  Store<Backend> store;
  CHECK(add(*store.database, note("ann", "thing/1", "{\"x\":\"ü\\n\"}")) == 1);
  store.clock.pass(Seconds(5));
  CHECK(add(*store.database, note("bob", "thing/1")) == 2);
  std::string noted = verify(*store.database)->head;
  CHECK(add(*store.database, note("ann", "thing/2")) == 3);
  auto all = verify(*store.database, noted);
  REQUIRE(all);
  CHECK(all->events == 3);
  CHECK(all->has_link);
  CHECK_FALSE(verify(*store.database, std::string(64, 'a'))->has_link);
  using Numbers = std::vector<std::int64_t>;
  CHECK(numbers(*store.database, {}) == Numbers{3, 2, 1});
  CHECK(numbers(*store.database, {.before = 3, .most = 1}) == Numbers{2});
  CHECK(numbers(*store.database, {.subject = "thing/1"}) == Numbers{2, 1});
  CHECK(numbers(*store.database, {.actor = "ann", .before = 3}) == Numbers{1});
  auto events = store.database->read([&](Transaction& tx) { return read_events(tx, {}); });
  CHECK(event_entry(events->at(1)) ==
        R"({"number":2,"at_us":1800000005000000,"actor":"bob","origin":"192.0.2.1","action":"thing.add",)"
        R"("subject":"thing/1","detail":""})");
}

STORE_TEST("lines of the log are those of a hash chain, which others can verify") {
  NEED(Backend);
  Store<Backend> store;
  for (int i = 0; i < 3; ++i) REQUIRE(add(*store.database, note("ann", "x")));
  HashChain chain;
  auto summary = store.database->read([&](Transaction& tx) {
    return verify_events(
        tx, {}, [&](std::string_view line) { CHECK(chain.follow(line.substr(0, line.size() - 1))); });
  });
  REQUIRE(summary);
  CHECK(chain.hex() == summary->head);
}

STORE_TEST("an event goes with its transaction") {
  NEED(Backend);
  Store<Backend> store;
  REQUIRE(add(*store.database, note("ann", "1")));
  auto outcome = store.database->write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(note_event(tx, note("ann", "2")));
    return fail(ErrorKind::refused, "after all not");
  });
  CHECK_FALSE(outcome);
  CHECK(add(*store.database, note("ann", "3")) == 2);
  CHECK(verify(*store.database)->events == 2);
}

STORE_TEST("the database itself refuses to change or drop an event") {
  NEED(Backend);
  Store<Backend> store;
  REQUIRE(add(*store.database, note("ann", "1")));
  CHECK(kind_of(store.run({"up", "UPDATE zw_event SET actor = 'eve'"})) == ErrorKind::refused);
  CHECK(kind_of(store.run({"del", "DELETE FROM zw_event"})) == ErrorKind::refused);
  if (store.database->dialect() == Dialect::postgres)
    CHECK(kind_of(store.run({"trunc", "SELECT 1", "TRUNCATE zw_event"})) == ErrorKind::refused);
  CHECK(verify(*store.database)->events == 1);
}

STORE_TEST("whoever gets past the guards is found, and the first row that was touched is named") {
  NEED(Backend);
  struct Crime {
    const char *sql, *found;
  };
  for (const Crime& crime : std::initializer_list<Crime>{
           {"UPDATE zw_event SET actor = 'eve' WHERE number = 3", "event 3: the link does not fit"},
           {"UPDATE zw_event SET at = at + 1 WHERE number = 4", "event 4: the link does not fit"},
           {"UPDATE zw_event SET detail = detail || ' ' WHERE number = 2", "event 2: the link does not fit"},
           {"DELETE FROM zw_event WHERE number = 3", "event 4: expected number 3"},
           {"DELETE FROM zw_event WHERE number = 1", "event 2: expected number 1"},
           {"DELETE FROM zw_event WHERE number = 5", "event 4: expected the last to be 5"},
           {"UPDATE zw_event_head SET number = 4", "event 5: expected the last to be 4"}}) {
    CAPTURE(crime.sql);
    Store<Backend> store;
    for (int i = 0; i < 5; ++i) REQUIRE(add(*store.database, note("ann", "x")));
    REQUIRE(verify(*store.database));
    REQUIRE(tamper(store, crime.sql));
    auto found = verify(*store.database);
    REQUIRE(kind_of(found) == ErrorKind::malformed);
    CHECK(found.error().what.starts_with(crime.found));
  }
}

STORE_TEST("those who note at once make one chain, and nobody is turned away") {
  NEED(Backend);
  Store<Backend> store;
  auto other = store.open();
  constexpr int kThreads = 4, kTimes = 20;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&, i] {
        Database& database = i % 2 == 0 ? *store.database : *other;
        for (int k = 0; k < kTimes; ++k)
          if (!add(database, note("thread", std::to_string(i)))) ++failures;
      });
  }
  CHECK(failures == 0);
  auto found = verify(*store.database);
  REQUIRE(found);
  CHECK(found->events == kThreads * kTimes);
}

TEST_CASE("on PostgreSQL who lost a race to note an event wins the next one") {
  NEED(OnPostgres);
  Store<OnPostgres> store;
  std::vector<std::jthread> others;
  std::atomic<int> attempts = 0, noted = 0;
  auto other = [&] {
    if (add(*store.database, note("other", "x"))) ++noted;
  };
  auto outcome = store.database->write([&](Transaction& tx) -> Result<std::int64_t> {
    ZW_CHECK(read_events(tx, {}));  // from here on it sees what was, and the other one comes before it
    int before = noted;
    ++attempts;
    others.emplace_back(other);
    for (int i = 0; i < 20 && noted == before; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return note_event(tx, note("ann", "x"));
  });
  CHECK(outcome == 2);
  CHECK(attempts == 2);
  others.clear();
  CHECK(noted == 2);
  CHECK(verify(*store.database)->events == 3);
}

STORE_TEST("who follows the log gets each event once, in order") {
  NEED(Backend);
  Store<Backend> store;
  for (int i = 0; i < 4; ++i) REQUIRE(add(*store.database, note("ann", std::to_string(i))));
  std::string seen;
  auto outcome = store.database->read([&](Transaction& tx) {
    return follow_events(tx, 1, [&](const Event& event) {
      seen += event.subject;
      return event.number < 3;
    });
  });
  CHECK(outcome);
  CHECK(seen == "12");
}

STORE_TEST("a text that is too long is no event") {
  NEED(Backend);
  Store<Backend> store;
  CHECK(kind_of(add(*store.database, note(std::string(1025, 'x'), "x"))) == ErrorKind::limit);
  CHECK(kind_of(add(*store.database, note("x", "x", std::string(65537, 'x')))) == ErrorKind::limit);
}
