// The API against its description, and what a test without a network can tell of it.
#include "localroot/portal/api/api.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "localroot/portal/api/bodies.h"
#include "localroot/portal/api/budget.h"
#include "localroot/portal/api/call.h"

namespace zw::localroot::portal {
namespace {

using namespace std::chrono_literals;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// `get /keys keys:read body` of each.
std::set<std::string> described() {
  auto document = parse_json(portal_api_description());
  INFO((document ? "" : document.error().what));
  REQUIRE(document);
  std::set<std::string> out;
  for (const auto& [path, methods] : document->find("paths")->members()) {
    REQUIRE(path.starts_with(kApiPrefix));
    for (const auto& [method, operation] : methods.members()) {
      if (method == "parameters") continue;
      std::string scope;
      if (const Json* security = operation.find("security"))
        scope = security->items()[0].find("token")->items()[0].text().value();
      out.insert(fmt::format("{} {} {}{}", method, path.substr(kApiPrefix.size()), scope,
                             operation.find("requestBody") ? " body" : ""));
    }
  }
  return out;
}

WebRequest body(std::string text) {
  WebRequest out;
  out.body = std::move(text);
  out.content_type = "application/json";
  return out;
}

std::string complaint(const auto& tried) {
  return tried ? "" : tried.error().pointer + " " + tried.error().detail;
}
std::string server_complaint(std::string text) {
  return complaint(read_server_body(body(std::move(text)), {}));
}

}  // namespace

TEST_CASE("every route is described, and every description has its route") {
  std::set<std::string> routes;
  for (const ApiRoute& route : api_routes())
    routes.insert(fmt::format("{} {} {}{}", lower(print(route.method)), route.path, route.scope,
                              route.most_body > 0 ? " body" : ""));
  CHECK(routes.size() == api_routes().size());
  CHECK(routes == described());
}

TEST_CASE("every scope of a route is offered, and only what administrators do is theirs alone") {
  std::set<std::string> offered, needed{std::string(kSecretScope)};
  for (const TokenScope& scope : portal_scopes()) {
    offered.insert(scope.name);
    CHECK(scope.for_admins == (scope.name == "admin"));
    CHECK(Scopes::parse(scope.name));
  }
  for (const ApiRoute& route : api_routes()) {
    if (!route.scope.empty()) needed.emplace(route.scope);
    CHECK(route.path.starts_with("/admin") == (route.scope == "admin"));
  }
  CHECK(offered == needed);
}

TEST_CASE("the body of a server is read, and each complaint names its member") {
  auto read =
      read_server_body(body(R"({"label": "ns1", "addresses": ["192.0.2.53", "2001:db8::53"], "key": null,)"
                            R"( "zones": [{"zone": "."}, {"zone": "arpa", "policy": "security"}]})"),
                       {});
  REQUIRE(read);
  CHECK(read->draft.addresses.size() == 2);
  CHECK(read->zones[0].name.view().is_root());
  CHECK(read->zones[1].policy == NotifyPolicy::security);
  CHECK(server_complaint("[]") == "# expected an object");
  CHECK(server_complaint(R"({"lable": "x"})") ==
        "#/lable there is no member \"lable\" here: expected label, addresses, key, zones");
  CHECK(server_complaint("{}") == "#/label this has to be there");
  CHECK(server_complaint(R"({"label": ""})") == "#/label label: expected 1 to 64 characters");
  CHECK(server_complaint(R"({"label": "x", "key": 0})").starts_with("#/key "));
  CHECK(server_complaint(R"({"label": "x"})").starts_with("#/addresses give at least one"));
  CHECK(server_complaint(R"({"label": "x", "addresses": ["192.0.2.1", 7]})")
            .starts_with("#/addresses/1 expected an IP"));
  CHECK(server_complaint(R"({"label": "x", "addresses": ["127.0.0.1"]})")
            .starts_with("#/addresses/0 address 127.0.0.1"));
  CHECK(server_complaint(R"({"label": "x", "addresses": ["192.0.2.1@99"]})")
            .starts_with("#/addresses/0 address"));
  std::string good = R"({"label": "x", "addresses": ["192.0.2.1"], "zones": )";
  CHECK(server_complaint(good + "[]}") == "#/zones name at least one zone");
  CHECK(server_complaint(good + "[1]}") == "#/zones/0 expected an object");
  CHECK(server_complaint(good + R"([{"zone": "a..b"}]})").starts_with("#/zones/0/zone "));
  CHECK(server_complaint(good + R"([{"zone": "."}, {"zone": "."}]})") ==
        "#/zones/1/zone this zone is named twice");
  CHECK(server_complaint(good + R"([{"zone": ".", "policy": "never"}]})").starts_with("#/zones/0/policy "));
}

TEST_CASE("bodies of keys and zones are read with their bounds") {
  CHECK(read_new_key(body(R"({"label": "x"})"))->algorithm == TsigAlgorithm::hmac_sha256);
  CHECK(complaint(read_new_key(body(R"({"label": "x", "algorithm": "hmac-md5"})")))
            .starts_with("#/algorithm "));
  CHECK(read_rotation(body("{}"))->overlap == std::nullopt);
  CHECK(read_rotation(body(R"({"overlap_seconds": 0})"))->overlap == 0s);
  CHECK(complaint(read_rotation(body(R"({"overlap_seconds": -1})"))).starts_with("#/overlap_seconds "));
  CHECK(complaint(read_zone_offer(body(R"({"name": "."})"))).starts_with("#/offered "));
  std::string offer = R"({"name": ".", "offered": true, "invited_only": false, "note": ")";
  CHECK(read_zone_offer(body(offer + "x\"}"))->note == "x");
  CHECK(complaint(read_zone_offer(body(offer + std::string(301, 'x') + "\"}"))).starts_with("#/note "));
  CHECK(complaint(read_flag(body(R"({"enabled": 1})"), "enabled")) == "#/enabled expected true or false");
}

TEST_CASE("a token has a budget, others have theirs, and what is known of them is bounded") {
  RequestBudget budget(3, 60);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(budget.take(1, 0ms));
  CHECK(budget.take(1, 0ms) == 1s);
  CHECK_FALSE(budget.take(2, 0ms));
  CHECK(budget.take(1, 999ms) == 1s);
  CHECK_FALSE(budget.take(1, 1000ms));
  CHECK(budget.take(1, 1000ms));
  CHECK_FALSE(budget.take(1, 60'000ms));
  for (int i = 0; i < 3; ++i) budget.take(1, 60'000ms);
  for (std::int64_t token = 10; token < 10 + 2 * std::int64_t{RequestBudget::kMostKept}; ++token)
    CHECK_FALSE(budget.take(token, 60'000ms));
  CHECK(budget.kept() <= RequestBudget::kMostKept);
  CHECK(budget.take(1, 60'000ms));  // who has least left is forgotten last
}

}  // namespace zw::localroot::portal
