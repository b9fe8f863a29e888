#include "store/config.h"

#include <doctest/doctest.h>

using namespace zw;

namespace {

StoreConfig read(std::string_view text) {
  auto config = parse_config(text, store_settings());
  REQUIRE(config);
  return *config;
}

std::string complaint(std::string_view text) {
  auto config = parse_config(text, store_settings());
  REQUIRE_FALSE(config);
  return print_errors("f", config.error());
}

}  // namespace

TEST_CASE("a database is one line, and left out it is a file that the system chooses") {
  CHECK(read("").database.or_file("/state/portal.db") ==
        DatabaseAddress{Dialect::sqlite, "/state/portal.db"});
  auto sqlite = read("database = \"sqlite:/srv/a.db\"").database;
  CHECK(sqlite.or_file("/other") == DatabaseAddress{Dialect::sqlite, "/srv/a.db"});
  CHECK(sqlite.print() == "sqlite:/srv/a.db");
  std::string uri = "postgresql://portal@db.example:5433/portal?sslmode=verify-full&passfile=/etc/p";
  auto postgres = read("database = \"" + uri + "\"\nconnections = 3\npatience = \"2s\"");
  CHECK(postgres.database == DatabaseAddress{Dialect::postgres, uri});
  CHECK(postgres.connections == 3);
  CHECK(postgres.patience == std::chrono::seconds(2));
  CHECK(read(store_settings().print(postgres)).database == postgres.database);
  CHECK(read(store_settings().print(StoreConfig())).database == DatabaseAddress());
}

TEST_CASE("what is no database is complained of, and a password neither taken nor shown") {
  for (const char* text : {"mysql://x", "", "sqlite:", "/srv/a.db", "postgresql:host=x"})
    CHECK(complaint("database = \"" + std::string(text) + "\"").starts_with("f:1:"));
  for (const char* uri : {"postgresql://a:hunter2@h/d", "postgresql://h/d?password=hunter2",
                          "postgresql://h/d?sslpassword=hunter2",
                          "postgresql://a:hunter2@h:x:y/d?bad=hunter2", "postgresql://h/d?hunter2"}) {
    std::string said = complaint("database = \"" + std::string(uri) + "\"");
    CHECK(said.starts_with("f:1:"));
    CHECK(said.find("hunter2") == std::string::npos);
  }
}
