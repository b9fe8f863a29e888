#include "localroot/portal/feed.h"

#include <condition_variable>
#include <mutex>

#include "localroot/portal/report_queue.h"
#include "localroot/portal/testing.h"
#include "localroot/portal/testing_histories.h"
#include "log/log.h"

namespace zw::localroot::portal {
namespace {

constexpr Act kAda{1}, kBob{2};

Address at(std::string_view text) { return *Address::parse(text, kDnsPort); }
ServerDraft draft_of(std::string_view address, ZoneId zone, std::optional<KeyId> key = {}) {
  return {"a server", {at(address)}, key, {{zone, NotifyPolicy::always}}};
}

// What an engine has after all that it was handed.
struct Engine {
  std::map<std::pair<Name, Address>, FeedTarget> told;
  PortalAccessPtr access;
  unsigned whole = 0;

  void take(const PortalNews& news) {
    if (news.whole) told.clear(), ++whole;
    access = news.access;
    for (const FeedChange& change : news.changes) {
      for (const Address& gone : change.gone) CHECK(told.erase({change.zone, gone}) == 1);
      for (const FeedTarget& target : change.told) told[{change.zone, target.address}] = target;
    }
  }
  bool tells(std::string_view address) const { return told.contains({Name(), at(address)}); }
};

template <typename Backend>
struct Fixture : PortalWorld<Backend> {
  Fixture() : PortalWorld<Backend>() { zone = this->store_.offer_zone("local", zone_named(".")).value(); }
  bool read() {
    auto news = reader.read();
    INFO((news ? "" : news.error().what));
    REQUIRE(news);
    if (*news) engine.take(**news);
    return news->has_value();
  }
  void fetch(std::string_view from, std::optional<NameView> key = {}) { report(from, key, {}); }
  void report(std::string_view from, std::optional<NameView> key, Report report) {
    auto asking = engine.access->asking(Name(), at(from).ip, key, this->database->now());
    REQUIRE(asking);
    report.asking = *asking;
    REQUIRE(this->store_.record({&report, 1}));
  }
  ZoneId zone = 0;
  FeedReader reader{*this->database};
  Engine engine;
};

STORE_TEST("an engine hears of what changes, and of nothing else") {
  NEED(Backend);
  Fixture<Backend> portal;
  CHECK(portal.read());
  CHECK(portal.engine.whole == 1);
  CHECK_FALSE(portal.read());
  ServerId server = portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)).value();
  CHECK(portal.read());
  CHECK(portal.engine.told.empty());
  CHECK(portal.engine.access->may_fetch(Name(), at("192.0.2.1").ip, {}));
  CHECK_FALSE(portal.engine.access->may_fetch(Name(), at("192.0.2.2").ip, {}));
  CHECK_FALSE(portal.engine.access->may_fetch(*Name::parse("example."), at("192.0.2.1").ip, {}));
  portal.fetch("192.0.2.1");
  CHECK(portal.read());
  CHECK(portal.engine.tells("192.0.2.1"));
  CHECK(portal.reader.book().told() == 1);
  portal.clock.pass(Seconds(60));
  portal.fetch("192.0.2.1");  // proves what is proven
  CHECK_FALSE(portal.read());
  REQUIRE(portal->enable_server(kAda, server, false));
  CHECK(portal.read());
  CHECK_FALSE(portal.engine.tells("192.0.2.1"));
  CHECK_FALSE(portal.engine.access->may_fetch(Name(), at("192.0.2.1").ip, {}));
  REQUIRE(portal->enable_server(kAda, server, true));
  CHECK(portal.read());
  CHECK(portal.engine.tells("192.0.2.1"));
  REQUIRE(portal->delete_server(kAda, server));
  CHECK(portal.read());
  CHECK(portal.engine.told.empty());
  CHECK(portal.reader.book().targets() == 0);
  CHECK(portal.engine.whole == 1);
}

