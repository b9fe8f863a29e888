#include "localroot/changes/change_pages.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "localroot/changes/atom_page.h"
#include "localroot/changes/testing.h"
#include "net/testing.h"
#include "web/http_client.h"
#include "web/site/server.h"
#include "zone/random_zone.h"

using namespace zw;
using namespace zw::localroot;
using namespace zw::localroot::testing;

namespace {

struct Site : FeedStory {
  explicit Site(ChangePagesSettings with = {}) {
    with.base = "https://zones.example.net";
    add_change_pages(
        *router,
        [this](NameView zone, const WebRequest& request) -> Result<FoundChangeFeed> {
          if (fault) return fail(*fault, "the database is busy");
          bool is_for = is_open || request.query.get("who") == "friend";
          return FoundChangeFeed{zone == feed->zone() && is_for ? feed : nullptr, is_open};
        },
        std::move(with));
  }
  WebResponse get(std::string_view target, std::string tag = "") const {
    WebRequest request;
    std::size_t question = std::min(target.find('?'), target.size());
    auto found = router->find(WebMethod::get, target.substr(0, question));
    REQUIRE(found.route);
    request.places = found.places;
    request.query = *WebFields::parse_form(target.substr(std::min(question + 1, target.size())));
    request.if_none_match = std::move(tag);
    WebResponse out;
    found.route->handler(request, [&](WebResponse response) { out = std::move(response); });
    return out;
  }
  static std::string field(const WebResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.fields)
      if (key == name) return value;
    return "";
  }
  std::shared_ptr<ChangeFeed> feed =
      std::make_shared<ChangeFeed>(*Name::parse("example."), folder / "example.changes");
  std::shared_ptr<WebRouter> router = std::make_shared<WebRouter>();
  bool is_open = true;
  std::optional<ErrorKind> fault;
};

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t out = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string_view::npos; at += what.size()) ++out;
  return out;
}

