#include "localroot/changes/change_feed.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "localroot/changes/testing.h"
#include "os/files.h"
#include "transfer/testing.h"

using namespace zw;
using namespace zw::localroot;
using namespace zw::localroot::testing;

namespace {

std::vector<std::string> files(const FeedStory& story) {
  return *list_folder(story.folder / "example.changes");
}
std::string newest_file(const FeedStory& story) {
  return story.folder / ("example.changes/" + files(story).back());
}
std::string content(const std::string& path) { return std::string(as_text(*read_file(path, 1 << 26))); }
void put(const std::string& path, std::string_view text) { std::ofstream(path) << text; }

// Serials of the versions in lines, each with a `!` in front if it does not lead on from the one before.
std::string serials(std::string_view lines) {
  std::string out;
  std::optional<Serial> before;
  for (const std::string& line : split(lines)) {
    if (!is_version_line(line)) continue;
    auto version = parse_version(line);
    REQUIRE(version);
    if (before && version->previous != before) out += '!';
    before = version->serial;
    out += std::to_string(before->value()) + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("a feed gives what was noted, once, also after a restart") {
  FeedStory story;
  ChangeFeed feed = story.feed();
  CHECK_FALSE(feed.extent().newest);
  CHECK(feed.read({})->lines.empty());
  REQUIRE(feed.begin(Serial(1), story.at(0)));
  REQUIRE(feed.begin(Serial(1), story.at(1)));
  story.fill(feed, 1, 3);
  REQUIRE(feed.append(step(2, 3), story.at(9)));
  std::string lines = read_all(feed);
  CHECK(serials(lines) == "1 2 3 ");
  CHECK(split(lines).size() == 5);
  CHECK(split(lines)[0].find(R"("previous":null)") != std::string::npos);
  ChangeFeed again = story.feed();
  REQUIRE(again.open());
  CHECK(read_all(again) == lines);
  CHECK(again.extent().octets == lines.size());
  CHECK(again.extent().newest->entry == 3);
  story.fill(again, 3, 4);
  CHECK(serials(read_all(again)) == "1 2 3 4 ");
  ChangeFeed other(*Name::parse("other."), story.folder / "example.changes");
  std::string fault;
  REQUIRE(other.open_to_read());
  CHECK_FALSE(other.extent().newest);
}

TEST_CASE("a reader goes on after what he has") {
  FeedStory story;
  ChangeFeed feed = story.feed();
  story.fill(feed, 10, 14);
  auto since = [&](std::uint32_t serial) {
    auto from = feed.after(Serial(serial));
    return from ? serials(read_all(feed, *from)) : from.error().what;
  };
  CHECK(since(10) == "11 12 13 14 ");
  CHECK(since(12) == "13 14 ");
  CHECK(since(14) == "");
  CHECK(since(15) == "");  // the feed is about to have it
  CHECK(since(9) == "the feed of example. knows no version 9");
  CHECK(feed.after(Serial(14 + 0x80000000u)).error().kind == ErrorKind::not_found);
  // One who polls by position.
  ChangePosition end = feed.read({})->next;
  CHECK(print(end) == "5");
  CHECK(feed.read({end})->lines.empty());
  story.fill(feed, 14, 15);
  CHECK(serials(read_all(feed, end)) == "15 ");
  CHECK(feed.read({{7, 0}}).error().kind == ErrorKind::not_found);
}

TEST_CASE("pages of any size hold all lines, each once") {
  FeedStory story({.keeps = ChangeScope::all});
  ChangeFeed feed = story.feed();
  for (std::uint32_t serial = 1; serial < 8; ++serial) story.fill(feed, serial, serial + 1, serial % 3 * 4);
  for (auto scope : {ChangeScope::data, ChangeScope::all}) {
    std::string whole = read_all(feed, {}, 1 << 20, scope);
    for (std::size_t most : {1, 100, 700, 5000}) CHECK(read_all(feed, {}, most, scope) == whole);
    bool has_signing = whole.find("RRSIG") != std::string::npos;
    CHECK(has_signing == (scope == ChangeScope::all));
  }
  ChangePage page = *feed.read({{}, 99, 500, ChangeScope::all});
  CHECK(page.more);
  CHECK(page.lines.size() <= 500);
  CHECK(page.next.octet > 0);
  CHECK(parse_position(print(page.next)) == page.next);
  ChangePosition within = page.next;
  ++within.octet;
  CHECK(feed.read({within}).error().kind == ErrorKind::malformed);
  within.octet = 1'000'000;
  CHECK(feed.read({within}).error().kind == ErrorKind::malformed);
  for (const char* bad : {"", ".", "1.", ".1", "-1", "1.2.3", "x", "1 ", "99999999999999999999"})
    CHECK_FALSE(parse_position(bad));
}

TEST_CASE("a version that is larger than a quarter of the feed is counted only") {
  FeedStory story({.octets = 1 << 20});
  ChangeFeed feed = story.feed();
  story.fill(feed, 1, 2, 4'000);
  story.fill(feed, 2, 3, 2'000);
  auto lines = split(read_all(feed));
  CHECK(lines.size() == 2'002);
  CHECK(parse_version(lines[0])->data.added == 4'000);
  CHECK(parse_version(lines[0])->records == ChangeScope::none);
}

TEST_CASE("a feed stays within its octets, its versions and its age; the oldest go first") {
  SUBCASE("octets") {
    FeedStory story({.octets = 1 << 20});
    ChangeFeed feed = story.feed();
    for (std::uint32_t serial = 1; serial < 60; ++serial) {
      story.fill(feed, serial, serial + 1, serial % 7 == 0 ? 2'000 : 100);
      std::size_t on_disk = 0;
      for (const std::string& name : files(story))
        on_disk += *file_size(story.folder / ("example.changes/" + name));
      CHECK(on_disk <= 1 << 20);
      CHECK(on_disk == feed.extent().octets);
    }
    CHECK(feed.extent().newest->serial == Serial(60));
    CHECK(feed.extent().octets > (1 << 19));
    CHECK(feed.after(Serial(3)).error().kind == ErrorKind::not_found);
    CHECK(feed.read({{1, 0}}).error().kind == ErrorKind::not_found);
  }
  SUBCASE("versions") {
    FeedStory story({.versions = 32});
    ChangeFeed feed = story.feed();
    story.fill(feed, 1, 100);
    CHECK(feed.extent().versions <= 32);
    CHECK(feed.extent().versions >= 30);
    CHECK(feed.extent().newest->serial == Serial(100));
  }
  SUBCASE("age") {
    FeedStory story({.age = std::chrono::hours(64)});
    ChangeFeed feed = story.feed();
    story.fill(feed, 1, 200);
    CHECK(feed.extent().versions >= 64);
    CHECK(feed.extent().versions <= 72);
    REQUIRE(feed.append(step(200, 201), story.at(1000)));
    CHECK(feed.extent().versions == 1);
    ChangeFeed again = story.feed();
    REQUIRE(again.open());
    CHECK(again.extent().newest->entry == 200);
  }
}

TEST_CASE("what a kill left of a version is cut off, wherever that was") {
  FeedStory story;
  std::string before, whole;
  {
    ChangeFeed feed = story.feed();
    story.fill(feed, 1, 3);
    before = content(newest_file(story));
    story.fill(feed, 3, 4, 3);
    whole = content(newest_file(story));
  }
  for (std::size_t size = before.size(); size < whole.size(); size += whole.size() - size > 7 ? 7 : 1) {
    put(newest_file(story), whole.substr(0, size));
    ChangeFeed reader = story.feed();
    REQUIRE(reader.open_to_read());
    CHECK(serials(read_all(reader)) == "2 3 ");
    CHECK(content(newest_file(story)).size() == size);
    ChangeFeed feed = story.feed();
    std::string fault;
    REQUIRE(feed.open(&fault));
    CHECK(fault.empty() == (size == before.size()));
    CHECK(content(newest_file(story)) == before);
  }
  ChangeFeed feed = story.feed();
  story.fill(feed, 3, 5);
  CHECK(serials(read_all(feed)) == "2 3 4 5 ");
  // Blocks that never reached the disk.
  std::string hole = whole;
  hole.replace(before.size() + 380, 30, std::string(30, '\0'));
  put(newest_file(story), hole);
  REQUIRE(feed.open());
  CHECK(content(newest_file(story)) == before);
}

TEST_CASE("a file that is damaged loses what follows in it, and nothing else") {
  FeedStory story({.versions = 32});  // two to a file
  {
    ChangeFeed feed = story.feed();
    story.fill(feed, 1, 9);
  }
  REQUIRE(files(story).size() == 4);
  std::string path = story.folder / ("example.changes/" + files(story)[1]);
  std::string text = content(path);
  put(path, text.replace(text.find("\"op\"", 10), 4, "\"oq\""));
  ChangeFeed feed = story.feed();
  std::string fault;
  REQUIRE(feed.open(&fault));
  CHECK(fault.find(files(story)[1]) != std::string::npos);
  CHECK(serials(read_all(feed)) == "2 3 !6 7 8 9 ");
  story.fill(feed, 9, 10);
  CHECK(feed.extent().newest->entry == 9);
  put(path, "");
  REQUIRE(feed.open());
  CHECK(serials(read_all(feed)) == "2 3 !6 7 8 9 10 ");
}

TEST_CASE("a feed that cannot be written says so, and goes on when it can") {
  FeedStory story;
  ChangeFeed feed = story.feed();
  put(story.folder / "example.changes", "no folder");
  CHECK_FALSE(feed.append(step(1, 2), story.at(0)));
  std::filesystem::remove(story.folder / "example.changes");
  CHECK(feed.append(step(1, 2), story.at(0)));
  CHECK(serials(read_all(feed)) == "2 ");
}

TEST_CASE("what was published while the feed could not be written is noted from the journal") {
  auto version = [](std::uint32_t serial) {
    return zw::testing::small_zone(serial, fmt::format("a{}.example. A 192.0.2.1\n", serial));
  };
  FeedStory story;
  Journal journal(story.folder / "J", {});
  REQUIRE(journal.open(Serial(1)));
  ChangeFeed feed = story.feed();
  REQUIRE(feed.catch_up(journal, version(1), story.at(0)));
  CHECK(serials(read_all(feed)) == "1 ");
  auto publish = [&](std::uint32_t from, std::uint32_t to) {
    REQUIRE(journal.append(*version(from), *diff(*version(from), *version(to))));
  };
  publish(1, 2), publish(2, 3), publish(3, 4);
  REQUIRE(feed.note(version(1), *version(2), story.at(1)));
  REQUIRE(feed.catch_up(journal, version(4), story.at(5)));
  CHECK(serials(read_all(feed)) == "1 2 3 4 ");
  auto lines = split(read_all(feed));
  CHECK(lines.back().find("a4.example.") != std::string::npos);
  CHECK(parse_version(lines[4])->digest.empty());  // of 3, which has no ZONEMD
  CHECK(parse_version(lines[7])->digest == "AB");
  REQUIRE(feed.catch_up(journal, version(4), story.at(6)));
  REQUIRE(feed.catch_up(journal, version(3), story.at(6)));  // who comes late with the version before
  CHECK(split(read_all(feed)) == lines);
  // The journal does not lead there: nobody knows what changed.
  Journal empty(story.folder / "K", {});
  REQUIRE(feed.catch_up(empty, version(9), story.at(7)));
  CHECK(serials(read_all(feed)) == "1 2 3 4 !9 ");
}

TEST_CASE("readers see whole versions while the writer adds and removes them") {
  FeedStory story({.octets = 1 << 20});
  ChangeFeed feed = story.feed();
  story.fill(feed, 1, 2, 100);
  std::atomic<bool> done = false;
  std::atomic<int> pages = 0, wrong = 0;
  auto read = [&] {
    while (!done || pages == 0) {
      auto page = feed.read({{}, std::numeric_limits<std::uint64_t>::max(), 100'000, ChangeScope::data});
      if (!page) {
        wrong += page.error().kind != ErrorKind::not_found;  // just removed
        continue;
      }
      ++pages;
      wrong +=
          page->lines.empty() || page->lines.back() != '\n' || !page->lines.starts_with(R"({"op":"version")");
    }
  };
  std::thread one(read), other(read);
  story.fill(feed, 2, 40, 400);
  done = true;
  one.join();
  other.join();
  CHECK(wrong == 0);
  CHECK(feed.extent().versions < 39);
}

// ---- kills ------------------------------------------------------------------------------------------------

namespace {

int kills() {
  const char* wanted = std::getenv("ZW_KILLS");
  return wanted ? std::atoi(wanted) : 10;
}

// Publishes versions until it is killed, as a service does after its start; says each that was noted.
[[noreturn]] void publish(const FeedStory& story, int pipe) {
  ChangeFeed feed = story.feed();
  if (!feed.open()) _exit(2);
  auto newest = feed.extent().newest;
  for (std::uint32_t serial = newest ? newest->serial.value() : 1;; ++serial) {
    if (!feed.append(step(serial, serial + 1, serial % 5 * 500), story.at(serial))) _exit(3);
    std::uint32_t said = serial + 1;
    if (write(pipe, &said, sizeof said) != sizeof said) _exit(4);
  }
}

}  // namespace

TEST_CASE("a program killed at any moment loses at most the version that it was writing") {
  FeedStory story({.octets = 2 << 20});
  Splitmix chance(20261127);
  std::uint32_t said = 1;
  int torn = 0;
  for (int i = 0; i < kills(); ++i) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) publish(story, ends[1]);
    Descriptor out(ends[1]), in(ends[0]);
    out.close();
    std::this_thread::sleep_for(std::chrono::microseconds(chance.below(40'000)));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    for (std::uint32_t word = 0; read(in.get(), &word, sizeof word) == sizeof word;) said = word;
    ChangeFeed feed = story.feed();
    std::string fault;
    REQUIRE(feed.open(&fault));
    torn += !fault.empty();
    auto newest = feed.extent().newest;
    std::uint32_t found = newest ? newest->serial.value() : 1;
    CHECK(found >= said);
    CHECK(found <= said + 1);
    said = found;
    std::string lines = read_all(feed);
    CHECK(serials(lines).find('!') == std::string::npos);
    CHECK(lines.size() == feed.extent().octets);
  }
  MESSAGE(kills(), " kills, ", said - 1, " versions, ", torn, " cut off in their midst");
  CHECK(said > 1);
}
