#include "localroot/portal/config.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace zw::localroot::portal {
namespace {

using Catch::Matchers::ContainsSubstring;

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
  CHECK_THAT(faults("enabled = true\nlisten = [\"127.0.0.1@1\"]"), ContainsSubstring("origin") &&
                                                                       ContainsSubstring("sender"));
  CHECK_THAT(faults(std::string(kPages) + "share = \"4/3\""), ContainsSubstring("2/3"));
  CHECK_THAT(faults(std::string(kPages) + "share = \"0/3\""), ContainsSubstring("2/3"));
  CHECK_THAT(faults(std::string(kPages) + "tls = true"), ContainsSubstring("https://"));
  CHECK_THAT(faults("origin = \"https://portal.example/x\""), ContainsSubstring("without a path"));
  CHECK_THAT(faults("origin = \"https://a b\""), ContainsSubstring("without a path"));
  CHECK_THAT(faults(R"(
enabled = true
listen = ["192.0.2.1@80"]
origin = "http://portal.example"
mail.sender = "portal@example.net"
)"),
             ContainsSubstring("192.0.2.1@80") && ContainsSubstring("tls = true"));
  CHECK_THAT(faults(std::string(kPages) + "mail.user = \"me\""), ContainsSubstring("password-file"));
}

}  // namespace
}  // namespace zw::localroot::portal
