#include "localroot/publication_log.h"

#include <doctest/doctest.h>

#include <fstream>

#include "os/files.h"
#include "os/temporary_folder.h"

using namespace zw;
using namespace zw::localroot;

namespace {

struct Story {
  static Evidence evidence(std::uint32_t serial, std::string_view zone = "example.") {
    Evidence out;
    out.origin = *Name::parse(zone);
    out.serial = Serial(serial);
    out.digest = "AB";
    out.digest_kind = "SHA-384";
    out.source = "192.0.2.1@53";
    return out;
  }
  static Result<void> add(PublicationLog& log, std::uint32_t serial) {
    return log.add(evidence(serial), *parse_time("2026-08-05T00:00:00Z"));
  }
  std::string text() const { return std::string(as_text(*read_file(path, 1 << 20))); }
  void write(std::string_view text) const { std::ofstream(path) << text; }
  std::string fault(std::string_view wanted = {}) const {
    auto found = verify_log(path, wanted);
    return found ? "" : found.error().what.substr(path.size());
  }

  TemporaryFolder folder;
  std::string path = folder.path() + "/example.log";
};

}  // namespace

TEST_CASE("publications are noted once each, in a chain that goes on after a restart") {
  Story story;
  {
    PublicationLog log(story.path);
    for (std::uint32_t serial : {1u, 1u, 2u, 2u}) CHECK(Story::add(log, serial));
    CHECK(log.state().entries == 2);
  }
  PublicationLog log(story.path);
  CHECK(Story::add(log, 2));
  CHECK(Story::add(log, 3));
  auto found = verify_log(story.path, log.state().head);
  REQUIRE(found);
  CHECK(found->entries == 3);
  CHECK(found->first->serial == Serial(1));
  CHECK(found->last->serial == Serial(3));
  CHECK(found->last->zone == "example.");
  CHECK(found->last->published_at == "2026-08-05T00:00:00Z");
  CHECK(found->head == log.state().head);
  CHECK(found->has_link);
  CHECK(found->steps_back == 0);
  CHECK(story.text().find(R"("source":"192.0.2.1@53")") != std::string::npos);
}

TEST_CASE("a link that was noted is found in a longer log, and missed in one that was cut") {
  Story story;
  PublicationLog log(story.path);
  REQUIRE(Story::add(log, 1));
  std::string first = log.state().head, one = story.text();
  REQUIRE(Story::add(log, 2));
  CHECK(verify_log(story.path, first)->has_link);
  CHECK(verify_log(story.path, log.state().head)->has_link);
  story.write(one);
  CHECK_FALSE(verify_log(story.path, log.state().head)->has_link);
}

TEST_CASE("a change of the past is told by line, and nothing is added to such a log") {
  Story story;
  {
    PublicationLog log(story.path);
    for (std::uint32_t serial : {1u, 2u, 3u}) REQUIRE(Story::add(log, serial));
  }
  std::string good = story.text(), bad = good;
  bad.replace(bad.find("\"serial\":2"), 10, "\"serial\":7");
  story.write(bad);
  CHECK(story.fault().starts_with(":2: the link does not fit"));
  PublicationLog log(story.path);
  for (int i = 0; i < 2; ++i) CHECK_FALSE(Story::add(log, 4));
  CHECK(log.state().fault.find(":2: the link does not fit") != std::string::npos);
  CHECK(story.text() == bad);
  story.write(good);
  CHECK(Story::add(log, 4));
  CHECK(log.state().fault.empty());
  CHECK(verify_log(story.path, {})->entries == 4);
}

TEST_CASE("what a kill left of an entry is passed over") {
  Story story;
  PublicationLog log(story.path);
  REQUIRE(Story::add(log, 1));
  std::string whole = story.text();
  story.write(whole + whole.substr(0, 100));
  CHECK(verify_log(story.path, {})->entries == 1);
  PublicationLog again(story.path);
  CHECK(Story::add(again, 2));
  CHECK(verify_log(story.path, {})->entries == 2);
}

TEST_CASE("serials that go back are counted, and entries of another zone are refused") {
  Story story;
  PublicationLog log(story.path);
  for (std::uint32_t serial : {5u, 4u, 6u}) REQUIRE(Story::add(log, serial));
  CHECK(verify_log(story.path, {})->steps_back == 1);
  REQUIRE(log.add(Story::evidence(7, "other."), {}));
  CHECK(story.fault() == ":4: an entry of zone other. in the log of example.");
}

TEST_CASE("entries that lack something are refused, though their links fit") {
  Story story;
  for (std::string_view entry :
       {"", "[]", "{}", R"({"zone":".","serial":4294967296,"published_at":"x"})",
        R"({"zone":".","serial":"1","published_at":"x"})", R"({"zone":1,"serial":1})"}) {
    HashChain chain;
    story.write(chain.append(entry));
    CHECK(story.fault().starts_with(":1: "));
  }
}