// XML is well formed, in so far as it is ours: tags are balanced, and text holds no octet that needs a
// thought.
std::string fault_of_xml(std::string_view xml) {
  std::vector<std::string> open;
  std::size_t at = xml.find("?>") + 2;
  while (at < xml.size()) {
    std::size_t tag = std::min(xml.find('<', at), xml.size());
    for (char c : xml.substr(at, tag - at))
      if ((c < ' ' && c != '\n') || c > '~' || c == '>') return "a bad octet in a text";
    if (tag == xml.size()) break;
    std::size_t end = xml.find('>', tag);
    if (end == std::string_view::npos) return "a tag without an end";
    std::string inside(xml.substr(tag + 1, end - tag - 1));
    std::string name =
        inside.substr(inside.starts_with('/'), inside.find_first_of(" /", 1) - inside.starts_with('/'));
    if (inside.starts_with('/')) {
      if (open.empty() || open.back() != name) return "</" + name + "> closes nothing";
      open.pop_back();
    } else if (!inside.ends_with('/')) {
      open.push_back(name);
    }
    if (count(inside, "\"") % 2 != 0) return "an odd quote in " + name;
    at = end + 1;
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

}  // namespace

TEST_CASE("JSON lines are given from a serial on, with a tag and for a minute") {
  Site site;
  site.fill(*site.feed, 1, 4);
  WebResponse all = site.get("/changes/example.jsonl");
  CHECK(all.status == 200);
  CHECK(all.content_type == "application/jsonl");
  CHECK(all.cache_control == "public, max-age=60");
  CHECK(all.body == read_all(*site.feed));
  CHECK(Site::field(all, "Link").empty());
  CHECK(split(site.get("/changes/EXAMPLE.jsonl?since=3").body).size() == 2);
  CHECK(site.get("/changes/example.jsonl?since=4").body.empty());
  std::string tag = Site::field(all, "ETag");
  WebResponse again = site.get("/changes/example.jsonl", tag);
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(Site::field(again, "ETag") == tag);
  CHECK(again.cache_control == "public, max-age=60");
  site.fill(*site.feed, 4, 5);
  WebResponse more = site.get("/changes/example.jsonl", tag);
  CHECK(more.status == 200);
  CHECK(Site::field(more, "ETag") != tag);
}

TEST_CASE("a page is bounded, and links to the next one") {
  ChangePagesSettings settings;
  settings.most = 1000;
  Site site(settings);
  site.fill(*site.feed, 1, 9, 3);
  std::string body, target = "/changes/example.jsonl?since=2";
  int pages = 0;
  for (std::string link = "begin"; !link.empty(); ++pages) {
    WebResponse page = site.get(target);
    REQUIRE(page.status == 200);
    CHECK(page.body.size() <= 1000);
    body += page.body;
    link = Site::field(page, "Link");
    if (link.empty()) break;
    std::string begin = "<https://zones.example.net", end = ">; rel=\"next\"";
    REQUIRE(link.starts_with(begin));
    REQUIRE(link.ends_with(end));
    target = link.substr(begin.size(), link.size() - begin.size() - end.size());
  }
  CHECK(pages > 2);
  CHECK(body == read_all(*site.feed, {2, 0}));
  CHECK(Site::field(site.get("/changes/example.jsonl?all=1"), "Link").find("&all=1>") != std::string::npos);
}

TEST_CASE("what cannot be answered is told in a sentence") {
  Site site;
  site.fill(*site.feed, 5, 9);
  for (const char* target :
       {"/changes/other.jsonl", "/changes/example.xml", "/changes/example", "/changes/.jsonl",
        "/changes/..jsonl", "/changes/root.jsonl", "/changes/a%00b.jsonl", "/changes/%5C.atom"})
    CHECK_MESSAGE(site.get(target).status == 404, target);
  for (const char* query :
       {"since=x", "since=", "since=4294967296", "since=-1", "from=x", "from=1.1", "since=6&from=1"})
    CHECK_MESSAGE(site.get(std::string("/changes/example.jsonl?") + query).status == 400, query);
  CHECK(site.get("/changes/example.atom?archive=x").status == 400);
  CHECK(site.get("/changes/example.atom?archive=0").status == 410);
  CHECK(site.get("/changes/example.atom?archive=18446744073709551615").status == 400);
  WebResponse gone = site.get("/changes/example.jsonl?since=1");
  CHECK(gone.status == 410);
  CHECK(gone.body ==
        "the feed of example. knows no version 1. It reaches from serial 6 to 9: fetch the zone, and go on "
        "from what "
        "you have.\n");
  CHECK(gone.cache_control == "no-store");
}

TEST_CASE("feeds may be for some only") {
  Site site;
  site.fill(*site.feed, 1, 2);
  site.is_open = false;
  CHECK(site.get("/changes/example.jsonl").status == 404);
  CHECK(site.get("/changes/example.atom").status == 404);
  CHECK(site.get("/changes/example.jsonl?who=friend").cache_control == "private, max-age=60");
  site.fault = ErrorKind::timeout;
  WebResponse busy = site.get("/changes/example.jsonl?who=friend");
  CHECK(busy.status == 503);
  CHECK(busy.cache_control == "no-store");
}

TEST_CASE("each zone has a path of its own") {
  auto path = [](std::string_view zone) { return change_path(*Name::parse(zone), "atom"); };
  CHECK(path(".") == "/changes/root.atom");
  CHECK(path("root.") == "/changes/root..atom");
  CHECK(path("Co.Example.") == "/changes/co.example.atom");
  CHECK(path("a\\/b.") == "/changes/a%2Fb.atom");
  for (std::string_view zone :
       {".", "root.", "x.root.", "co.example.", "a\\/b.", "\\000\\255\\.\\\\.x.", "jsonl."}) {
    Name name = *Name::parse(zone);
    auto asked = std::make_shared<std::string>();
    WebRouter router;
    add_change_pages(router, [&](NameView found, const WebRequest&) {
      *asked = print(found);
      return FoundChangeFeed();
    });
    WebRequest request;
    auto found = router.find(WebMethod::get, change_path(name, "jsonl"));
    REQUIRE(found.route);
    request.places = found.places;
    found.route->handler(request, [](const WebResponse&) {});
    CHECK(*asked == print(name));
  }
}

TEST_CASE("Atom shows the newest versions, and archives lead to all others, each once") {
  Site site;
  std::uint32_t last = 4 * kAtomArchive + 8;  // the first is serial 2
  site.fill(*site.feed, 1, last);
  std::vector<std::string> titles;
  std::string target = "/changes/example.atom", link;
  int pages = 0;
  for (; !target.empty(); ++pages) {
    WebResponse page = site.get(target);
    REQUIRE(page.status == 200);
    CHECK(page.content_type == "application/atom+xml");
    CHECK_MESSAGE(fault_of_xml(page.body).empty(), fault_of_xml(page.body));
    CHECK((count(page.body, "<fh:archive/>") == 1) == (pages > 0));
    CHECK(count(page.body, "rel=\"current\"") == (pages > 0));
    CHECK(count(page.body, "<entry>") == (pages > 0 ? kAtomArchive : kAtomArchive + 7));
    for (std::size_t at = 0; (at = page.body.find("<title>example. ", at)) != std::string::npos; ++at)
      titles.push_back(page.body.substr(at + 16, page.body.find(':', at) - at - 16));
    std::string begin =
        R"(<link rel="prev-archive" type="application/atom+xml" href="https://zones.example.net)";
    std::size_t at = page.body.find(begin);
    target =
        at == std::string::npos
            ? ""
            : page.body.substr(at + begin.size(), page.body.find('"', at + begin.size()) - at - begin.size());
  }
  CHECK(pages == 4);
  REQUIRE(titles.size() == last - 1);
  for (std::uint32_t i = 0; i < titles.size(); ++i) CHECK(titles[i] == std::to_string(last - i));
  // An archive does not change when others come.
  std::string archive = site.get("/changes/example.atom?archive=1").body;
  site.fill(*site.feed, last, last + 2);
  CHECK(site.get("/changes/example.atom?archive=1").body == archive);
  CHECK(archive.find("+ a30-0.example. 60 IN A 192.0.2.1\n") != std::string::npos);
}

TEST_CASE("identities are the same each time, and others for another service") {
  Site site;
  site.fill(*site.feed, 1, 3);
  auto ids = [&](const std::string& authority) {
    std::vector<std::string> out;
    std::string page = print_atom(*make_atom_page(*site.feed, {}, {authority, "", ""}));
    for (std::size_t at = 0; (at = page.find("<id>", at)) != std::string::npos; ++at)
      out.push_back(page.substr(at + 4, page.find('<', at + 4) - at - 4));
    return out;
  };
  auto ours = ids("https://a.example"), theirs = ids("https://b.example");
  REQUIRE(ours.size() == 3);
  CHECK(ours == ids("https://a.example"));
  CHECK(ours[1] != ours[2]);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(ours[i] != theirs[i]);
    CHECK(ours[i].starts_with("urn:uuid:"));
    CHECK(ours[i].size() == 45);
    CHECK(ours[i][23] == '8');
  }
}

