#include "net/frames.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace zw {
namespace {

struct Stream {
  std::vector<Buffer> messages;
  Buffer octets;

  Stream(Splitmix& random, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t size = random.below(4) == 0 ? 0 : random.below(random.below(9) == 0 ? 65536 : 300);
      messages.emplace_back(size);
      random.fill(messages.back());
      append_frame(octets, messages.back());
    }
  }
};

TEST_CASE("messages are the same however the stream is cut, byte by byte as well") {
  Splitmix random(9);
  for (int round = 0; round < 30; ++round) {
    Stream stream(random, 20);
    FrameReader reader;
    std::vector<Buffer> got;
    Bytes rest = stream.octets;
    while (!rest.empty()) {
      std::size_t n = round == 0 ? 1 : std::min<std::size_t>(rest.size(), 1 + random.below(5000));
      reader.feed(rest.first(n), [&](Bytes message) {
        got.emplace_back(message.begin(), message.end());
        return true;
      });
      rest = rest.subspan(n);
    }
    CHECK(got == stream.messages);
    CHECK_FALSE(reader.begun());
  }
}

TEST_CASE("messages that are not taken wait, in order, for the next call") {
  Splitmix random(10);
  Stream stream(random, 40);
  FrameReader reader;
  std::vector<Buffer> got;
  auto take = [&](Bytes message) {
    got.emplace_back(message.begin(), message.end());
    return random.below(3) != 0;
  };
  reader.feed(Bytes(stream.octets).first(stream.octets.size() - 1), take);
  reader.feed(Bytes(stream.octets).last(1), take);
  while (reader.waiting()) reader.feed({}, take);
  CHECK(got == stream.messages);
}

TEST_CASE("what a length announces costs nothing until it comes, and is known early") {
  FrameReader reader;
  auto never = [](Bytes) -> bool {
    FAIL("no message is whole");
    return true;
  };
  reader.feed(Buffer{0xff}, never);
  CHECK(reader.begun());
  CHECK(reader.announced() == 0);
  reader.feed(Buffer{0xff, 1, 2}, never);
  CHECK(reader.announced() == 65535);
  CHECK_FALSE(reader.waiting());
}

}  // namespace
}  // namespace zw
