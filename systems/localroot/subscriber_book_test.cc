#include "localroot/subscriber_book.h"

#include <doctest/doctest.h>

using namespace zw;
using namespace zw::localroot;

namespace {

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }
Name name(std::string_view text) { return *Name::parse(text); }

TsigKey key(std::string_view key_name) {
  return *TsigKey::make(name(key_name), TsigAlgorithm::hmac_sha256, as_bytes("0123456789abcdef"));
}

// Subscribers by number, of whom each has an address and may have a key.
struct Story {
  explicit Story(std::initializer_list<std::pair<std::string_view, const TsigKey*>> subscribers) {
    for (const auto& [address, key] : subscribers) add(address, key);
  }
  void add(std::string_view address, const TsigKey* key = nullptr) {
    book.add(all.size());
    all.push_back({ip(address), {all.size(), key}});
  }
  std::optional<Milliseconds> note(const Fetch& fetch, Milliseconds now) {
    std::vector<SubscriberBook::Candidate> there;
    for (const auto& [address, candidate] : all)
      if (address == fetch.from) there.push_back(candidate);
    return book.note(fetch, there, now);
  }
  SubscriberBook book;
  std::vector<std::pair<IpAddress, SubscriberBook::Candidate>> all;
};

constexpr Milliseconds at(int ms) { return Milliseconds(ms); }

}  // namespace

TEST_CASE(
    "what a subscriber holds is what it says or was sent, and its lag begins with the first that it lacks") {
  Story story{{"192.0.2.1", nullptr}, {"192.0.2.2", nullptr}};
  SubscriberBook& book = story.book;
  CHECK_FALSE(book.lag(0, at(0)));
  book.published(Serial(5), at(1'000));
  CHECK_FALSE(book.lag(0, at(1'000)));
  CHECK_FALSE(story.note({ip("192.0.2.1"), {}, Serial(4), {}}, at(1'500)));
  CHECK(book.lag(0, at(3'000)) == at(2'000));
  CHECK(story.note({ip("192.0.2.1"), {}, Serial(4), Serial(5)}, at(3'500)) == at(2'500));
  CHECK(book.lag(0, at(9'000)) == at(0));
  CHECK_FALSE(story.note({ip("192.0.2.1"), {}, {}, Serial(5)}, at(9'500)));  // once more
  CHECK(book.facts(0).fetches == 2);
  book.published(Serial(6), at(10'000));
  book.published(Serial(7), at(20'000));
  CHECK(book.lag(0, at(21'000)) == at(11'000));
  CHECK(story.note({ip("192.0.2.1"), {}, Serial(5), Serial(6)}, at(22'000)) ==
        at(12'000));  // published meanwhile
  CHECK(book.lag(0, at(23'000)) == at(3'000));
  CHECK_FALSE(book.lag(1, at(23'000)));
  auto spread = book.spread(at(23'000));
  CHECK((spread.current == 0 && spread.behind == 1 && spread.unknown == 1));
  CHECK(spread.lag_median == at(3'000));
}

TEST_CASE("serials are compared as RFC 1982 has it, and one that we never had is behind all") {
  Story story{{"192.0.2.1", nullptr}};
  SubscriberBook& book = story.book;
  book.published(Serial(0xffffffff), at(0));
  book.published(Serial(1), at(1'000));
  story.note({ip("192.0.2.1"), {}, Serial(0xffffffff), {}}, at(1'000));
  CHECK(book.lag(0, at(1'500)) == at(500));
  story.note({ip("192.0.2.1"), {}, Serial(0xfffffff0), {}}, at(1'500));
  CHECK(book.lag(0, at(1'500)) == at(1'500));
  CHECK_FALSE(story.note({ip("192.0.2.1"), {}, {}, Serial(77)}, at(2'000)));  // of another run of ours
}

TEST_CASE("several at one address are told apart by their keys, where they can be") {
  TsigKey one = key("one."), two = key("two.");
  Story story{{"192.0.2.1", &one}, {"192.0.2.1", &two}, {"192.0.2.1", nullptr}};
  SubscriberBook& book = story.book;
  book.published(Serial(5), at(0));
  auto holds = [&](std::size_t i) { return book.facts(i).held == Serial(5); };
  story.note({ip("192.0.2.1"), name("TWO."), Serial(5), {}}, at(1));
  CHECK((!holds(0) && holds(1) && !holds(2)));
  story.note({ip("192.0.2.1"), {}, Serial(5), {}}, at(1));
  CHECK((!holds(0) && holds(2)));
  story.note({ip("192.0.2.1"), name("other."), Serial(5), {}}, at(1));
  CHECK(holds(0));
  CHECK_FALSE(story.note({ip("192.0.2.9"), name("one."), {}, Serial(5)}, at(1)));
}

TEST_CASE("refusals are counted with the last reason, and say nothing of what is held") {
  Story story{{"192.0.2.1", nullptr}};
  SubscriberBook& book = story.book;
  story.note({ip("192.0.2.1"), {}, {}, {}, "not from here"}, at(1));
  story.note({ip("192.0.2.1"), {}, {}, {}, "only over TLS"}, at(2));
  CHECK(book.facts(0).refusals == 2);
  CHECK(book.facts(0).refusal == "only over TLS");
  CHECK_FALSE(book.facts(0).held);
}

TEST_CASE("the spread of a hundred subscribers has its percentiles, and old versions are forgotten") {
  Story story{};
  SubscriberBook& book = story.book;
  for (int i = 0; i < 100; ++i) story.add("10.0.0." + std::to_string(i));
  for (std::uint32_t i = 1; i <= 1'000; ++i) book.published(Serial(i), Milliseconds(i));
  for (std::uint32_t i = 0; i < 100; ++i)
    story.note({story.all[i].first, {}, Serial(1'000 - i), {}}, at(1'000));
  auto spread = book.spread(at(2'000));
  CHECK((spread.current == 1 && spread.behind == 99 && spread.unknown == 0));
  CHECK(spread.lag_median == at(1'048));  // the one that holds 951 has lacked 952 since then
  CHECK(spread.lag_p99 == at(1'097));
  story.note({story.all[0].first, {}, Serial(1), {}}, at(2'000));
  CHECK(book.lag(0, at(2'000)) == at(2'000 - (1'000 - 255)));
}

TEST_CASE("who goes is forgotten, and who comes into its place is not known yet") {
  Story story{{"192.0.2.1", nullptr}, {"192.0.2.2", nullptr}, {"192.0.2.3", nullptr}};
  SubscriberBook& book = story.book;
  book.published(Serial(5), at(0));
  for (std::size_t i = 0; i < 2; ++i) story.note({story.all[i].first, {}, {}, Serial(5)}, at(1));
  book.remove(0);
  auto spread = book.spread(at(2));
  CHECK((spread.current == 1 && spread.unknown == 1));
  book.add(0);
  CHECK_FALSE(book.facts(0).held);
  CHECK(book.facts(0).fetches == 0);
  CHECK(book.spread(at(2)).unknown == 2);
}
