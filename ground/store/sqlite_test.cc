// What only SQLite has: a file.
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "os/files.h"
#include "store/sqlite_connection.h"
#include "store/testing.h"

using namespace zw;

namespace {

constexpr Statement kAddName{"add_name", "INSERT INTO thing (name, flag) VALUES (?1, TRUE)"};
constexpr std::string_view kCount = "SELECT count(*) FROM thing";

struct FileStore : Store<OnSqlite> {
  std::string path = backend.address().where;
  void add(int count) {
    REQUIRE(database->write([&](Transaction& tx) {
      return tx.run_many(kAddName, static_cast<std::size_t>(count),
                         [text = std::string()](std::size_t i, auto& values) mutable {
                           text = "name " + std::to_string(i);
                           values.emplace_back(text);
                         });
    }));
  }
  // Opens a copy as if it were the database.
  Result<std::unique_ptr<Database>> open_copy(const std::string& copy) {
    return Database::open({.database = {Dialect::sqlite, copy}}, {.clock = clock, .random = random},
                          {&kSample, 1});
  }
};

}  // namespace

TEST_CASE("the file is its owner's alone, and commits wait for the disk") {
  FileStore store;
  struct stat facts{};
  REQUIRE(stat(store.path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  REQUIRE(stat((store.path + "-wal").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  auto pragmas = store.database->write([&](Transaction& tx) -> Result<std::string> {
    std::string out;
    for (const Statement& ask :
         {Statement{"p1", "SELECT journal_mode FROM pragma_journal_mode"},
          Statement{"p2", "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous"},
          Statement{"p3", "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys"}})
      ZW_CHECK(tx.each(ask, {}, [&](const Row& row) { out += row.get<std::string>(0) + " "; }));
    return out;
  });
  CHECK(pragmas == "wal 2 1 ");
}

TEST_CASE("what is no database of ours is not touched") {
  FileStore store;
  std::string text = store.backend.folder / "text", other = store.backend.folder / "other";
  std::ofstream(text) << std::string(4096, 'x');
  CHECK(kind_of(connect_sqlite(text, true, std::chrono::seconds(1))) == ErrorKind::malformed);
  {
    auto made = connect_sqlite(other, true, std::chrono::seconds(1));
    REQUIRE(made);
    REQUIRE((*made)->script("other", "PRAGMA application_id = 7; CREATE TABLE x (a)"));
  }
  auto refused = connect_sqlite(other, true, std::chrono::seconds(1));
  REQUIRE(kind_of(refused) == ErrorKind::refused);
  CHECK(refused.error().what == other + ": a database of another program");
  CHECK(kind_of(connect_sqlite(store.backend.folder / "no/such", true, std::chrono::seconds(1))) ==
        ErrorKind::not_found);
  CHECK(kind_of(connect_sqlite(store.backend.folder.path(), true, std::chrono::seconds(1))) == ErrorKind::io);
}

TEST_CASE("a copy is made while others write, and is whole") {
  FileStore store;
  store.add(1000);
  std::string copy = store.backend.folder / "copy.db";
  std::ofstream(copy + ".new") << "remains of one that was killed";
  REQUIRE(store.database->copy_to(copy));
  CHECK(store.run(kAddName, {"later"}) == 1);
  CHECK(kind_of(file_size(copy + ".new")) == ErrorKind::not_found);
  auto opened = store.open_copy(copy);
  REQUIRE(opened);
  CHECK((*opened)->check() == std::vector<std::string>{});
  store.database = std::move(*opened);
  CHECK(store.number(kCount) == 1000);
  CHECK(kind_of(store.database->copy_to(store.backend.folder / "no/such")) == ErrorKind::not_found);
}

TEST_CASE("a copy of what is damaged is not made, and the damage is found") {
  FileStore store;
  store.add(3000);
  store.database.reset();
  auto octets = read_file(store.path, 1 << 24);
  REQUIRE(octets);
  // Somewhere in the names, which stand in the table and in its index.
  auto at = std::search(octets->begin(), octets->end(), std::begin("name 2500"), std::end("name 2500") - 1);
  REQUIRE(at != octets->end());
  *at = 'X';
  std::ofstream(store.path, std::ios::binary)
      .write(reinterpret_cast<const char*>(octets->data()), static_cast<std::streamsize>(octets->size()));
  store.database = store.open();
  auto found = store.database->check();
  REQUIRE(found);
  CHECK_FALSE(found->empty());

  for (std::size_t i = octets->size() / 2; i < octets->size(); ++i) (*octets)[i] = 0xee;
  store.database.reset();
  std::ofstream(store.path, std::ios::binary)
      .write(reinterpret_cast<const char*>(octets->data()), static_cast<std::streamsize>(octets->size()));
  auto opened = store.try_open({&kSample, 1});
  std::string copy = store.backend.folder / "copy.db";
  CHECK(kind_of(copy_sqlite(store.path, copy)) == ErrorKind::malformed);
  CHECK(kind_of(file_size(copy)) == ErrorKind::not_found);
}

TEST_CASE("a full disk is told, and nothing of the change is there") {
  FileStore store;
  store.add(10);
  auto outcome = store.database->write([&](Transaction& tx) -> Result<std::int64_t> {
    ZW_CHECK(tx.script("small", "PRAGMA max_page_count = 60"));
    return tx.run_many(kAddName, 10'000, [text = std::string()](std::size_t i, auto& values) mutable {
      text = "more " + std::to_string(i);
      values.emplace_back(text);
    });
  });
  CHECK(kind_of(outcome) == ErrorKind::limit);
  CHECK(store.number(kCount) == 10);
  CHECK(store.run(kAddName, {"a little"}) == 1);
}

TEST_CASE("a writer waits for one of another process, and in the end says that it did") {
  FileStore store;
  store.patience = std::chrono::milliseconds(60);
  auto other = store.open();
  store.database = store.open();
  auto holds = other->begin(SqlAccess::write);
  REQUIRE(holds);
  CHECK(kind_of(store.run(kAddName, {"late"})) == ErrorKind::timeout);
  CHECK(store.number(kCount) == 0);
  REQUIRE(holds->commit());
  CHECK(store.run(kAddName, {"late"}) == 1);
}
