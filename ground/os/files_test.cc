#include "os/files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "base/random.h"
#include "os/temporary_folder.h"

namespace zw {
namespace {

std::string text_of(const std::string& path) {
  auto octets = read_file(path, 1 << 24);
  REQUIRE(octets.has_value());
  return std::string(as_text(*octets));
}

TEST_CASE("a secret is drawn once, kept for its owner alone, and never replaced") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/secret";
  auto drawn = keep_secret(path, 32);
  REQUIRE(drawn);
  CHECK(drawn->size() == 32);
  CHECK(*drawn != keep_secret(folder.path() + "/other", 32).value());
  CHECK(keep_secret(path, 32).value() == *drawn);
  CHECK_FALSE(others_may_read(path).value());
  for (std::size_t octets : {16u, 31u, 33u, 1000u})
    CHECK(keep_secret(path, octets).error().kind == ErrorKind::malformed);
  CHECK(keep_secret(path, 32).value() == *drawn);
  CHECK(keep_secret(folder.path() + "/none/secret", 32).error().kind == ErrorKind::not_found);
}

TEST_CASE("a file is read whole up to the limit and refused above it") {
  TemporaryFolder folder;
  Buffer content(300000);
  Splitmix(1).fill(content);
  REQUIRE(write_file_atomically(folder / "f", content));
  CHECK(read_file(folder / "f", 300000).value() == content);
  CHECK(read_file(folder / "f", 299999).error().kind == ErrorKind::limit);
  CHECK(read_file(folder / "absent", 10).error().kind == ErrorKind::not_found);
  CHECK(read_file(folder.path(), 10).error().kind == ErrorKind::io);
  REQUIRE(write_file_atomically(folder / "empty", Bytes{}));
  CHECK(read_file(folder / "empty", 0).value().empty());
}

TEST_CASE("a pipe, which has no size, is read to its end and held to the same limit") {
  TemporaryFolder folder;
  std::string pipe = folder / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  auto feed = [&](std::size_t octets) {
    return std::thread([pipe, octets] {
      Descriptor out(open(pipe.c_str(), O_WRONLY));
      Buffer content(octets, 'x');
      for (std::size_t put = 0; put < octets;) {
        ssize_t n = write(out.get(), content.data() + put, octets - put);
        if (n <= 0) return;
        put += static_cast<std::size_t>(n);
      }
    });
  };
  std::thread feeder = feed(200000);
  auto mapped = MappedFile::open(pipe, 200000);
  feeder.join();
  REQUIRE(mapped.has_value());
  CHECK(mapped->bytes().size() == 200000);
  signal(SIGPIPE, SIG_IGN);
  feeder = feed(200001);
  CHECK(MappedFile::open(pipe, 200000).error().kind == ErrorKind::limit);
  feeder.join();
}

TEST_CASE("a mapped file keeps its octets when it is moved and when the file is replaced") {
  TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder / "f", as_bytes("old")));
  auto first = MappedFile::open(folder / "f", 100);
  REQUIRE(first.has_value());
  MappedFile moved = std::move(*first);
  REQUIRE(write_file_atomically(folder / "f", as_bytes("new")));
  CHECK(as_text(moved.bytes()) == "old");
  CHECK(as_text(MappedFile::open(folder / "f", 100)->bytes()) == "new");
  CHECK(MappedFile::open(folder / "f", 2).error().kind == ErrorKind::limit);
}

