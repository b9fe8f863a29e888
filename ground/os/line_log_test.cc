#include "os/line_log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "os/files.h"
#include "os/temporary_folder.h"

using namespace zw;

namespace {

struct Story {
  Result<LineLog> open(std::size_t most = 1 << 20) {
    seen.clear();
    return LineLog::open(path, most, [this](std::string_view line) -> Result<void> {
      if (line == "bad") return fail(ErrorKind::malformed, "it is bad");
      seen += std::string(line) + "|";
      return {};
    });
  }
  void write(std::string_view text) { std::ofstream(path) << text; }
  std::string content() { return std::string(as_text(*read_file(path, 1 << 20))); }
  TemporaryFolder folder;
  std::string path = folder.path() + "/log", seen;
};

}  // namespace

TEST_CASE("lines are there when the file is opened again") {
  Story story;
  {
    auto log = story.open();
    REQUIRE(log);
    CHECK(log->append("one\n"));
    CHECK(log->append("\n"));
    CHECK(log->append("three\n"));
  }
  CHECK(story.open());
  CHECK(story.seen == "one||three|");
}

TEST_CASE("half a line is cut off, and the next one stands in its place") {
  Story story;
  story.write("one\ntw");
  auto log = story.open();
  REQUIRE(log);
  CHECK(story.seen == "one|");
  CHECK(story.content() == "one\n");
  CHECK(log->append("two\n"));
  CHECK(story.content() == "one\ntwo\n");
}

TEST_CASE("reading leaves half a line where it is") {
  Story story;
  story.write("one\ntw");
  std::string seen;
  CHECK(read_lines(story.path, 100, [&](std::string_view line) -> Result<void> {
    seen += line;
    return {};
  }));
  CHECK(seen == "one");
  CHECK(story.content() == "one\ntw");
  CHECK(read_lines(story.path, 3, {}).error().kind == ErrorKind::limit);
  CHECK(read_lines(story.path + ".no", 3, {}).error().kind == ErrorKind::not_found);
}

TEST_CASE("a line that is refused is told with path and number, and nothing is cut off") {
  Story story;
  story.write("one\nbad\nthree\nha");
  auto log = story.open();
  REQUIRE_FALSE(log);
  CHECK(log.error().what == story.path + ":2: it is bad");
  CHECK(story.content() == "one\nbad\nthree\nha");
}

TEST_CASE("a line that cannot be written whole leaves no half of it") {
  Story story;
  auto log = story.open();
  REQUIRE(log);
  CHECK(log->append("first\n"));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  auto old = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight{10, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  bool failed = !log->append("a line that is longer than the limit\n");
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  CHECK(failed);
  CHECK(story.content() == "first\n");
  CHECK(log->append("second\n"));
  CHECK(story.content() == "first\nsecond\n");
}