TEST_CASE("Atom is well formed whatever a zone holds, and each entry is bounded") {
  Splitmix random(20261127);
  for (int round = 0; round < 6; ++round) {
    zw::testing::RandomZone model(random, *Name::parse("a&b<c>\\\"\\000\\127\\255.example."));
    FeedStory story;
    auto feed = std::make_shared<ChangeFeed>(model.origin(), story.folder / "F");
    ZonePtr before = model.build();
    REQUIRE(feed->begin(before->serial(), story.at(0)));
    for (std::uint32_t serial = 2; serial < 6; ++serial) {
      model.set_serial(serial);
      model.change(serial == 5 ? 400 : 20);
      ZonePtr next = model.build();
      REQUIRE(feed->note(before, *next, story.at(serial)));
      before = next;
    }
    std::string page = print_atom(*make_atom_page(*feed, {}, {"https://a&b.example", "/x?a&b\"<", "/y"}));
    CHECK_MESSAGE(fault_of_xml(page).empty(), fault_of_xml(page));
    CHECK(count(page, "<entry>") == 5);
    CHECK(count(page, "... and more") >= 1);
    CHECK(page.size() < 5 * 6 * kMostAtomText);
  }
  std::string out;
  append_xml(out, std::string_view("\0\x01\x1b\x7f\xff<&>\"'\t\n\r\xc3\xa9\xef\xbf\xbe\xed\xa0\x80 ok", 24));
  CHECK(out ==
        "&#65533;&#65533;&#65533;&#127;&#65533;&#60;&#38;&#62;&#34;'&#9;\n&#13;&#233;&#65533;&#65533;&#65533;"
        "&#65533; ok");
}

TEST_CASE("feeds over HTTP") {
  Site site;
  site.fill(*site.feed, 1, 4);
  auto server = SiteServer::make(*Address::parse("127.0.0.1@0", 0), site.router,
                                 [](unsigned status, std::string_view) { return WebResponse(status, ""); });
  REQUIRE(server);
  auto answer = http_get((*server)->listening(), "/changes/example.jsonl?since=2", std::chrono::seconds(20));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == read_all(*site.feed, {2, 0}));
}
