#include "store/migration.h"

#include <thread>

#include "store/room_schema.h"
#include "store/testing.h"
#include "store/testing_migrations.h"

using namespace zw;

namespace {

constexpr std::string_view kSteps = "SELECT count(*) FROM zw_migration";

std::vector<Migration> sample() { return {std::begin(kSampleMigrations), std::end(kSampleMigrations)}; }

}  // namespace

STORE_TEST("each step can be undone, of this room's own tables too") {
  NEED(Backend);
  Store<Backend> store;
  check_steps(*store.database, kSample);
  check_steps(*store.database, kRoomSchema);
}

STORE_TEST("a way back that leaves something is found") {
  NEED(Backend);
  Store<Backend> store;
  const Migration forgetful[] = {
      {.name = "x",
       .up = "CREATE TABLE x (a {int}) {strict}; CREATE TABLE y (b {int}) {strict};",
       .down = "DROP TABLE x;"}};
  const Schema schema{"forgetful", forgetful};
  auto before = describe_schema(*store.database);
  REQUIRE(migrate(*store.database, schema));
  REQUIRE(step_back(*store.database, schema, 0));
  CHECK(describe_schema(*store.database) != before);
}

STORE_TEST("steps are done once, also when many programs begin at once") {
  NEED(Backend);
  Store<Backend> store;
  std::int64_t steps = store.number(kSteps);
  CHECK(steps == std::int64_t(kRoomSchema.migrations.size() + kSample.migrations.size()));
  REQUIRE(step_back(*store.database, kSample, 0));
  REQUIRE(step_back(*store.database, kRoomSchema, 0));
  std::atomic<int> opened = 0;
  {
    std::vector<std::jthread> programs;
    for (int i = 0; i < 4; ++i)
      programs.emplace_back([&, i] {
        Splitmix random(static_cast<std::uint64_t>(i));
        auto database = Database::open({.database = store.backend.address()},
                                       {.clock = store.clock, .random = random}, {&kSample, 1});
        if (database) ++opened;
      });
  }
  CHECK(opened == 4);
  CHECK(store.number(kSteps) == steps);
}

STORE_TEST("a program that is older than the database does not open it") {
  NEED(Backend);
  Store<Backend> store;
  const Schema older{"sample", std::span(kSampleMigrations).first(1)};
  auto opened = store.try_open({&older, 1});
  REQUIRE(kind_of(opened) == ErrorKind::unsupported);
  CHECK(opened.error().what ==
        "the database is newer than this program: it has migration sample 2 'two of a kind', and we know 1");
}

STORE_TEST("a step whose text is not the one that was done keeps the database shut") {
  NEED(Backend);
  Store<Backend> store;
  auto other = sample();
  other[0].up = "CREATE TABLE owner (id {int} NOT NULL PRIMARY KEY) {strict}";
  const Schema changed{"sample", other};
  auto opened = store.try_open({&changed, 1});
  REQUIRE(kind_of(opened) == ErrorKind::unsupported);
  CHECK(opened.error().what.find("sample 1 'owners and things'") != std::string::npos);
  other = sample();
  other[0].down = "";  // the way back may be mended
  const Schema mended{"sample", other};
  CHECK(store.try_open({&mended, 1}));
}

STORE_TEST("a step that fails half-way has done nothing, and the ones before it stay") {
  NEED(Backend);
  Store<Backend> store;
  auto more = sample();
  more.push_back({.name = "good", .up = "CREATE TABLE good (a {int}) {strict};", .down = "DROP TABLE good;"});
  more.push_back({.name = "bad", .up = "CREATE TABLE bad (a {int}) {strict}; SELECT nonsense;", .down = ""});
  const Schema schema{"sample", more};
  auto opened = store.try_open({&schema, 1});
  REQUIRE(kind_of(opened) == ErrorKind::unsupported);
  CHECK(opened.error().what.starts_with("migration sample 4 'bad': "));
  CHECK(store.number("SELECT count(*) FROM good") == 0);
  CHECK(kind_of(store.run({"insert_bad", "INSERT INTO bad VALUES (1)"})) == ErrorKind::unsupported);
  more.pop_back();
  const Schema without{"sample", more};
  CHECK(store.try_open({&without, 1}));
}