STORE_TEST("an engine that starts hears what each server has, or has heard of") {
  NEED(Backend);
  Fixture<Backend> portal;
  ServerId server = portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)).value();
  portal.read();
  auto heard = [](FeedReader& reader, Engine& engine) {
    auto news = reader.read();
    REQUIRE(news);
    REQUIRE(*news);
    engine.take(**news);
    REQUIRE(engine.tells("192.0.2.1"));
    return engine.told.begin()->second.heard;
  };
  auto at_start = [&] {
    FeedReader reader(*portal.database);
    Engine engine;
    return heard(reader, engine);
  };
  using Kind = Report::Kind;
  portal.report("192.0.2.1", {}, {.kind = Kind::fetched, .serial = Serial(5)});
  CHECK(heard(portal.reader, portal.engine) == Serial(5));
  CHECK(at_start() == Serial(5));
  portal.report("192.0.2.1", {}, {.kind = Kind::told, .serial = Serial(6)});
  CHECK(at_start() == Serial(5));  // it did not answer
  portal.report("192.0.2.1", {}, {.kind = Kind::told, .serial = Serial(7), .outcome = {.answered = true}});
  CHECK(at_start() == Serial(7));
  portal.clock.pass(Seconds(1));
  portal.report("192.0.2.1", {}, {.kind = Kind::fetched, .serial = Serial(8)});
  CHECK(at_start() == Serial(8));
  // Who was away comes back with what is known by then.
  REQUIRE(portal->enable_server(kAda, server, false));
  portal.read();
  portal.report("192.0.2.1", {}, {.kind = Kind::asked, .serial = Serial(9)});
  REQUIRE(portal->enable_server(kAda, server, true));
  CHECK(heard(portal.reader, portal.engine) == Serial(9));
}

STORE_TEST("an engine signs by the secret that proved, through a rotation and its end") {
  NEED(Backend);
  Fixture<Backend> portal;
  PortalKey key = portal->add_key(kAda, {"north"}).value();
  REQUIRE(portal->add_server(kAda, draft_of("192.0.2.1", portal.zone, key.id)));
  portal.read();
  Name old_name = *Name::parse(key.secrets.front().name);
  const TsigKeyring& ring = portal.engine.access->keys.ring_for(old_name);
  REQUIRE(ring.find(old_name, TsigAlgorithm::hmac_sha256));
  CHECK(constant_time_equal(ring.find(old_name, TsigAlgorithm::hmac_sha256)->secret(),
                            key.secrets.front().value));
  CHECK(portal.engine.access->may_fetch(Name(), at("192.0.2.7").ip, old_name));
  CHECK_FALSE(portal.engine.access->may_fetch(Name(), at("192.0.2.1").ip, {}));
  portal.fetch("192.0.2.1", old_name);
  portal.read();
  REQUIRE(portal.engine.tells("192.0.2.1"));
  CHECK(portal.engine.told.begin()->second.key->tsig.name() == old_name);
  PortalKey rotated = portal->rotate_key(kAda, key.id).value();
  portal.read();
  Name new_name = *Name::parse(rotated.secrets.front().name);
  CHECK(portal.engine.access->keys.size() == 2);
  portal.clock.pass(Seconds(1));
  portal.fetch("192.0.2.1", new_name);
  portal.read();
  CHECK(portal.engine.told.begin()->second.key->tsig.name() == new_name);
  REQUIRE(portal->end_rotation(kAda, key.id));
  portal.read();
  CHECK(portal.engine.tells("192.0.2.1"));
  CHECK(portal.engine.access->keys.size() == 1);
  CHECK_FALSE(portal.engine.access->keys.find(old_name));
}

