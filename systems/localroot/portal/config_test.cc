#include "localroot/portal/config.h"

#include <doctest/doctest.h>

namespace zw::localroot::portal {
namespace {

bool says(std::string_view text, std::string_view what) { return text.find(what) != text.npos; }

std::string faults(std::string_view text) {
  auto parsed = parse_config(text, portal_settings());
  return parsed ? "" : print_errors("f", parsed.error());
}

constexpr std::string_view kPages = R"(
enabled = true
listen = ["127.0.0.1@8080"]
origin = "http://localhost:8080"
mail.sender = "portal@example.net"
)";

TEST_CASE("a portal with pages, and an engine that shares its database") {
  auto pages = parse_config(kPages, portal_settings());
  REQUIRE(pages);
  CHECK(pages->listen.front().print() == "127.0.0.1@8080");
  CHECK(pages->share.of == 1);
  auto engine = parse_config(R"(
enabled = true
share = "2/3"
offer = [".", "example."]
store.database = "postgresql://portal@db.example/portal"
)",
                             portal_settings());
  REQUIRE(engine);
  CHECK(engine->share.number == 1);
  CHECK(engine->share.of == 3);
  CHECK(engine->offer.size() == 2);
}

TEST_CASE("what is printed of a portal's settings is read as the same") {
  auto settings = portal_settings();
  auto pages = parse_config(kPages, settings);
  REQUIRE(pages);
  std::string printed = settings.print(*pages);
  auto again = parse_config(printed, settings);
  REQUIRE(again);
  CHECK(settings.print(*again) == printed);
}

TEST_CASE("faults of a portal's settings say what to do") {
  std::string bare = faults("enabled = true\nlisten = [\"127.0.0.1@1\"]");
  CHECK(says(bare, "origin"));
  CHECK(says(bare, "sender"));
  std::string pages(kPages);
  CHECK(says(faults("share = \"4/3\"" + pages), "2/3"));
  CHECK(says(faults("share = \"0/3\"" + pages), "2/3"));
  CHECK(says(faults("tls = true" + pages), "https://"));
  CHECK(says(faults("origin = \"https://portal.example/x\""), "without a path"));
  CHECK(says(faults("origin = \"https://a b\""), "without a path"));
  CHECK(says(faults("mail.user = \"me\"" + pages), "password-file"));
  std::string open = faults(
      "enabled = true\nlisten = [\"192.0.2.1@80\"]\norigin = \"http://portal.example\"\n"
      "mail.sender = \"portal@example.net\"");
  CHECK(says(open, "192.0.2.1@80"));
  CHECK(says(open, "tls = true"));
}

}  // namespace
}  // namespace zw::localroot::portal
