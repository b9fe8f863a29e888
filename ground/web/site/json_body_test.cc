#include "web/site/json_body.h"

#include <doctest/doctest.h>

#include "web/site/router.h"

namespace zw {
namespace {

WebRequest body(std::string text, std::string type = "application/json") {
  WebRequest out;
  out.method = WebMethod::post;
  out.body = std::move(text);
  out.content_type = std::move(type);
  return out;
}

template <typename T>
std::string complaint(const WebTry<T>& tried) {
  return tried ? "" : tried.error().pointer + " " + tried.error().detail;
}

}  // namespace

TEST_CASE("a body has to be one JSON text, and say so") {
  CHECK(json_body(body("{}")));
  CHECK(json_body(body("{}", "Application/JSON ; charset=utf-8")));
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"})
    CHECK(json_body(body("{}", type)).error().status == 415);
  for (const char* text : {"", "{", "{}{}", "\xff", "{\"a\":1,\"a\":2}", "[[[[[[[[[1]]]]]]]]]"})
    CHECK_MESSAGE(json_body(body(text)).error().status == 400, text);
  CHECK(json_body(body('"' + std::string(65 << 10, 'x') + '"')).error().status == 400);
}

TEST_CASE("each complaint names the member and what is expected") {
  auto json =
      json_body(body(R"({"label": "x", "count": 3, "on": true, "list": [1, 2], "none": null, "a/b~": 1})"));
  REQUIRE(json);
  JsonFields fields(*json, "#");
  CHECK(*fields.need_text("label") == "x");
  CHECK(**fields.whole("count", 0, 3) == 3);
  CHECK(*fields.need_boolean("on"));
  CHECK(fields.list("list", 2)->size() == 2);
  CHECK_FALSE(*fields.text("none"));
  CHECK_FALSE(*fields.text("absent"));
  CHECK(complaint(fields.text("count")) == "#/count expected a text");
  CHECK(complaint(fields.whole("count", 0, 2)) == "#/count expected a whole number from 0 to 2");
  CHECK(complaint(fields.whole("label", 0, 2)) == "#/label expected a whole number from 0 to 2");
  CHECK(complaint(fields.boolean("list")) == "#/list expected true or false");
  CHECK(complaint(fields.list("list", 1)) == "#/list expected a list of at most 1");
  CHECK(complaint(fields.need_text("none")) == "#/none this has to be there");
  CHECK(complaint(fields.need_boolean("absent")) == "#/absent this has to be there");
  CHECK(complaint(JsonFields::open(*json, "#", {"label", "count", "on", "list", "none"})) ==
        "#/a~1b~0 there is no member \"a/b~\" here: expected label, count, on, list, none");
  CHECK(complaint(JsonFields::open(*json->find("list"), "#/list", {})) == "#/list expected an object");
}

TEST_CASE("a problem tells programs what they can do, and nothing of our database") {
  auto status = [](ErrorKind kind) { return Problem(Error{kind, "why"}).status; };
  CHECK(status(ErrorKind::not_found) == 404);
  CHECK(status(ErrorKind::conflict) == 409);
  CHECK(status(ErrorKind::refused) == 422);
  Problem broken(Error{ErrorKind::io, "/var/lib/secret"});
  CHECK(broken.status == 503);
  CHECK(broken.response().body.find("secret") == std::string::npos);
  CHECK(broken.response().fields == decltype(WebResponse::fields){{"Retry-After", "1"}});
  WebResponse response = bad_field("#/label", "too \"long\"").error().response();
  CHECK(response.content_type == "application/problem+json");
  CHECK(response.body == R"({"title":"Unprocessable Content","status":422,"detail":"too \"long\"",)"
                         R"("errors":[{"pointer":"#/label","detail":"too \"long\""}]})");
}

TEST_CASE("what goes wrong is explained by whom it goes wrong for") {
  WebRouter router;
  router.explain_below("/api/", [](unsigned status, std::string_view what) {
    return Problem(status, std::string(what)).response();
  });
  CHECK(router.explain("/api/v1/none"));
  CHECK_FALSE(router.explain("/api"));
  CHECK_FALSE(router.explain("/"));
}

}  // namespace zw