STORE_TEST("one message goes to a place that several claim, and to whom the next claim is left") {
  NEED(Backend);
  Fixture<Backend> portal;
  ServerId first = portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)).value();
  ServerId second = portal->add_server(kBob, draft_of("192.0.2.1", portal.zone)).value();
  portal.read();
  portal.fetch("192.0.2.1");
  portal.read();
  CHECK(portal.engine.told.size() == 1);
  TargetId told = portal.engine.told.begin()->second.id;
  CHECK(told == portal->server(1, first)->targets.front().id);
  REQUIRE(portal->delete_server(kAda, first));
  portal.read();
  CHECK(portal.engine.told.size() == 1);
  CHECK(portal.engine.told.begin()->second.id == portal->server(2, second)->targets.front().id);
}

STORE_TEST("an engine that was away for long reads all anew") {
  NEED(Backend);
  Fixture<Backend> portal;
  ServerId server = portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)).value();
  portal.read();
  REQUIRE(portal->delete_server(kAda, server));
  portal.clock.pass(Seconds(8 * 86'400));
  REQUIRE(portal->tidy());
  CHECK(portal->add_server(kAda, draft_of("192.0.2.2", portal.zone)));
  CHECK(portal.read());
  CHECK(portal.engine.whole == 2);
  CHECK(portal.reader.book().targets() == 1);
  CHECK_FALSE(portal.engine.access->may_fetch(Name(), at("192.0.2.1").ip, {}));
}

STORE_TEST("a zone that is not offered any more is told to nobody") {
  NEED(Backend);
  Fixture<Backend> portal;
  REQUIRE(portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)));
  portal.read();
  portal.fetch("192.0.2.1");
  portal.read();
  PortalZone root = zone_named(".");
  root.offered = false;
  REQUIRE(portal->offer_zone("local", root));
  portal.read();
  CHECK(portal.engine.told.empty());
  CHECK_FALSE(portal.engine.access->may_fetch(Name(), at("192.0.2.1").ip, {}));
  root.offered = true;
  REQUIRE(portal->offer_zone("local", root));
  portal.read();
  CHECK(portal.engine.tells("192.0.2.1"));
}

TEST_CASE("engines share the telling, and leave nobody out") {
  std::size_t at_first = 0;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    std::uint8_t octets[] = {198, 51, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    IpAddress ip = IpAddress::v4(octets);
    unsigned takers = 0;
    for (unsigned number = 0; number < 3; ++number) takers += FeedShare{number, 3}.has(ip);
    CHECK(takers == 1);
    at_first += FeedShare{0, 3}.has(ip);
  }
  CHECK(at_first > 900);
  CHECK(at_first < 1100);
}

// ---- threads

class WaitingEngine final : public PortalEngine {
 public:
  void take(PortalNews news) override {
    std::lock_guard lock(mutex_);
    engine_.take(news);
    heard_.notify_all();
  }
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return heard_.wait_for(lock, Seconds(20), [&] { return condition(engine_); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable heard_;
  Engine engine_;
};

STORE_TEST("what subscribers do comes to the store and back to the engine by itself") {
  NEED(Backend);
  Fixture<Backend> portal;
  Logger log(portal.clock, {LogLevel::error});
  WaitingEngine engine;
  PortalFeed feed(portal.store_, engine, log);
  REQUIRE(engine.wait([](const Engine& one) { return one.whole == 1; }));
  REQUIRE(portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)));
  REQUIRE(
      engine.wait([](const Engine& one) { return one.access->may_fetch(Name(), at("192.0.2.1").ip, {}); }));
  {
    ReportQueue queue(portal.store_, log);
    Report report;
    report.asking = {at("192.0.2.1").ip, portal.zone, false, 0, 0, portal.database->now()};
    queue.add(report);
    CHECK(engine.wait([](const Engine& one) { return one.tells("192.0.2.1"); }));
    CHECK(queue.dropped() == 0);
    report.asking.from = at("192.0.2.2").ip;
    queue.add(report);
  }  // writes what waits
  CHECK(portal->servers(1, 0, 5)->front().active == 1);
}

