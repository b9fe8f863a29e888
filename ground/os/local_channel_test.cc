#include "os/local_channel.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <optional>

#include "os/files.h"
#include "os/temporary_folder.h"

using namespace zw;
using std::chrono::milliseconds;

namespace {

struct Ends {
  explicit Ends(const std::string& path) {
    auto made = LocalListener::make(path);
    REQUIRE(made);
    listener.emplace(std::move(*made));
    CHECK(listener->accept().error().kind == ErrorKind::timeout);
    auto connected = LocalChannel::connect(path);
    REQUIRE(connected);
    one.emplace(std::move(*connected));
    auto accepted = listener->accept();
    REQUIRE(accepted);
    other.emplace(std::move(*accepted));
  }
  std::optional<LocalListener> listener;
  std::optional<LocalChannel> one, other;
};

}  // namespace

TEST_CASE("messages come whole and in order, with descriptors that work") {
  TemporaryFolder folder;
  Ends ends(folder / "socket");
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  Descriptor read_end(pipe_ends[0]), write_end(pipe_ends[1]);
  REQUIRE(ends.one->send("first"));
  REQUIRE(ends.one->send("second", std::array{write_end.get()}));
  REQUIRE(ends.one->send(std::string(LocalChannel::kMostOctets, 'x')));
  CHECK(ends.other->receive(milliseconds(0))->text == "first");
  auto second = ends.other->receive(milliseconds(0));
  REQUIRE(second);
  CHECK(second->text == "second");
  REQUIRE(second->descriptors.size() == 1);
  CHECK(ends.other->receive(milliseconds(0))->text.size() == LocalChannel::kMostOctets);
  CHECK(ends.other->receive(milliseconds(0)).error().kind == ErrorKind::timeout);

  write_end.close();
  CHECK(write(second->descriptors[0].get(), "!", 1) == 1);
  char got = 0;
  CHECK((read(read_end.get(), &got, 1) == 1 && got == '!'));
  REQUIRE(ends.other->send("answer"));
  CHECK(ends.one->receive(milliseconds(0))->text == "answer");
}

TEST_CASE("the end of the other side is told, also with something unread") {
  TemporaryFolder folder;
  Ends ends(folder / "socket");
  REQUIRE(ends.one->send("unread"));
  ends.other.reset();
  CHECK(ends.one->receive(milliseconds(1'000)).error().kind == ErrorKind::not_found);
  CHECK_FALSE(ends.one->send("to nobody"));
}

TEST_CASE("nobody listens where nothing is, or only what an ended process left") {
  TemporaryFolder folder;
  CHECK(LocalChannel::connect(folder / "socket").error().kind == ErrorKind::not_found);
  {
    Ends ends(folder / "socket");
  }
  CHECK(LocalChannel::connect(folder / "socket").error().kind == ErrorKind::not_found);
  Ends again(folder / "socket");
}

TEST_CASE("a path may be longer than the system's structure for it") {
  TemporaryFolder folder;
  std::string deep = folder / std::string(100, 'a') + "/" + std::string(100, 'b');
  REQUIRE(make_folder(deep));
  Ends ends(deep + "/socket");
  REQUIRE(ends.one->send("x"));
  CHECK(ends.other->receive(milliseconds(0))->text == "x");
}