TEST_CASE("pieces are written one after another, with the mode that was asked for") {
  TemporaryFolder folder;
  Bytes pieces[] = {as_bytes("a"), as_bytes(""), as_bytes("bc")};
  REQUIRE(write_file_atomically(folder / "f", pieces, 0600));
  CHECK(text_of(folder / "f") == "abc");
  struct stat facts{};
  REQUIRE(stat((folder / "f").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);
  CHECK(list_folder(folder.path()).value() == std::vector<std::string>{"f"});
}

TEST_CASE("when the rename fails the target is untouched and nothing is left beside it") {
  TemporaryFolder folder;
  REQUIRE(make_folder(folder / "f/inside"));  // a folder that is not empty cannot be renamed over
  CHECK_FALSE(write_file_atomically(folder / "f", as_bytes("new")));
  CHECK(list_folder(folder.path()).value() == std::vector<std::string>{"f"});
  CHECK(list_folder(folder / "f").value() == std::vector<std::string>{"inside"});
}

TEST_CASE("remains of a killed writer are taken over, and a live second writer is told of the conflict") {
  TemporaryFolder folder;
  {
    Descriptor remains(open((folder / "f.new").c_str(), O_WRONLY | O_CREAT, 0600));
    REQUIRE(write(remains.get(), "half a zone, longer", 19) == 19);
  }
  REQUIRE(write_file_atomically(folder / "f", as_bytes("whole")));
  CHECK(text_of(folder / "f") == "whole");
  std::vector<std::thread> writers;
  std::string contents[4];
  std::atomic<int> odd_errors = 0;
  for (int w = 0; w < 4; ++w) {
    contents[w] = std::string(20000 + static_cast<std::size_t>(w), static_cast<char>('a' + w));
    writers.emplace_back([&, w] {
      for (int i = 0; i < 25; ++i) {
        auto done = write_file_atomically(folder / "f", as_bytes(contents[w]));
        if (!done && done.error().kind != ErrorKind::conflict) ++odd_errors;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  CHECK(odd_errors == 0);
  CHECK(std::ranges::count(contents, text_of(folder / "f")) == 1);
}

TEST_CASE("a writer killed at any moment leaves the old content or the new, whole") {
  TemporaryFolder folder;
  std::string one(200000, '1'), two(150000, '2');
  REQUIRE(write_file_atomically(folder / "f", as_bytes(one)));
  Splitmix random(7);
  for (int i = 0; i < 40; ++i) {
    pid_t child = fork();
    if (child == 0) {
      for (bool well = true; well;)
        well = write_file_atomically(folder / "f", as_bytes(two)) &&
               write_file_atomically(folder / "f", as_bytes(one));
      _exit(1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(5000)));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    std::string now = text_of(folder / "f");
    CHECK((now == one || now == two));
  }
  CHECK(list_folder(folder.path())->size() <= 2);
}

TEST_CASE("folders are made with all above them, listed in order and files removed") {
  TemporaryFolder folder;
  REQUIRE(make_folder(folder / "a/b/c"));
  REQUIRE(make_folder(folder / "a/b/c"));
  for (const char* name : {"z", "m", "a"})
    REQUIRE(write_file_atomically(folder / ("a/b/c/") + name, Bytes{}));
  CHECK(list_folder(folder / "a/b/c").value() == std::vector<std::string>{"a", "m", "z"});
  REQUIRE(remove_file(folder / "a/b/c/m"));
  CHECK(remove_file(folder / "a/b/c/m").error().kind == ErrorKind::not_found);
  CHECK_FALSE(make_folder(folder / "a/b/c/z"));
  CHECK(folder_of("x") == ".");
  CHECK(folder_of("/x") == "/");
  CHECK(folder_of("/x/y/") == "/x");
}

TEST_CASE("a folder is removed with all that is in it, and one that is absent is well") {
  TemporaryFolder folder;
  REQUIRE(make_folder(folder / "a/b"));
  REQUIRE(write_file_atomically(folder / "a/b/c", Bytes{}));
  REQUIRE(write_file_atomically(folder / "d", Bytes{}));
  REQUIRE(remove_folder(folder / "a"));
  CHECK(list_folder(folder.path()).value() == std::vector<std::string>{"d"});
  CHECK(remove_folder(folder / "a"));
}

TEST_CASE("a file is made once, and what another library wrote is moved into its place") {
  TemporaryFolder folder;
  std::string made = folder / "made", place = folder / "place";
  REQUIRE(make_file(made, 0600));
  REQUIRE(write_file_atomically(made, as_bytes("new")));
  REQUIRE(make_file(made, 0600));
  REQUIRE(write_file_atomically(place, as_bytes("old")));
  REQUIRE(move_into_place(made, place));
  CHECK(as_text(read_file(place, 10).value()) == "new");
  CHECK(list_folder(folder.path()).value() == std::vector<std::string>{"place"});
  CHECK(move_into_place(made, place).error().kind == ErrorKind::not_found);
  CHECK(make_file(folder / "no/such", 0600).error().kind == ErrorKind::not_found);
}

TEST_CASE("a state folder has one owner, until the owner's lock goes") {
  TemporaryFolder folder;
  {
    auto lock = FolderLock::take(folder.path());
    REQUIRE(lock.has_value());
    auto second = FolderLock::take(folder.path());
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().kind == ErrorKind::conflict);
    CHECK(second.error().what.find(std::to_string(getpid())) != std::string::npos);
  }
  CHECK(FolderLock::take(folder.path()).has_value());
}

}  // namespace
}  // namespace zw