TEST_CASE("reports wait in a bounded space, of each asker the newest") {
  ReportBuffer buffer(2);
  Report report;
  report.asking.from = at("192.0.2.1").ip;
  report.serial = Serial(1);
  CHECK(buffer.add(report));
  report.serial = Serial(2);
  CHECK(buffer.add(report));
  CHECK(buffer.size() == 1);
  report.kind = Report::Kind::told;
  CHECK(buffer.add(report));
  report.asking.from = at("192.0.2.2").ip;
  CHECK_FALSE(buffer.add(report));
  auto first = buffer.take(1);
  REQUIRE(first.size() == 1);
  CHECK(first.front().kind == Report::Kind::fetched);
  CHECK(first.front().serial == Serial(2));
  CHECK(buffer.take(10).size() == 1);
  CHECK(buffer.take(10).empty());
}

TEST_CASE("a transfer says what a question for the SOA says, in whatever order they come") {
  using Kind = Report::Kind;
  for (Kind first : {Kind::asked, Kind::fetched}) {
    ReportBuffer buffer(2);
    Report report;
    report.asking.from = at("192.0.2.1").ip;
    for (Kind kind : {first, first == Kind::asked ? Kind::fetched : Kind::asked}) {
      report.kind = kind;
      report.serial = Serial(kind == Kind::fetched ? 2 : 1);
      CHECK(buffer.add(report));
    }
    auto taken = buffer.take(10);
    REQUIRE(taken.size() == 1);
    CHECK(taken.front().kind == Kind::fetched);
    CHECK(taken.front().serial == Serial(2));
  }
}

TEST_CASE("whatever comes and is taken, the buffer has of each the newest, in the order in which they came") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Splitmix dice(seed);
    ReportBuffer buffer(50);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> expected;  // who, and what it reported last
    for (std::uint32_t event = 0; event < 2'000; ++event) {
      if (dice.below(20) == 0) {
        auto taken = buffer.take(dice.below(30));
        REQUIRE(taken.size() <= expected.size());
        for (std::size_t i = 0; i < taken.size(); ++i) CHECK(taken[i].serial == Serial(expected[i].second));
        expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(taken.size()));
      }
      std::uint64_t who = dice.below(80);
      Report report;
      report.kind = who % 2 ? Report::Kind::told : Report::Kind::fetched;
      report.asking.from = at(fmt::format("192.0.2.{}", who / 4)).ip;
      report.port = 53;
      report.asking.secret = static_cast<SecretId>(who / 2 % 2);
      report.serial = Serial(event);
      auto known = std::ranges::find(expected, who, &std::pair<std::uint64_t, std::uint32_t>::first);
      bool fits = known != expected.end() || expected.size() < 50;
      CHECK(buffer.add(report) == fits);
      if (known != expected.end())
        known->second = event;
      else if (fits)
        expected.emplace_back(who, event);
      REQUIRE(buffer.size() == expected.size());
    }
  }
}

