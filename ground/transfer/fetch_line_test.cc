#include "transfer/fetch_line.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace zw;
using Urgency = FetchLine::Urgency;

namespace {

struct Story {
  void enter(char who, Urgency urgency = Urgency::new_zone, int port = 53) {
    places[who].enter(&line, {*IpAddress::parse("127.0.0.1"), static_cast<std::uint16_t>(port)}, urgency,
                      [this, who] { gone += who; });
  }
  // What was posted is done.
  void run() {
    loop->post([this] { loop->stop(); });
    loop->run();
  }

  std::unique_ptr<Loop> loop = std::move(*Loop::make());
  FetchLine line{*loop, 2};
  std::map<char, FetchLine::Place> places;
  std::string gone;
};

}  // namespace

TEST_CASE("so many go at once, and the others in their order when one has ended") {
  Story story;
  for (char who : {'a', 'b', 'c', 'd'}) story.enter(who);
  CHECK(story.gone == "ab");
  story.places['a'].leave();
  CHECK(story.gone == "ab");
  story.run();
  CHECK(story.gone == "abc");
  story.places['c'].leave();
  story.places['b'].leave();
  story.run();
  CHECK(story.gone == "abcd");
}

TEST_CASE("updates go before zones that are new") {
  Story story;
  for (char who : {'a', 'b', 'c', 'd'}) story.enter(who);
  story.enter('e', Urgency::update);
  story.places['a'].leave();
  story.places['b'].leave();
  story.run();
  CHECK(story.gone == "abec");
}

TEST_CASE("each primary has a line of its own") {
  Story story;
  for (char who : {'a', 'b', 'c'}) story.enter(who);
  story.enter('d', Urgency::new_zone, 5300);
  CHECK(story.gone == "abd");
}

TEST_CASE("who goes away while waiting is not called, and takes no place") {
  Story story;
  for (char who : {'a', 'b', 'c', 'd'}) story.enter(who);
  story.places.erase('c');
  story.places.erase('a');
  story.run();
  CHECK(story.gone == "abd");
}

TEST_CASE("who enters again has one place, and without a line there is no waiting") {
  Story story;
  for (char who : {'a', 'b', 'c'}) story.enter(who);
  story.enter('a');
  CHECK(story.gone == "abc");
  story.places['b'].leave();
  story.run();
  CHECK(story.gone == "abca");
  story.places['z'].enter(nullptr, {}, Urgency::new_zone, [&] { story.gone += 'z'; });
  CHECK(story.gone == "abcaz");
}
