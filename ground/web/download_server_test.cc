#include "web/download_server.h"

#include <fmt/format.h>

#include <mutex>

#include "crypto/test_tls.h"
#include "net/testing.h"

namespace zw {
namespace {

HttpsIdentityPtr identity(std::string_view certificates = test::kServerCertificate,
                          std::string_view key = test::kServerKey) {
  auto made = std::make_shared<HttpsIdentity>();
  append(made->certificates, certificates);
  append(made->key, key);
  return made;
}

/// Speaks HTTP over TLS; reads only when it is told to.
class HttpsClient {
 public:
  explicit HttpsClient(const Address& to, int receive_buffer = 0)
      : tcp_(to, SOCK_STREAM, receive_buffer),
        session_(test::tls_client(
                     {.name = "ns.test", .authorities = test::kAuthorityCertificate, .require_alpn = false})
                     ->start()) {
    flush();
    while (session_->status() == TlsSession::Status::handshake && hear()) {
    }
  }
  bool is_open() const { return session_->status() == TlsSession::Status::open; }

  void say(std::string_view text) {
    session_->send(as_bytes(text));
    flush();
  }
  /// Some octets more; false at the end.
  bool hear() {
    Buffer octets = tcp_.read_some();
    if (octets.empty()) return false;
    Buffer plain(octets.size() + TlsSession::kRecordOctets);
    heard_ += as_text(Bytes(plain).first(session_->receive(octets, plain)));
    flush();
    return session_->status() != TlsSession::Status::failed;
  }
  /// Until the other side ends.
  std::string rest() {
    while (hear()) {
    }
    return std::exchange(heard_, {});
  }
  const std::string& heard() const { return heard_; }

 private:
  void flush() {
    tcp_.write(session_->outgoing());
    session_->sent(session_->outgoing().size());
  }
  TestClient tcp_;
  std::unique_ptr<TlsSession> session_;
  std::string heard_;
};

std::shared_ptr<const DownloadFile> file(std::string tag, std::size_t octets) {
  auto made =
      std::make_shared<DownloadFile>(DownloadFile{tag, "text/dns", WallTime(Seconds(784'111'777)), {}});
  std::string text;
  for (std::size_t i = 0; text.size() < octets; ++i) text += fmt::format("{} {}\n", tag, i);
  made->forms[0].assign(text.begin(), text.end());
  made->forms[1].assign(100, 'g');
  return made;
}

/// What a DownloadEnded says, kept.
struct Ended {
  unsigned status;
  bool whole;
  std::string label;
  std::size_t octets;
};

struct TestDownloads {
  explicit TestDownloads(const DownloadLimits& limits = {})
      : loop(*Loop::make()), server(*loop, [this](const DownloadEnded& e) {
          std::lock_guard lock(mutex);
          ended.push_back({e.status, e.is_whole, std::string(e.label), e.octets});
        }) {
    listen(limits);
  }
  ~TestDownloads() { server.stop(Milliseconds(0)); }

  void listen(const DownloadLimits& limits, const HttpsIdentityPtr& with = identity()) {
    std::vector<Address> at = {server.listening().empty() ? loopback() : asked};
    auto listening = server.listen(at, with, limits);
    REQUIRE(listening.has_value());
    asked = at[0];
  }
  void show(const DownloadFilePtr& what) {
    auto catalogue = std::make_shared<DownloadCatalogue>();
    catalogue->add("/a", {"somebody", "a.", false, what});
    catalogue->add("/open", {"everybody", "a.", true, what});
    server.show(catalogue);
  }
  std::string get(std::string_view path, std::string_view fields = "", std::string_view method = "GET") {
    HttpsClient client(server.listening()[0]);
    client.say(fmt::format("{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n", method, path, fields));
    return client.rest();
  }
  std::vector<Ended> all_ended() {
    std::lock_guard lock(mutex);
    return ended;
  }

