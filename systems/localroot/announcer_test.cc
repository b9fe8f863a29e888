#include "localroot/announcer.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "net/socket.h"
#include "os/clock.h"
#include "zone/reader.h"

using namespace zw;
using namespace zw::localroot;

namespace {

const WallTime kBegin = *parse_time("2026-08-01T00:00:00Z");
constexpr Seconds kDay{86'400};

class SetClock final : public Clock {
 public:
  WallTime wall() const override { return now; }
  Milliseconds steady() const override { return system_.steady(); }
  WallTime now = kBegin;

 private:
  SystemClock system_;
};

// Signed for 12 days from this time on.
ZonePtr version(std::uint32_t serial, WallTime inception) {
  std::string text = fmt::format(
      "example. 300 SOA ns host {} 1 1 1 1\nexample. 300 RRSIG SOA 13 1 300 {} {} 1 example. AAAA\n", serial,
      (inception + 12 * kDay).time_since_epoch().count(), inception.time_since_epoch().count());
  ZonePtr zone = read_zone(text, "z").zone;
  REQUIRE(zone);
  return zone;
}

// Subscribers of all policies, in their order, who never answer.
struct Story {
  Story() {
    for (std::uint8_t group = 0; group < kNotifyPolicies; ++group) {
      NotifyTarget& target = targets.emplace_back();
      target.address = *Address::parse(fmt::format("127.0.0.{}@9", group + 1), 53);
      target.group = group;
    }
    start();
  }
  void start() {
    announcer.emplace(AnnouncerWorld{*loop, clock, random, log, lines, metrics, budget},
                      *Name::parse("example."), targets, [this](const Announcer::Told& told) {
                        ended += fmt::format("{} {} {} {}; ", told.address.print(), told.serial.value(),
                                             told.answered ? print(told.rcode) : print(told.fault),
                                             told.key ? print(told.key->name()) : "unsigned");
                      });
  }
  ZoneStatus status() const {
    ZoneStatus out;
    announcer->show(out);
    return out;
  }
  void turn(int times = 5) {
    for (int i = 0; i < times; ++i) loop->run_once(Milliseconds(5));
  }
  // Who had a message since the last call, by the numbers of the policies.
  std::string told() {
    turn();
    ZoneStatus now = status();
    std::string out;
    for (std::size_t i = 0; i < kNotifyPolicies; ++i) {
      if (now.subscribers[i].sent > sent[i]) out += std::to_string(i);
      sent[i] = now.subscribers[i].sent;
    }
    return out;
  }
  std::unique_ptr<Loop> loop = std::move(*Loop::make());
  SetClock clock;
  Splitmix random{1};
  Logger log{clock, {}, [](std::string_view) {}};
  LogRate lines{10, Milliseconds(1)};
  Metrics metrics{1};
  EgressBudget budget;
  std::vector<NotifyTarget> targets;
  std::optional<Announcer> announcer;
  std::array<std::uint64_t, kNotifyPolicies> sent{};
  std::string ended;  // what became of what was told
};

Address address(std::string_view text) { return *Address::parse(text, 53); }

// Answers each NOTIFY.
struct Sink final : Watcher {
  explicit Sink(Loop& of) : loop(of), fd(std::move(*open_udp_server(address("127.0.0.1@0")))) {
    REQUIRE(loop.watch(fd.get(), EPOLLIN, *this));
  }
  ~Sink() { loop.unwatch(fd.get(), *this); }
  void ready(std::uint32_t) override {
    std::array<std::uint8_t, 2'000> message;
    SocketAddress from;
    from.size = sizeof from.v6;
    ssize_t got = recvfrom(fd.get(), message.data(), message.size(), 0, &from.any, &from.size);
    if (got < 12) return;
    ++told;
    message[2] |= 0x80;
    sendto(fd.get(), message.data(), static_cast<std::size_t>(got), 0, &from.any, from.size);
  }
  Loop& loop;
  Descriptor fd;
  int told = 0;
};

}  // namespace

TEST_CASE("a version is told to the policies that it concerns, and a withheld one at the deadline") {
  Story story;
  story.announcer->published(version(1, kBegin), {true, true}, 100, 1000);
  CHECK(story.told() == "01234");
  story.clock.now = kBegin + kDay;
  story.announcer->published(version(2, story.clock.now), {false, false}, 100, 1000);
  CHECK(story.told() == "0");
  story.announcer->check_deadlines();
  CHECK(story.told().empty());
  story.clock.now = kBegin + 4 * kDay - Seconds(1);
  story.announcer->check_deadlines();
  CHECK(story.told().empty());
  story.clock.now = kBegin + 4 * kDay;
  story.announcer->check_deadlines();
  CHECK(story.told() == "234");
  story.announcer->check_deadlines();
  CHECK(story.told().empty());
  CHECK(story.announcer->announced() == Serial(2));
}

TEST_CASE("the budget is charged with a step for who has the version before, else with the zone") {
  for (bool change : {false, true}) {
    Story story;
    story.budget.set(8'000'000);  // a megabyte a second
    story.announcer->published(version(1, kBegin), {true, true}, 1, 1);
    REQUIRE(story.told() == "01234");
    // Of a step that is as good as nothing all can be told, of a zone of ten seconds one.
    story.announcer->published(version(2, kBegin), {change, false}, 1, 10'000'000);
    CHECK(story.told().size() == 1);
    CHECK(story.budget.is_open(story.loop->now()) == !change);
  }
}

TEST_CASE("subscribers come and go, beside those of the configuration, which come first and stay") {
  Story story;
  Sink sink(*story.loop);
  const Address at_sink = *local_address(sink.fd.get());
  const NotifyTarget sunk{.address = at_sink};
  const NotifyTarget configured = story.targets.front();
  story.announcer->published(version(1, kBegin), {true, true}, 1, 1);
  story.turn();
  story.announcer->change(std::vector{sunk, configured}, {});
  CHECK(story.status().notify.targets == 6);
  CHECK(story.status().subscribers[5].address == at_sink.print());
  story.turn();
  CHECK(sink.told == 0);  // it has this version
  story.announcer->published(version(2, kBegin), {true, true}, 1, 1);
  for (int i = 0; i < 500 && story.ended.empty(); ++i) story.turn(1);
  CHECK(sink.told == 1);
  CHECK(story.ended == at_sink.print() + " 2 NOERROR unsigned; ");
  story.announcer->heard({at_sink.ip, {}, {}, Serial(2)});
  CHECK(story.status().subscribers[5].fetches == 1);
  CHECK(story.status().subscribers[0].fetches == 1);  // one address, which nothing tells apart
  CHECK(story.announcer->dynamic().size() == 1);

  story.announcer->change({}, std::vector{at_sink, configured.address, address("192.0.2.1")});
  CHECK(story.status().notify.targets == 5);
  CHECK(story.announcer->dynamic().empty());
  story.announcer->published(version(3, kBegin), {true, true}, 1, 1);
  story.turn();
  CHECK(sink.told == 1);
  story.announcer->change(std::vector{sunk}, {});
  CHECK(story.status().subscribers[5].sent == 0);  // nothing is known of who comes again
  CHECK(story.status().subscribers[5].fetches == 0);
  story.announcer->forget_dynamic();
  CHECK(story.status().subscribers.size() == 5);
}

TEST_CASE("who came before the first version is told of it, and hands on to the next announcer") {
  Story story;
  Sink sink(*story.loop);
  auto key = std::make_shared<const TsigKey>(
      *TsigKey::make(*Name::parse("k."), TsigAlgorithm::hmac_sha256, as_bytes("0123456789abcdef")));
  story.announcer->change(
      std::vector{NotifyTarget{.address = *local_address(sink.fd.get())},
                  NotifyTarget{.address = address("127.0.0.7@9"), .key = key, .group = 2}},
      {});
  std::vector<NotifyTarget> dynamic = story.announcer->dynamic();
  story.start();
  story.announcer->change(dynamic, {});
  story.announcer->published(version(1, kBegin), {true, true}, 1, 1);
  for (int i = 0; i < 500 && story.ended.empty(); ++i) story.turn(1);
  CHECK(sink.told == 1);
  CHECK(story.status().notify.told == 7);
  REQUIRE(dynamic.size() == 2);
  CHECK((dynamic[1].key == key && dynamic[1].group == 2 && dynamic[1].address == address("127.0.0.7@9")));
}

TEST_CASE(
    "who comes and has not heard of the version is told of it at once, who has is not, also after a reload") {
  Story story;
  Sink behind(*story.loop), level(*story.loop);
  const Address at_behind = *local_address(behind.fd.get()), at_level = *local_address(level.fd.get());
  story.announcer->published(version(7, kBegin), {true, true}, 1, 1);
  story.turn();
  story.announcer->change(std::vector{NotifyTarget{.address = at_behind, .heard = Serial(6)},
                                      NotifyTarget{.address = at_level, .heard = Serial(7)}},
                          {});
  for (int i = 0; i < 500 && story.ended.empty(); ++i) story.turn(1);
  CHECK(story.ended == at_behind.print() + " 7 NOERROR unsigned; ");
  CHECK(behind.told == 1);
  // What is the same again changes nothing.
  story.announcer->change(std::vector{NotifyTarget{.address = at_behind, .heard = Serial(6)}}, {});
  story.turn();
  CHECK(behind.told == 1);

  std::vector<NotifyTarget> dynamic = story.announcer->dynamic();
  story.start();
  story.announcer->change(dynamic, {});
  story.announcer->published(version(7, kBegin), {true, true}, 1, 1);
  story.turn(20);
  CHECK(behind.told == 1);
  CHECK(level.told == 0);
  story.announcer->published(version(8, kBegin), {true, true}, 1, 1);
  for (int i = 0; i < 500 && behind.told + level.told < 3; ++i) story.turn(1);
  CHECK(behind.told == 2);
  CHECK(level.told == 1);
  // What it fetches it has heard of, whatever it answers.
  story.announcer->heard({at_level.ip, {}, {}, Serial(9)});
  for (const NotifyTarget& target : story.announcer->dynamic()) CHECK(target.heard == Serial(9));
}

TEST_CASE("a status shows the configured ones and no more than it may of the others") {
  Story story;
  std::vector<NotifyTarget> many;
  for (std::uint16_t port = 1; port <= Announcer::kMostShown + 10; ++port)
    many.push_back({.address = {IpAddress::v4(std::array<std::uint8_t, 4>{127, 0, 0, 77}.data()), port}});
  story.announcer->change(many, {});
  std::vector<Address> gone;
  for (std::size_t i = 0; i < 500; ++i) gone.push_back(many[i].address);
  CHECK(story.status().subscribers.size() == Announcer::kMostShown);
  story.announcer->change({}, gone);
  ZoneStatus status = story.status();
  CHECK(status.notify.targets == 515);
  REQUIRE(status.subscribers.size() == 515);
  CHECK(status.subscribers[0].address == story.targets[0].address.print());
  CHECK(status.subscribers[5].address == many[500].address.print());
}
