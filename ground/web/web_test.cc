#include <atomic>

#include "metrics/metrics.h"
#include "net/testing.h"
#include "web/http_client.h"
#include "web/http_server.h"

namespace zw {
namespace {

using std::chrono::milliseconds;

std::unique_ptr<HttpServer> serve(std::map<std::string, HttpHandler> handlers, const HttpLimits& limits = {},
                                  const char* ip = "127.0.0.1") {
  auto server = HttpServer::make(loopback(ip), std::move(handlers), limits);
  REQUIRE(server.has_value());
  return std::move(*server);
}

HttpHandler says(std::string text) {
  return [text](const HttpRequest&) { return HttpResponse{200, text}; };
}

/// Everything that comes back until the server ends the connection or is silent for a while.
std::string talk(const Address& at, std::string_view request, int silence_ms = 300) {
  TestClient client(at);
  client.write(as_bytes(request));
  std::string out;
  for (Buffer some; !(some = client.read_some(65536, silence_ms)).empty();) out += as_text(some);
  return out;
}

TEST_CASE("a path is answered by its handler, over IPv4 and IPv6") {
  Metrics metrics;
  metrics.counter("zonewright_a_total", "A.").add(3);
  auto handler = [&](const HttpRequest& request) {
    CHECK(request.path == "/metrics");
    CHECK(request.peer.ip.is_loopback());
    return HttpResponse{200, metrics.exposition(), std::string(Metrics::kContentType)};
  };
  for (const char* ip : {"127.0.0.1", "::1"}) {
    auto server = serve({{"/metrics", handler}}, {}, ip);
    auto got = http_get(server->listening(), "/metrics?ignored=1", milliseconds(5000));
    REQUIRE(got.has_value());
    CHECK(got->status == 200);
    CHECK(got->content_type == Metrics::kContentType);
    CHECK(got->body.find("zonewright_a_total 3\n") != std::string::npos);
  }
}

TEST_CASE("a handler chooses its status") {
  auto server =
      serve({{"/healthz", [](const HttpRequest&) { return HttpResponse{503, "zone . has expired\n"}; }}});
  auto got = http_get(server->listening(), "/healthz", milliseconds(5000));
  REQUIRE(got.has_value());
  CHECK(got->status == 503);
  CHECK(got->body == "zone . has expired\n");
}

TEST_CASE("what is not there is 404 with what there is") {
  auto server = serve({{"/healthz", says("ok\n")}, {"/metrics", says("")}});
  for (const char* path :
       {"/", "/healthz/", "/health", "/healthz%00x", "/../healthz", "/%2e%2e/etc/passwd"}) {
    CAPTURE(path);
    auto got = http_get(server->listening(), path, milliseconds(5000));
    REQUIRE(got.has_value());
    if (std::string_view(path) == "/../healthz") continue;  // the client itself takes the dots out
    CHECK(got->status == 404);
    CHECK(got->body.find("/healthz /metrics") != std::string::npos);
  }
}

TEST_CASE("HEAD gives the header of GET and no body; connections are kept") {
  auto server = serve({{"/healthz", says("well\n")}});
  std::string got = talk(server->listening(),
                         "HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
  std::size_t second = got.find("HTTP/1.1 200 OK", 10);
  REQUIRE(second != std::string::npos);
  CHECK(got.substr(0, second).find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(got.substr(0, second).ends_with("\r\n\r\n"));
  CHECK(got.ends_with("\r\n\r\nwell\n"));
}

TEST_CASE("another method is 405, whatever it wants to upload") {
  std::atomic<int> called = 0;
  auto server = serve({{"/healthz", [&](const HttpRequest&) { return ++called, HttpResponse{}; }}});
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "BREW"}) {
    std::string got =
        talk(server->listening(), std::string(method) +
                                      " /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n"
                                      "\r\nabc");
    CAPTURE(method);
    CHECK(got.starts_with("HTTP/1.1 405 "));
    CHECK(got.find("Allow: GET, HEAD\r\n") != std::string::npos);
  }
  CHECK(called == 0);
}

TEST_CASE("a GET with a small body is answered, one with an endless body is ended") {
  auto server = serve({{"/healthz", says("ok\n")}});
  CHECK(talk(server->listening(), "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            .ends_with("ok\n"));
  std::string endless = "GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) endless += "400\r\n" + std::string(1024, 'x') + "\r\n";
  TestClient client(server->listening());
  client.write(as_bytes(endless));
  CHECK(client.ended());
}

TEST_CASE("garbage and headers without end do not disturb others") {
  auto server = serve({{"/healthz", says("ok\n")}}, {.memory = 4096});
  TestClient open(server->listening());
  open.write(as_bytes("GET /healthz HTT"));
  CHECK(talk(server->listening(), std::string(200, '\xff') + "\r\n\r\n").find("200 OK") == std::string::npos);
  std::string header = "GET /healthz HTTP/1.1\r\nX: " + std::string(100000, 'a') + "\r\n\r\n";
  CHECK(talk(server->listening(), header).find("200 OK") == std::string::npos);
  CHECK(http_get(server->listening(), "/healthz", milliseconds(5000))->body == "ok\n");
}

TEST_CASE("an idle connection is ended, and a client has only so many") {
  auto server = serve({{"/healthz", says("ok\n")}},
                      {.connections = 8, .of_client = 2, .idle = std::chrono::seconds(1)});
  TestClient first(server->listening()), second(server->listening()), third(server->listening());
  CHECK(third.ended(500));
  CHECK(first.ended(4000));
}

TEST_CASE("the client says why it has nothing") {
  Address closed;
  {
    auto server =
        serve({{"/big", says(std::string(100, 'x'))}, {"/slow", [](const HttpRequest&) {
                                                         std::this_thread::sleep_for(milliseconds(300));
                                                         return HttpResponse{};
                                                       }}});
    closed = server->listening();
    CHECK(http_get(closed, "/big", milliseconds(5000), 99).error().kind == ErrorKind::limit);
    CHECK(http_get(closed, "/big", milliseconds(5000), 100)->body.size() == 100);
    CHECK(http_get(closed, "/slow", milliseconds(50)).error().kind == ErrorKind::timeout);
  }
  auto nobody = http_get(closed, "/big", milliseconds(5000));
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().kind == ErrorKind::refused);
}

TEST_CASE("an address that is taken or not ours cannot be listened at") {
  auto server = serve({});
  auto second = HttpServer::make(server->listening(), {});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().what.find(server->listening().print()) != std::string::npos);
  CHECK_FALSE(HttpServer::make({*IpAddress::parse("192.0.2.1"), 0}, {}).has_value());
}

}  // namespace
}  // namespace zw
