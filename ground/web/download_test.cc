#include "web/download.h"

#include <doctest/doctest.h>

namespace zw {
namespace {

constexpr auto kIdentity = ContentCoding::identity, kGzip = ContentCoding::gzip, kZstd = ContentCoding::zstd;
const WallTime kMade{Seconds(784'111'777)};
constexpr const char* kMadeText = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";

DownloadFile file() {
  DownloadFile made{"7", "text/dns", kMade, {}};
  made.forms = {Buffer(1000, 'i'), Buffer(500, 'g'), Buffer(400, 'z')};
  return made;
}

DownloadAnswer whole(ContentCoding coding) { return {200, coding, {0, file().form(coding).size()}}; }

TEST_CASE("a request without wishes gets the file as it is") {
  CHECK(decide_download({}, file()) == whole(kIdentity));
}

TEST_CASE("each form has a tag of its own") {
  CHECK(file().entity_tag(kIdentity) == "7");
  CHECK(file().entity_tag(kGzip) == "7-gzip");
  CHECK(file().entity_tag(kZstd) == "7-zstd");
  CHECK(file().octets() == 1900);
}

TEST_CASE("the form that is welcome most is sent, the smallest of those that are alike") {
  auto coding = [](const char* field, const DownloadFile& of = file()) {
    return decide_download({.accept_encoding = field}, of).coding;
  };
  CHECK(coding("gzip, zstd") == kZstd);
  CHECK(coding("gzip") == kGzip);
  CHECK(coding("gzip, zstd;q=0.9") == kGzip);
  CHECK(coding("gzip;q=0.5, identity") == kIdentity);
  CHECK(coding("*") == kZstd);
  CHECK(coding("br") == kIdentity);
  DownloadFile plain = file();
  plain.forms[1].clear();
  plain.forms[2].clear();
  CHECK(coding("gzip, zstd", plain) == kIdentity);
  CHECK(decide_download({.accept_encoding = "identity;q=0"}, file()).status == 406);
  CHECK(decide_download({.accept_encoding = "gzip, *;q=0"}, plain).status == 406);
}

TEST_CASE("who has this form is told so, who has another one gets it") {
  CHECK(decide_download({.if_none_match = "\"7\""}, file()).status == 304);
  CHECK(decide_download({.if_none_match = "W/\"7\", \"6\""}, file()).status == 304);
  CHECK(decide_download({.if_none_match = "*"}, file()).status == 304);
  CHECK(decide_download({.if_none_match = "\"6\""}, file()) == whole(kIdentity));
  CHECK(decide_download({.accept_encoding = "gzip", .if_none_match = "\"7-gzip\""}, file()).status == 304);
  CHECK(decide_download({.accept_encoding = "zstd", .if_none_match = "\"7-gzip\""}, file()) == whole(kZstd));
}

TEST_CASE("dates count where there is no tag, and only if they are dates") {
  CHECK(decide_download({.if_modified_since = kMadeText}, file()).status == 304);
  CHECK(decide_download({.if_modified_since = kBefore}, file()).status == 200);
  CHECK(decide_download({.if_modified_since = "yesterday"}, file()).status == 200);
  CHECK(decide_download({.if_none_match = "\"6\"", .if_modified_since = kMadeText}, file()).status == 200);
  CHECK(decide_download({.if_unmodified_since = kBefore}, file()).status == 412);
  CHECK(decide_download({.if_unmodified_since = kMadeText}, file()).status == 200);
  CHECK(decide_download({.if_match = "\"7\"", .if_unmodified_since = kBefore}, file()).status == 200);
}

TEST_CASE("who insists on a version that is gone is told so, before all else") {
  CHECK(decide_download({.if_match = "\"6\""}, file()).status == 412);
  CHECK(decide_download({.if_match = "W/\"7\""}, file()).status == 412);
  CHECK(decide_download({.if_match = "\"6\", \"7\""}, file()).status == 200);
  CHECK(decide_download({.if_match = "\"6\"", .if_none_match = "\"7\"", .range = "bytes=5000-"}, file())
            .status == 412);
  CHECK(decide_download({.if_none_match = "\"7\"", .range = "bytes=5000-"}, file()).status == 304);
}

TEST_CASE("a part of the form that is chosen is sent, to GET only") {
  CHECK(decide_download({.range = "bytes=900-"}, file()) == DownloadAnswer{206, kIdentity, {900, 100}});
  CHECK(decide_download({.accept_encoding = "zstd", .range = "bytes=-100"}, file()) ==
        DownloadAnswer{206, kZstd, {300, 100}});
  CHECK(decide_download({.accept_encoding = "zstd", .range = "bytes=400-"}, file()).status == 416);
  CHECK(decide_download({.range = "bytes=0-1,5-6"}, file()) == whole(kIdentity));
  CHECK(decide_download({.is_head = true, .range = "bytes=900-"}, file()) == whole(kIdentity));
}

TEST_CASE("a part is sent only of the version of which the client has the rest") {
  auto resumed = [](const char* tag) {
    return decide_download({.if_range = tag, .range = "bytes=900-"}, file()).status;
  };
  CHECK(resumed("\"7\"") == 206);
  for (const char* other : {"\"6\"", "\"7-gzip\"", "W/\"7\"", "*", "\"7\", \"8\"", "", kMadeText}) {
    CAPTURE(other);
    CHECK(resumed(other) == 200);
  }
  CHECK(decide_download({.if_range = "\"6\"", .range = "bytes=5000-"}, file()).status == 200);
}

TEST_CASE("a path is found whole or not at all, and only once") {
  DownloadCatalogue catalogue;
  auto shared = std::make_shared<const DownloadFile>(file());
  CHECK(catalogue.add("/zones/secret/a.zone", {"one", "a.", false, shared}));
  CHECK_FALSE(catalogue.add("/zones/secret/a.zone", {"two", "b.", true, nullptr}));
  REQUIRE(catalogue.find("/zones/secret/a.zone"));
  CHECK(catalogue.find("/zones/secret/a.zone")->label == "one");
  for (const char* path :
       {"", "/", "/zones/", "/zones/secret", "/zones/secret/a.zon", "/zones/secret/a.zone/",
        "/zones/secret/A.zone", "/zones//secret/a.zone", "zones/secret/a.zone"}) {
    CAPTURE(path);
    CHECK_FALSE(catalogue.find(path));
  }
}

TEST_CASE("a path that was not added may be elsewhere, and one that was is not looked for there") {
  std::string asked;
  DownloadCatalogue catalogue([&](std::string_view path) -> std::optional<DownloadPlace> {
    asked += path;
    if (path != "/there") return std::nullopt;
    return DownloadPlace{"third", "b.", false, nullptr, 17};
  });
  CHECK(catalogue.add("/here", {"one", "a.", false, nullptr}));
  CHECK(catalogue.find("/here")->label == "one");
  CHECK(asked.empty());
  CHECK(catalogue.find("/there")->holder == 17);
  CHECK_FALSE(catalogue.find("/nowhere"));
  CHECK(asked == "/there/nowhere");
}

}  // namespace
}  // namespace zw
