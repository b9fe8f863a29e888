#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "net/testing.h"
#include "web/site/form_token.h"
#include "web/site/page.h"
#include "web/site/server.h"

namespace zw {
namespace {

using namespace std::chrono_literals;

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

std::string error_of(const auto& result) { return result ? "" : result.error().what; }

}  // namespace

// ---- fields -----------------------------------------------------------------------------------------------

TEST_CASE("a form is read as browsers write it") {
  auto form =
      WebFields::parse_form("label=My+first%20server&address=2001%3Adb8%3A%3A1&zone=.&zone=arpa&empty=&bare");
  REQUIRE(form.has_value());
  CHECK(form->get("label") == "My first server");
  CHECK(form->get("address") == "2001:db8::1");
  CHECK(form->all("zone") == std::vector<std::string_view>{".", "arpa"});
  CHECK(form->find("empty") == "");
  CHECK(form->find("bare") == "");
  CHECK_FALSE(form->find("label2"));
  CHECK(WebFields::parse_form("")->size() == 0);
  CHECK(WebFields::parse_form("&&a=1&")->size() == 1);
  CHECK(WebFields::parse_form("a%3Db=c%26d")->get("a=b") == "c&d");
  CHECK(WebFields::parse_form("t=%C3%A9")->get("t") == "\xc3\xa9");
  CHECK(WebFields::parse_form("t=a%0D%0Ab%09")->get("t") == "a\r\nb\t");
}

TEST_CASE("a form that is no text, or too much of it, is refused") {
  for (const char* bad : {"a=%", "a=%1", "a=%zz", "a=%00", "a=%C3", "a=\xff", "a=%1b", "%00=a", "a=%7F"})
    CHECK_MESSAGE(WebFields::parse_form(bad).error().kind == ErrorKind::malformed, bad);
  std::string many;
  for (int i = 0; i < 201; ++i) many += "a=1&";
  CHECK(WebFields::parse_form(many).error().kind == ErrorKind::limit);
  CHECK(WebFields::parse_form("a=" + std::string(17 << 10, 'x')).error().kind == ErrorKind::limit);
  CHECK(WebFields::parse_form(std::string(101, 'n') + "=1").error().kind == ErrorKind::limit);
}

TEST_CASE("cookies are pairs, and what is no pair is passed over") {
  auto cookies = WebFields::parse_cookies("a=1; b=x=y;nothing; ;  c = 3 ; =none; d=\x01");
  CHECK(cookies.get("a") == "1");
  CHECK(cookies.get("b") == "x=y");
  CHECK(cookies.size() == 3);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a=1;";
  CHECK(WebFields::parse_cookies(many).size() == 50);
}

TEST_CASE("percent encoding goes both ways") {
  std::string text = "a/b?c&d=\xc3\xa9 +~-._%";
  CHECK(percent_encode(text) == "a%2Fb%3Fc%26d%3D%C3%A9%20%2B~-._%25");
  CHECK(percent_decode(percent_encode(text)) == text);
  CHECK(percent_decode("%2f%2F") == "//");
}

// ---- routes -----------------------------------------------------------------------------------------------

TEST_CASE("a route is found by its method and path, and fixed segments go first") {
  WebRouter router;
  std::string called;
  auto note = [&](const std::string& name) {
    return [&called, name](const WebRequest&) { return called = name, WebResponse(); };
  };
  router.add(WebMethod::get, "/", note("home"));
  router.add(WebMethod::get, "/servers/{id}", note("one"));
  router.add(WebMethod::get, "/servers/new", note("new"));
  router.add(WebMethod::post, "/servers/{id}", note("change"), 10);
  router.add(WebMethod::get, "/a/{x}/b/{y}", note("two"));
  auto call = [&](WebMethod method, std::string_view path) -> std::string {
    auto found = router.find(method, path);
    if (!found.route) return "";
    found.route->handler(WebRequest(), [](const WebResponse&) {});
    return called;
  };
  CHECK(call(WebMethod::get, "/") == "home");
  CHECK(call(WebMethod::get, "/servers/new") == "new");
  CHECK(call(WebMethod::get, "/servers/7") == "one");
  CHECK(call(WebMethod::post, "/servers/7") == "change");
  CHECK(router.routes().size() == 5);
  CHECK(router.routes()[4] == std::pair(WebMethod::get, std::string("/a/{}/b/{}")));
  CHECK(router.find(WebMethod::get, "/a/1%2F2/b/%C3%A9").places ==
        std::vector<std::string>{"1/2", "\xc3\xa9"});
  CHECK(router.find(WebMethod::post, "/servers/7").route->most_body == 10);
  for (const char* nowhere :
       {"", "servers/7", "/servers", "/servers/", "/servers/7/", "/servers//", "/a/1/b", "//"})
    CHECK_MESSAGE(router.find(WebMethod::get, nowhere).route == nullptr, nowhere);
  CHECK(router.find(WebMethod::get, "/servers/%zz").route == nullptr);
  CHECK(router.find(WebMethod::del, "/servers/7").methods.size() == 2);
  CHECK(router.find(WebMethod::get, std::string(10000, '/')).route == nullptr);
}

TEST_CASE("nobody is sent elsewhere, and cookies say all that keeps them safe") {
  auto place = [](std::string_view to) { return WebResponse::redirect(to).fields.at(0).second; };
  CHECK(place("/servers/1?a=b") == "/servers/1?a=b");
  for (const char* bad : {"https://evil.example/", "//evil.example", "/\\evil.example", "", "javascript:x",
                          "/a\r\nX: 1", "/\t/evil.example", "/a b"})
    CHECK(place(bad) == "/");
  WebResponse response;
  response.cookie("session", "abc", 3600s).cookie("form", "x", 0s, false);
  CHECK(response.fields[0].second ==
        "__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600; Secure");
  CHECK(response.fields[1].second == "form=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

// ---- tokens of forms --------------------------------------------------------------------------------------

TEST_CASE("a token is good for its session, its purpose and its time") {
  FormTokens tokens(Buffer(32, 7));
  std::string token = tokens.make("session", "/keys", at(1'800'000'000));
  CHECK(tokens.check(token, "session", "/keys", at(1'800'000'000)).has_value());
  CHECK(tokens.check(token, "session", "/keys", at(1'800'000'000 + 12 * 3600)).has_value());
  CHECK(error_of(tokens.check(token, "session", "/keys", at(1'800'000'001 + 12 * 3600))).find("too long") !=
        std::string::npos);
  CHECK_FALSE(tokens.check(token, "another", "/keys", at(1'800'000'000)).has_value());
  CHECK_FALSE(tokens.check(token, "session", "/servers", at(1'800'000'000)).has_value());
  CHECK_FALSE(FormTokens(Buffer(32, 8)).check(token, "session", "/keys", at(1'800'000'000)).has_value());
  // Another end of its time is another code.
  std::string later = "1900000000" + token.substr(10);
  CHECK_FALSE(tokens.check(later, "session", "/keys", at(1'800'000'000)).has_value());
  for (std::string_view bad : {"", "-", "x", "1800000000", "1800000000-", "99999999999999999999-AA"})
    CHECK_FALSE(tokens.check(bad, "session", "/keys", at(1'800'000'000)).has_value());
}

TEST_CASE("a request from another site is told apart") {
  WebRequest request;
  CHECK(is_from_us(request, "https://a.example"));
  request.origin = "https://a.example", request.fetch_site = "same-origin";
  CHECK(is_from_us(request, "https://a.example"));
  request.origin = "https://b.example";
  CHECK_FALSE(is_from_us(request, "https://a.example"));
  request.origin = "null";
  CHECK_FALSE(is_from_us(request, "https://a.example"));
  request.origin = "", request.fetch_site = "cross-site";
  CHECK_FALSE(is_from_us(request, "https://a.example"));
  request.fetch_site = "same-site";
  CHECK_FALSE(is_from_us(request, "https://a.example"));
}

// ---- pages ------------------------------------------------------------------------------------------------

TEST_CASE("a value is escaped however a template names it, and HTML comes from pages only") {
  auto pages = Pages::make({{"layout", "<title>{{title}}</title>{{{content}}}"},
                            {"list",
                             "{{#rows}}<li class=\"{{kind}}\">{{& name}}{{{name}}}{{> _mark}}</li>{{/rows}}"
                             "{{^rows}}none{{/rows}}"},
                            {"_mark", "{{#good}}+{{name}}{{/good}}"}});
  REQUIRE(pages.has_value());
  PageData row;
  row.text("name", "<b>\"it's\" & more").text("kind", "\" onload=\"x").flag("good", true);
  PageData data;
  data.list("rows", {row});
  std::string escaped = "&lt;b&gt;&quot;it&#39;s&quot; &amp; more";
  Html list = pages->render("list", data);
  CHECK(list.text() == "<li class=\"&quot; onload=&quot;x\">" + escaped + escaped + "+" + escaped + "</li>");
  PageData whole;
  whole.text("title", "{{content}} \x01<x>").html("content", list);
  CHECK(pages->render("layout", whole).text() == "<title>{{content}} &lt;x&gt;</title>" + list.text());
  CHECK(pages->render("list", PageData()).text() == "none");
  CHECK(error_of(Pages::make({{"a", "{{#x}}"}})).find("template a") == 0);
  CHECK(error_of(Pages::make({{"a", "{{> _b}}"}})).find("no part _b") != std::string::npos);
}

// ---- the server -------------------------------------------------------------------------------------------

namespace {

struct Site {
  explicit Site(const SiteLimits& limits = {}) {
    auto router = std::make_shared<WebRouter>();
    router->add(WebMethod::get, "/hello/{name}", [](const WebRequest& request) {
      return WebResponse(200, "hello " + request.places[0] + " " + std::string(request.query.get("q")));
    });
    router->add(
        WebMethod::post, "/form",
        [](const WebRequest& request) {
          return WebResponse(200, std::string(request.form.get("a")) + request.body);
        },
        100);
    router->add(WebMethod::get, "/later", WebHandler([this](const WebRequest&, const WebAnswer& answer) {
                  std::lock_guard lock(mutex);
                  threads.emplace_back([answer] {
                    std::this_thread::sleep_for(20ms);
                    answer(WebResponse(200, "late"));
                    answer(WebResponse(200, "later"));
                  });
                }));
    router->add(WebMethod::get, "/never", WebHandler([](const WebRequest&, const WebAnswer&) {}));
    router->add(WebMethod::get, "/held", WebHandler([this](const WebRequest&, const WebAnswer& answer) {
                  std::lock_guard lock(mutex);
                  held.push_back(answer);
                }));
    router->add(WebMethod::get, "/who",
                [](const WebRequest& request) { return WebResponse(200, request.peer.ip.print()); });
    router->add(WebMethod::get, "/inject",
                [](const WebRequest&) { return WebResponse(200, "x").field("X-A", "a\r\nSet-Cookie: b=c"); });
    router->add(WebMethod::get, "/tagged",
                [](const WebRequest&) { return WebResponse(200, "content").field("ETag", "\"t1\""); });
    auto made = SiteServer::make(
        loopback(), router,
        [](unsigned status, std::string_view what) { return WebResponse(status, std::string(what)); }, {},
        limits);
    REQUIRE(made.has_value());
    server = std::move(*made);
  }
  ~Site() {
    for (auto& thread : threads) thread.join();
    held.clear();
  }

  static std::string exchange(TestClient& client, const std::string& request) {
    client.write(as_bytes(request));
    std::string out;
    while (true) {
      Buffer some = client.read_some();
      if (some.empty()) return out;
      out.append(some.begin(), some.end());
      auto end = out.find("\r\n\r\n");
      if (end == out.npos) continue;
      auto length = out.find("Content-Length: ");
      std::size_t body = length < end ? std::strtoul(out.c_str() + length + 16, nullptr, 10) : 0;
      if (out.size() >= end + 4 + body) return out;
    }
  }
  std::string ask(const std::string& request) const {
    TestClient client(server->listening());
    return exchange(client, request);
  }
  std::string get(const std::string& target, const std::string& more = "") const {
    return ask("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n");
  }
  std::string post(const std::string& target, const std::string& body, const std::string& more = "") const {
    return ask("POST " + target + " HTTP/1.1\r\nHost: x\r\n" + more +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  std::mutex mutex;
  std::vector<std::thread> threads;
  std::vector<WebAnswer> held;
  std::unique_ptr<SiteServer> server;
};

const std::string kFormType = "Content-Type: application/x-www-form-urlencoded\r\n";

bool says(const std::string& answer, std::string_view status, std::string_view body) {
  return answer.starts_with("HTTP/1.1 " + std::string(status)) &&
         answer.ends_with("\r\n\r\n" + std::string(body));
}

}  // namespace

TEST_CASE("requests reach their handlers with what was sent") {
  Site site;
  CHECK(says(site.get("/hello/a%2Fb%20c?q=1+%2B"), "200", "hello a/b c 1 +"));
  CHECK(says(site.post("/form", "a=%41b", kFormType), "200", "Ab"));
  CHECK(says(site.post("/form", "{}", "Content-Type: application/json\r\n"), "200", "{}"));
  std::string head = site.ask("HEAD /hello/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(says(head, "200", ""));
  CHECK(head.find("Content-Length: 8") != std::string::npos);
  std::string answer = site.get("/hello/x");
  for (const char* field : {"Content-Security-Policy: default-src 'none';", "X-Content-Type-Options: nosniff",
                            "Referrer-Policy: same-origin", "Cache-Control: no-store"})
    CHECK_MESSAGE(answer.find(field) != std::string::npos, field);
  CHECK(answer.find("Strict-Transport-Security") == std::string::npos);
}

TEST_CASE("what is wrong with a request is explained") {
  Site site;
  CHECK(says(site.get("/nothing"), "404", "There is no such page."));
  std::string wrong_method = site.get("/form");
  CHECK(says(wrong_method, "405", "This page is not for that."));
  CHECK(wrong_method.find("Allow: POST") != std::string::npos);
  CHECK(site.post("/hello/x", "abc").starts_with("HTTP/1.1 405"));
  CHECK(site.ask("BREW /hello/x HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 501"));
  CHECK(site.get("/hello/%zz").starts_with("HTTP/1.1 40"));
  CHECK(site.get("/hello/x?a=%zz").starts_with("HTTP/1.1 400"));
  CHECK(site.get("/hello/a%00b").starts_with("HTTP/1.1 400"));
  CHECK(site.post("/form", "a=%zz", kFormType).starts_with("HTTP/1.1 400"));
  CHECK(site.post("/form", std::string(101, 'x')).starts_with("HTTP/1.1 413"));
  std::string chunk(101, 'y');
  CHECK(site.ask("POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + chunk +
                 "\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 413"));
  CHECK(site.get("/hello/x", "X: " + std::string(20000, 'h') + "\r\n").starts_with("HTTP/1.1 4"));
  std::string injected = site.get("/inject");
  CHECK(injected.starts_with("HTTP/1.1 500"));
  CHECK(injected.find("Set-Cookie") == std::string::npos);
}

TEST_CASE("an answer may come later, once, or never") {
  Site site;
  CHECK(says(site.get("/later"), "200", "late"));
  CHECK(site.get("/never").starts_with("HTTP/1.1 500"));
  TestClient client(site.server->listening());
  CHECK(says(Site::exchange(client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"), "200", "late"));
  CHECK(says(Site::exchange(client, "GET /hello/x HTTP/1.1\r\nHost: x\r\n\r\n"), "200", "hello x "));
}

TEST_CASE("a server that ends answers who waits") {
  Site site;
  TestClient client(site.server->listening());
  client.write(as_bytes(std::string_view("GET /held HTTP/1.1\r\nHost: x\r\n\r\n")));
  REQUIRE(eventually([&] {
    std::lock_guard lock(site.mutex);
    return site.held.size() == 1;
  }));
  std::thread gives([&] {
    std::this_thread::sleep_for(50ms);
    site.held[0](WebResponse(200, "at last"));
  });
  site.server.reset();
  gives.join();
  Buffer answer = client.read_some();
  CHECK(as_text(answer).find("at last") != std::string_view::npos);
}

TEST_CASE("what a client has already is not sent again") {
  Site site;
  CHECK(says(site.get("/tagged"), "200", "content"));
  CHECK(site.get("/tagged", "If-None-Match: \"t1\"\r\n").starts_with("HTTP/1.1 304"));
  CHECK(says(site.get("/tagged", "If-None-Match: \"t2\"\r\n"), "200", "content"));
}

namespace {

using HalfRequests = std::vector<std::unique_ptr<TestClient>>;
HalfRequests half_requests(const Site& site, int count) {
  HalfRequests out;
  for (int i = 0; i < count; ++i) {
    out.push_back(std::make_unique<TestClient>(site.server->listening()));
    out.back()->write(as_bytes(std::string_view("GET /hello/")));
  }
  return out;
}

}  // namespace

TEST_CASE("one client has so many connections") {
  SiteLimits limits;
  limits.connections = 40, limits.of_client = 10;
  Site site(limits);
  HalfRequests half = half_requests(site, 10);
  std::this_thread::sleep_for(100ms);
  TestClient beyond(site.server->listening());
  beyond.write(as_bytes(std::string_view("GET /hello/x HTTP/1.1\r\nHost: x\r\n\r\n")));
  CHECK(beyond.read_some(100, 300).empty());
  CHECK(site.server->counts().refused >= 1);
  CHECK(site.server->counts().displaced == 0);
  half.clear();
  CHECK(eventually([&] { return says(site.get("/hello/x"), "200", "hello x "); }));
}

TEST_CASE("behind a trusted proxy the client is whom it names, and its connections are counted apart") {
  Site direct;
  CHECK(says(direct.get("/who", "X-Forwarded-For: 198.51.100.7\r\n"), "200", "127.0.0.1"));
  SiteLimits limits;
  limits.of_client = 2, limits.of_proxy = 30;
  limits.trust.proxies = {Network::parse("127.0.0.0/8").value()};
  Site site(limits);
  CHECK(says(site.get("/who", "X-Forwarded-For: 203.0.113.1, 198.51.100.7\r\n"), "200", "198.51.100.7"));
  // Twice is once with commas, and the other field is nobody's.
  CHECK(says(site.get("/who",
                      "X-Forwarded-For: 203.0.113.1\r\nx-forwarded-for: 198.51.100.7\r\n"
                      "Forwarded: for=203.0.113.2\r\n"),
             "200", "198.51.100.7"));
  CHECK(says(site.get("/who"), "200", "127.0.0.1"));
  CHECK(says(site.get("/who", "X-Forwarded-For: x\r\n"), "200", "127.0.0.1"));
  HalfRequests half = half_requests(site, 8);
  CHECK(says(site.get("/who", "X-Forwarded-For: 198.51.100.7\r\n"), "200", "198.51.100.7"));
  CHECK(site.server->counts().refused == 0);
  HalfRequests more = half_requests(site, 30);
  CHECK(eventually([&] { return site.server->counts().refused >= 1; }));
}

TEST_CASE("a site ends in peace while people come") {
  for (int round = 0; round < 60; ++round) {
    auto site = std::make_unique<Site>();
    const Address at = site->server->listening();
    std::atomic<bool> ended = false;
    std::vector<std::thread> people;
    for (int i = 0; i < 3; ++i)
      people.emplace_back([&] {
        while (!ended) TestClient(at).write(as_bytes(std::string_view("GET /hello/x HTTP/1.1\r\n")));
      });
    std::this_thread::sleep_for(5ms);
    site.reset();
    ended = true;
    for (std::thread& person : people) person.join();
  }
}

TEST_CASE("half requests make room for others") {
  SiteLimits limits;
  limits.connections = 20, limits.of_client = 100;
  Site site(limits);
  HalfRequests half = half_requests(site, 20);
  std::this_thread::sleep_for(700ms);
  for (int i = 0; i < 5; ++i) CHECK(says(site.get("/hello/x"), "200", "hello x "));
  CHECK(site.server->counts().displaced >= 1);
}

TEST_CASE("who drips is ended when his time is over") {
  SiteLimits limits;
  limits.request = 1s;
  Site site(limits);
  TestClient drips(site.server->listening());
  for (int i = 0; i < 12; ++i) {
    drips.write(as_bytes(std::string_view("G")));
    std::this_thread::sleep_for(100ms);
  }
  CHECK(says(site.get("/hello/x"), "200", "hello x "));
  CHECK(eventually([&] { return site.server->counts().displaced == 1; }));
}

}  // namespace zw