STORE_TEST(
    "what becomes of NOTIFY is noted of all who are told, however many and however slow the database") {
  NEED(Backend);
  Fixture<Backend> portal;
  REQUIRE(portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)));
  Logger log(portal.clock, {}, [](std::string_view) {});
  ReportQueue queue(portal.store_, log, {.most = 10, .pause = Milliseconds(60'000)});
  Report report;
  auto tell = [&](std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      report.asking.from = IpAddress::v4(
          std::array<std::uint8_t, 4>{10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}
              .data());
      for (auto kind : {Report::Kind::told, Report::Kind::asked, Report::Kind::fetched}) {
        report.kind = kind;
        queue.add(report);
      }
    }
  };
  tell(30);
  CHECK(queue.dropped() > 0);
  std::uint64_t before = queue.dropped();
  queue.expect(200);
  tell(200);
  CHECK(queue.dropped() == before);
}

// ---- histories

// The store and the feed as histories use them.
template <typename Backend>
class StoreSubject final : public HistorySubject {
 public:
  StoreSubject() {
    for (std::string_view name : {".", "example."}) REQUIRE(portal_->offer_zone("local", zone_named(name)));
  }
  KeyId add_key(AccountId account) override { return portal_->add_key({account}, {"key"}).value().id; }
  SecretId newest_secret(KeyId key) override {
    for (AccountId account = 1; account <= 4; ++account) {
      auto keys = portal_->keys(account).value();
      auto same = std::ranges::find(keys, key, &PortalKey::id);
      if (same == keys.end()) continue;
      key_of_[same->secrets.front().id] = key;
      return same->secrets.front().id;
    }
    return 0;
  }
  Result<void> rotate(AccountId account, KeyId key, Timestamp ends) override {
    auto overlap = std::chrono::duration_cast<Seconds>(ends - portal_.database->now());
    auto done = portal_->rotate_key({account}, key, {{}, overlap});
    if (!done) return fail(done.error());
    return {};
  }
  Result<void> end_rotation(AccountId account, KeyId key) override {
    return portal_->end_rotation({account}, key);
  }
  Result<void> delete_key(AccountId account, KeyId key) override {
    return portal_->delete_key({account}, key);
  }
  Result<ServerId> add_server(AccountId account, const ServerDraft& draft) override {
    return portal_->add_server({account}, draft);
  }
  Result<void> edit_server(AccountId account, ServerId server, const ServerDraft& draft) override {
    return portal_->edit_server({account}, server, draft);
  }
  Result<void> enable(AccountId account, ServerId server, bool enabled) override {
    return portal_->enable_server({account}, server, enabled);
  }
  Result<void> delete_server(AccountId account, ServerId server) override {
    return portal_->delete_server({account}, server);
  }
  void fetched(const IpAddress& from, ZoneId zone, SecretId secret, Timestamp when) override {
    report(Report::Kind::fetched, from, zone, secret, when);
  }
  void asked_soa(const IpAddress& from, ZoneId zone, SecretId secret, Timestamp when) override {
    report(Report::Kind::asked, from, zone, secret, when);
  }
  std::vector<Message> publish(ZoneId zone, Timestamp) override {
    REQUIRE(portal_->tidy());
    auto news = reader_.read();
    REQUIRE(news);
    if (*news) engine_.take(**news);
    std::vector<Message> out;
    for (const auto& [place, target] : engine_.told)
      if (engine_.access->find_zone(place.first) == zone)
        out.push_back({place.second, zone, target.key ? target.key->ids.secret : 0, target.id});
    return out;
  }
  void outcome(const Message& message, bool answered, Timestamp told_at) override {
    Report report;
    report.kind = Report::Kind::told;
    report.asking = asking(message.to.ip, message.zone, message.secret, told_at);
    report.port = message.to.port;
    report.outcome.answered = answered;
    REQUIRE(portal_.store_.record({&report, 1}));
  }
  void pass(Timestamp now) override {
    portal_.clock.pass(std::chrono::duration_cast<Seconds>(now - portal_.database->now()));
  }

 private:
  Asking asking(const IpAddress& from, ZoneId zone, SecretId secret, Timestamp when) {
    return {from, zone, secret != 0, secret ? key_of_[secret] : 0, secret, when};
  }
  void report(Report::Kind kind, const IpAddress& from, ZoneId zone, SecretId secret, Timestamp when) {
    Report report;
    report.kind = kind;
    report.asking = asking(from, zone, secret, when);
    REQUIRE(portal_.store_.record({&report, 1}));
  }

  PortalWorld<Backend> portal_{PortalSettings()};
  FeedReader reader_{*portal_.database};
  Engine engine_;
  std::map<SecretId, KeyId> key_of_;
};

STORE_TEST("histories through store and feed send no message to who was not proven") {
  NEED(Backend);
  History::Counts counts;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    StoreSubject<Backend> subject;
    History(seed, subject, counts).run(60);
  }
  INFO(counts.first_fault);
  CHECK(counts.wrong == 0);
  CHECK(counts.messages > 50);
}

}  // namespace
}  // namespace zw::localroot::portal
