#include "localroot/downloads.h"

#include <doctest/doctest.h>

#include "localroot/download_config.h"
#include "zone/reader.h"
#include "zone/writer.h"

using namespace zw;
using namespace zw::localroot;

namespace {

ZonePtr zone_of(std::size_t names) {
  std::string text =
      "example. 300 IN SOA ns.example. host.example. 4294967295 1800 900 604800 86400\n"
      "example. 300 IN NS ns.example.\n";
  for (std::size_t i = 0; i < names; ++i) text += "a" + std::to_string(i) + ".example. 300 IN A 192.0.2.1\n";
  return read_zone(text, "z").zone;
}

TEST_CASE("a version becomes canonical text and two forms of it that are smaller") {
  ZonePtr zone = zone_of(1000);
  WallTime since(Seconds(784'111'777));
  auto made = make_download(*zone, since, 1 << 20);
  REQUIRE(made.has_value());
  const DownloadFile& file = **made;
  CHECK(file.tag == "4294967295");
  CHECK(file.content_type == "text/dns");
  CHECK(file.modified == since);
  std::string text(as_text(file.form(ContentCoding::identity)));
  CHECK(text == canonical_text(*zone));
  for (auto coding : {ContentCoding::gzip, ContentCoding::zstd}) {
    CHECK(file.form(coding).size() > 0);
    CHECK(file.form(coding).size() < text.size() / 4);
  }
}

TEST_CASE("a version whose text is too large is not made") {
  ZonePtr zone = zone_of(1000);
  std::size_t size = canonical_text(*zone).size();
  CHECK(make_download(*zone, {}, size).has_value());
  auto refused = make_download(*zone, {}, size - 1);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::limit);
  CHECK_FALSE(make_download(*zone, {}, 0).has_value());
}

TEST_CASE("a path has the file name of the zone, behind the token if there is one") {
  CHECK(download_path(*Name::parse("."), std::nullopt) == "/zones/ROOT.zone");
  CHECK(download_path(*Name::parse("Example.ORG."), "secret") == "/zones/secret/example.org.zone");
  CHECK(download_path(*Name::parse("a\\/b.example."), std::nullopt) == "/zones/a%2fb.example.zone");
  // Whoever is asked for a URL takes the escapes out of it first.
  CHECK(download_url("https://zones.example", *Name::parse("a\\/b.example."), "secret") ==
        "https://zones.example/zones/secret/a%252fb.example.zone");
}

TEST_CASE("a path is split into its token and the rest, and one without has none") {
  for (const char* name : {".", "example.org.", "a\\/b.example."}) {
    Name zone = *Name::parse(name);
    std::string path = download_path(zone, "secret");
    auto [token, rest] = split_download_path(path);
    CHECK(token == "secret");
    CHECK(rest == download_path(zone, std::nullopt));
    CHECK(split_download_path(rest).first.empty());
  }
  for (const char* path : {"", "/", "/zones/", "/zones//ROOT.zone", "zones/secret/ROOT.zone"}) {
    CAPTURE(path);
    CHECK(split_download_path(path).first.empty());
  }
  CHECK(split_download_path("/zones/a/b/ROOT.zone").second == "/zones/b/ROOT.zone");  // which nothing is at
}

}  // namespace
