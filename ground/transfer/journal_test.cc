#include "transfer/journal.h"

#include <filesystem>
#include <fstream>

#include "os/files.h"
#include "os/temporary_folder.h"
#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

ZonePtr version(std::uint32_t serial) {
  return small_zone(serial, "a" + std::to_string(serial) + ".example. A 192.0.2.1\n");
}

struct Story {
  Journal open(Serial newest, JournalLimits limits = {}) {
    Journal journal(folder.path() + "/J", limits);
    REQUIRE(journal.open(newest));
    return journal;
  }
  /// With steps 1 to 2, … `newest` - 1 to `newest`.
  Journal make(std::uint32_t newest, JournalLimits limits = {}) {
    Journal journal = open(Serial(1), limits);
    for (std::uint32_t serial = 1; serial < newest; ++serial) append(journal, serial, serial + 1);
    return journal;
  }
  static void append(Journal& journal, std::uint32_t from, std::uint32_t to) {
    REQUIRE(journal.append(*version(from), *diff(*version(from), *version(to))));
  }
  std::vector<std::string> files() { return *list_folder(folder.path() + "/J"); }
  static std::string read(const Journal& journal, std::uint32_t newest) {
    std::string out;
    auto read = journal.read(version(newest), [&](const Changeset& step) {
      out += std::to_string(step.from.value()) + "-" + std::to_string(step.to.value()) + " ";
      CHECK(step.removed.size() == 2);
      CHECK(step.added.size() == 2);
      return true;
    });
    return out + (read ? "" : read.error().what);
  }
  TemporaryFolder folder;
};

}  // namespace

TEST_CASE("a journal hands out its steps from the newest to the oldest, also after a restart") {
  Story story;
  Journal journal = story.make(4);
  CHECK(Story::read(journal, 4) == "3-4 2-3 1-2 ");
  CHECK(journal.serials() == std::vector{Serial(1), Serial(2), Serial(3)});
  Journal again = story.open(Serial(4));
  CHECK(Story::read(again, 4) == "3-4 2-3 1-2 ");
  CHECK(again.octets() == journal.octets());
  Story::append(again, 4, 9);
  CHECK(Story::read(story.open(Serial(9)), 9) == "4-9 3-4 2-3 1-2 ");
}

TEST_CASE("an empty journal makes no folder, and one that is missing is empty") {
  Story story;
  Journal journal = story.open(Serial(1));
  CHECK(journal.versions() == 0);
  CHECK_FALSE(list_folder(story.folder.path() + "/J"));
}

TEST_CASE("a kill between the step and the version leaves a step that leads nowhere, which goes") {
  Story story;
  story.make(4);
  Journal journal = story.open(Serial(3));  // 3 is what is on disk
  CHECK(Story::read(journal, 3) == "2-3 1-2 ");
  CHECK(story.files() == std::vector<std::string>{"1-2.step", "2-3.step"});
  Story::append(journal, 3, 5);
  CHECK(Story::read(story.open(Serial(5)), 5) == "3-5 2-3 1-2 ");
}

TEST_CASE("a gap ends the history, and what lies behind it goes") {
  Story story;
  story.make(5);
  std::filesystem::remove(story.folder.path() + "/J/2-3.step");
  std::ofstream(story.folder.path() + "/J/4-5.step.new") << "cut";
  CHECK(Story::read(story.open(Serial(5)), 5) == "4-5 3-4 ");
  CHECK(story.files() == std::vector<std::string>{"3-4.step", "4-5.step"});
  CHECK(story.open(Serial(77)).versions() == 0);
  CHECK(story.files().empty());
}

TEST_CASE("a step that does not go on where the last one ended begins a new history") {
  Story story;
  Journal journal = story.make(3);
  Story::append(journal, 7, 8);
  CHECK(Story::read(journal, 8) == "7-8 ");
  CHECK(story.files() == std::vector<std::string>{"7-8.step"});
}

TEST_CASE("a step to a version that could not be stored is replaced, and the history before it stays") {
  Story story;
  Journal journal = story.make(4);
  Story::append(journal, 3, 5);
  CHECK(Story::read(journal, 5) == "3-5 2-3 1-2 ");
  CHECK(story.files() == std::vector<std::string>{"1-2.step", "2-3.step", "3-5.step"});
}

TEST_CASE("the bounds hold: the oldest go first") {
  Story story;
  std::size_t one = story.make(2).octets();
  Journal few = story.make(9, {.octets = 1 << 20, .versions = 3});
  CHECK(Story::read(few, 9) == "8-9 7-8 6-7 ");
  CHECK(Story::read(story.make(9, {.octets = 2 * one + 20}), 9) == "8-9 7-8 ");
  CHECK(story.files().size() == 2);
  CHECK(story.open(Serial(9), {.octets = one + 10}).versions() == 1);
  CHECK(story.make(3, {.octets = 0}).versions() == 0);
  CHECK(story.files().empty());
}

TEST_CASE("a damaged step ends what is read with its fault, and the newer ones are good") {
  Story story;
  Journal journal = story.make(4);
  std::ofstream(story.folder.path() + "/J/1-2.step", std::ios::app) << "x";
  CHECK(Story::read(journal, 4).starts_with("3-4 2-3 step of a zone: its SHA-256"));
  std::string fault;
  DifferencesPtr differences = read_differences(journal, version(4), {.whole = 1 << 20}, fault);
  CHECK(fault.starts_with("step of a zone: its SHA-256"));
  CHECK(differences->versions() == 2);
  std::filesystem::copy_file(story.folder.path() + "/J/3-4.step", story.folder.path() + "/J/2-3.step",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(Story::read(story.open(Serial(4)), 4).find("leads to serial 4 of example., expected 3") !=
        std::string::npos);
}

TEST_CASE("what is read serves the versions that are near enough, and knows those that are not") {
  Story story;
  Journal journal = story.make(6);
  std::string fault;
  DifferencesPtr all = read_differences(journal, version(6), {.whole = 1 << 20}, fault);
  CHECK(all->versions() == 5);
  DifferencesPtr some = read_differences(journal, version(6), {.whole = all->octets() / 2}, fault);
  CHECK(fault.empty());
  CHECK(some->versions() > 0);
  CHECK(some->versions() < 5);
  CHECK(some->is_too_far(Serial(1)));
  CHECK_FALSE(some->is_too_far(Serial(5)));
  CHECK(some->from(Serial(5)));
}
