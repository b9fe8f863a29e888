#include "localroot/changes/feed_writer.h"

#include <doctest/doctest.h>

#include "localroot/changes/testing.h"
#include "os/clock.h"
#include "os/files.h"
#include "zone/reader.h"

using namespace zw;
using namespace zw::localroot;
using namespace zw::localroot::testing;

namespace {

const Name kZone = *Name::parse("example.");

ZonePtr version(std::uint32_t serial) {
  std::string text = fmt::format(
      "example. 300 SOA ns host {0} 1 1 1 1\nexample. 300 NS ns\nns.example. 300 A 192.0.2.{0}\n", serial);
  ZonePtr zone = read_zone(text, "z").zone;
  REQUIRE(zone);
  return zone;
}

// A zone from serial to serial, with its journal, as a keeper has it.
struct Story {
  Story() { start(); }
  void start(std::size_t journal_octets = 1 << 20) {
    journal.emplace(folder / "journal", JournalLimits{journal_octets});
    if (zone) REQUIRE(journal->open(zone->serial()));
    writer.emplace(kZone, folder / "changes", ChangeFeedSettings(), clock, log, metrics);
  }
  // `noted`: else a kill keeps it from being so.
  void publish(std::uint32_t serial, bool noted = true) {
    ZonePtr next = version(serial);
    std::optional<Changeset> changes;
    if (zone) changes = *diff(*zone, *next);
    if (changes) REQUIRE(journal->append(*zone, *changes));
    zone = next;
    if (noted) writer->note(*journal, zone, changes ? &*changes : nullptr, evidence());
  }
  Evidence evidence() const {
    Evidence out;
    out.serial = zone->serial();
    out.digest_kind = "SHA-384";
    out.digest = "AB";
    return out;
  }
  // Serials, each with the one before in parentheses.
  std::string noted() const {
    std::string out;
    for (const std::string& line : split(read_all(*writer->feed())))
      if (is_version_line(line)) {
        ChangeVersion version = *parse_version(line);
        out +=
            fmt::format("{}({}) ", version.serial.value(), version.previous ? version.previous->value() : 0);
      }
    return out;
  }
  bool tells(std::string_view words) const { return metrics.exposition().find(words) != std::string::npos; }

  TemporaryFolder folder;
  SystemClock clock;
  std::string logged;
  Logger log{clock, {}, [this](std::string_view line) { logged += line; }};
  Metrics metrics;
  ZonePtr zone;
  std::optional<Journal> journal;
  std::optional<FeedWriter> writer;
};

}  // namespace

TEST_CASE("each version is noted as it comes") {
  Story story;
  story.publish(1);
  story.publish(2);
  story.publish(3);
  CHECK(story.noted() == "1(0) 2(1) 3(2) ");
  CHECK(story.tells("zonewright_zone_changes_versions_count{zone=\"example.\"} 3"));
  CHECK(story.tells("zonewright_zone_changes_failures_total{zone=\"example.\"} 0"));
}

TEST_CASE("what a kill kept from the feed is noted at the next start, once") {
  Story story;
  story.publish(1);
  story.publish(2, false);
  story.publish(3, false);
  story.start();
  story.writer->note(*story.journal, story.zone, nullptr, story.evidence());
  CHECK(story.noted() == "1(0) 2(1) 3(2) ");
  story.start();
  story.writer->note(*story.journal, story.zone, nullptr, story.evidence());
  CHECK(story.noted() == "1(0) 2(1) 3(2) ");
}

TEST_CASE("what could not be noted is told, and made up for with the next version") {
  Story story;
  story.publish(1);
  // Nobody can write there, not even root.
  REQUIRE(rename((story.folder / "changes").c_str(), (story.folder / "away").c_str()) == 0);
  REQUIRE(write_file_atomically(story.folder / "changes", Bytes{}));
  story.start();
  story.publish(2);
  CHECK(story.logged.find("the version is not in the change feed") != std::string::npos);
  CHECK(story.tells("zonewright_zone_changes_failures_total{zone=\"example.\"} 1"));
  REQUIRE(remove_file(story.folder / "changes"));
  REQUIRE(rename((story.folder / "away").c_str(), (story.folder / "changes").c_str()) == 0);
  story.publish(3);
  CHECK(story.noted() == "1(0) 2(1) 3(2) ");
}

TEST_CASE("without a journal a feed goes on from the version before, and begins anew after a gap") {
  Story story;
  story.start(0);
  story.publish(1);
  story.publish(2);
  story.publish(3, false);
  story.publish(4);
  story.publish(5);
  CHECK(story.noted() == "1(0) 2(1) 4(0) 5(4) ");
}

TEST_CASE("damage is told, and what is whole stays") {
  Story story;
  story.publish(1);
  story.publish(2);
  std::string file = story.folder / "changes" + "/" + segment_name(1);
  Buffer text = *read_file(file, 1 << 20);
  text.resize(text.size() - 3);
  REQUIRE(write_file_atomically(file, text));
  story.start();
  story.writer->note(*story.journal, story.zone, nullptr, story.evidence());
  CHECK(story.logged.find("the change feed was damaged") != std::string::npos);
  CHECK(story.noted() == "1(0) 2(1) ");
}