  std::unique_ptr<Loop> loop;
  std::mutex mutex;
  std::vector<Ended> ended;
  DownloadServer server;
  Address asked;
};

bool has(const std::string& answer, std::string_view what) { return answer.find(what) != std::string::npos; }

TEST_CASE("a file is sent whole, in part, coded, or not at all where it is known") {
  TestDownloads downloads;
  auto made = file("7", 3'000'000);
  downloads.show(made);
  std::string text(as_text(made->forms[0]));
  std::string got = downloads.get("/a");
  CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(got.ends_with("\r\n\r\n" + text));
  for (const char* field :
       {"ETag: \"7\"\r\n", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "Vary: Accept-Encoding\r\n",
        "Cache-Control: private, no-cache\r\n", "Content-Type: text/dns\r\n", "Accept-Ranges: bytes\r\n"})
    CHECK(has(got, field));
  CHECK(has(downloads.get("/open"), "Cache-Control: no-cache\r\n"));
  got = downloads.get("/a", "Range: bytes=1000000-1000009\r\n");
  CHECK(got.starts_with("HTTP/1.1 206 "));
  CHECK(has(got, fmt::format("Content-Range: bytes 1000000-1000009/{}\r\n", text.size())));
  CHECK(got.ends_with("\r\n\r\n" + text.substr(1'000'000, 10)));
  got = downloads.get("/a", "accept-encoding: br\r\nACCEPT-ENCODING: gzip\r\n");
  CHECK(has(got, "Content-Encoding: gzip\r\n"));
  CHECK(has(got, "ETag: \"7-gzip\"\r\n"));
  CHECK(got.ends_with("\r\n\r\n" + std::string(100, 'g')));
  got = downloads.get("/a", "If-None-Match: \"6\"\r\nIf-None-Match: \"7\"\r\n");
  CHECK(got.starts_with("HTTP/1.1 304 "));
  CHECK(got.ends_with("\r\n\r\n"));
  CHECK(has(got, "ETag: \"7\"\r\n"));
  got = downloads.get("/a", "Range: bytes=9999999-\r\n");
  CHECK(got.starts_with("HTTP/1.1 416 "));
  CHECK(has(got, fmt::format("Content-Range: bytes */{}\r\n", text.size())));
  CHECK(downloads.get("/a", "If-Match: \"6\"\r\n").starts_with("HTTP/1.1 412 "));
  CHECK(downloads.get("/a", "Accept-Encoding: *;q=0\r\n").starts_with("HTTP/1.1 406 "));
}

TEST_CASE("HEAD tells all and sends nothing; other methods and paths get the same for all") {
  TestDownloads downloads;
  downloads.show(file("7", 1000));
  std::string got = downloads.get("/a", "", "HEAD");
  CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(has(got, "Content-Length: 100"));
  CHECK(got.ends_with("\r\n\r\n"));
  got = downloads.get("/a", "Content-Length: 1000000000\r\n", "POST");
  CHECK(got.starts_with("HTTP/1.1 405 "));
  CHECK(has(got, "Allow: GET, HEAD\r\n"));
  for (const char* path : {"/", "/b", "/a/", "/a%00", "/A", "/../a"}) {
    CAPTURE(path);
    got = downloads.get(path);
    CHECK(got.starts_with("HTTP/1.1 404 "));
    CHECK(got.ends_with("\r\n\r\nnot found\n"));
  }
  CHECK(downloads.get("/%61?query").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("what is not there at present may be asked for again") {
  TestDownloads downloads;
  downloads.show(nullptr);
  std::string got = downloads.get("/a");
  CHECK(got.starts_with("HTTP/1.1 503 "));
  CHECK(has(got, "Retry-After: "));
}

TEST_CASE(
    "a download that runs ends with the version that it began with, beside a new version and certificate") {
  TestDownloads downloads;
  auto first = file("first", 20'000'000);
  downloads.show(first);
  HttpsClient slow(downloads.server.listening()[0], 4096);
  slow.say("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  REQUIRE(slow.hear());
  downloads.show(file("second", 1000));
  std::weak_ptr<const DownloadFile> kept = first;
  std::string text(as_text(first->forms[0]));
  first.reset();
  downloads.listen({}, identity(test::kForeignCertificate, test::kForeignKey));
  HttpsClient other(downloads.server.listening()[0]);
  CHECK_FALSE(other.is_open());  // it does not know this certificate
  downloads.listen({}, identity());
  CHECK(has(downloads.get("/a"), "ETag: \"second\""));
  CHECK_FALSE(kept.expired());
  CHECK(slow.rest().ends_with("\r\n\r\n" + text));
  CHECK(eventually([&] { return kept.expired(); }));
}

TEST_CASE("a certificate that is of no use leaves all as it was") {
  TestDownloads downloads;
  downloads.show(file("7", 1000));
  std::vector<Address> at = {downloads.asked, downloads.asked, loopback("127.0.0.2")};
  for (const auto& bad : {identity("nothing", "nothing"),
                          identity(test::kServerCertificate, test::kForeignKey), HttpsIdentityPtr()}) {
    auto refused = downloads.server.listen(at, bad, {});
    REQUIRE_FALSE(refused.has_value());
    CHECK(downloads.get("/a").starts_with("HTTP/1.1 200 "));
  }
  std::vector<Address> taken = {downloads.asked, {*IpAddress::parse("192.0.2.1"), 0}};
  CHECK_FALSE(downloads.server.listen(taken, identity(), {}).has_value());
  CHECK(downloads.get("/a").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("each request is told of at its end, with what became of it") {
  TestDownloads downloads;
  downloads.show(file("7", 20'000'000));
  downloads.get("/a");
  downloads.get("/a", "", "HEAD");
  downloads.get("/b");
  {
    HttpsClient gone(downloads.server.listening()[0], 4096);
    gone.say("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(gone.hear());
  }
  REQUIRE(eventually([&] { return downloads.all_ended().size() == 4; }));
  auto ended = downloads.all_ended();
  CHECK((ended[0].status == 200 && ended[0].whole && ended[0].label == "somebody" &&
         ended[0].octets >= 20'000'000));
  CHECK((ended[1].status == 200 && ended[1].whole && ended[1].octets == 0));
  CHECK((ended[2].status == 404 && ended[2].label.empty()));
  CHECK((ended[3].status == 200 && !ended[3].whole && ended[3].octets < 20'000'000));
}

TEST_CASE("one client has only so many connections, an idle one is ended, and no download takes for ever") {
  TestDownloads downloads({.connections = 8, .of_client = 2, .idle = std::chrono::seconds(1)});
  downloads.show(file("7", 20'000'000));
  Address at = downloads.server.listening()[0];
  {
    HttpsClient first(at), second(at);
    CHECK((first.is_open() && second.is_open()));
    CHECK_FALSE(HttpsClient(at).is_open());
    CHECK(first.rest().empty());
  }
  CHECK(eventually([&] { return HttpsClient(at).is_open(); }));
  downloads.listen({.most = std::chrono::seconds(0)});
  CHECK(downloads.get("/a").size() < 20'000'000);
}

double cpu_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

TEST_CASE("who stops in midst of a handshake, a request or a download costs nothing") {
  TestDownloads downloads;
  downloads.show(file("7", 20'000'000));
  Address at = downloads.server.listening()[0];
  TestClient silent(at), begins(at);
  begins.write(as_bytes(std::string_view("\x16\x03\x01\x02\x00\x01", 6)));
  HttpsClient half(at), stalled(at, 4096);
  half.say("GET /a HT");
  stalled.say("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(stalled.hear());
  double before = cpu_seconds();
  std::this_thread::sleep_for(Milliseconds(500));
  CHECK(cpu_seconds() - before < 0.25);
}

TEST_CASE("several threads serve one address, and draining lets downloads go to their end") {
  TestDownloads downloads({.threads = 3});
  auto made = file("7", 20'000'000);
  downloads.show(made);
  Address at = downloads.server.listening()[0];
  HttpsClient slow(at, 4096), idle(at);
  slow.say("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(slow.hear());
  std::atomic<bool> drained = false;
  downloads.server.drain(Milliseconds(0), [&] {
    drained = true;
    downloads.loop->stop();
  });
  CHECK(downloads.server.listening().empty());
  CHECK_FALSE(HttpsClient(at).is_open());
  std::thread reader([&] {
    CHECK_FALSE(drained);
    CHECK(slow.rest().ends_with(as_text(made->forms[0])));
  });
  downloads.loop->run();
  reader.join();
  CHECK(drained);
}

TEST_CASE("stopping waits for downloads no longer than it may") {
  TestDownloads downloads;
  downloads.show(file("7", 20'000'000));
  HttpsClient slow(downloads.server.listening()[0], 4096);
  slow.say("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(slow.hear());
  downloads.server.stop(Milliseconds(50));
  CHECK(slow.rest().size() < 20'000'000);
}

}  // namespace
}  // namespace zw
