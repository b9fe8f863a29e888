#include "transfer/refresher.h"

#include "transfer/testing_primary.h"

using namespace zw;
using namespace zw::testing;

namespace {

/// Longer than a busy machine keeps the primary's thread waiting: no test fails since it was slow.
constexpr AskTimes kPatient{.udp = Milliseconds(5'000),
                            .connect = Milliseconds(5'000),
                            .idle = Milliseconds(5'000),
                            .overall = Milliseconds(20'000)};

/// For primaries that stay silent.
constexpr AskTimes kQuick = [] {
  AskTimes times = kPatient;
  times.udp = Milliseconds(60);
  return times;
}();

std::string_view word(RefreshEvent::Kind kind) {
  static constexpr std::string_view kWords[] = {"notified", "soa",       "no-soa", "begun",
                                                "current",  "failed",    "came",   "accepted",
                                                "refused",  "confirmed", "expired"};
  return kWords[static_cast<std::size_t>(kind)];
}

/// A secondary with a loop of its own, whose publisher takes everything that builds unless told otherwise.
struct Secondary final : ZonePublisher {
  explicit Secondary(std::vector<Primary> primaries, RefreshSettings timers = {}, AskTimes times = kPatient) {
    loop = *Loop::make();
    RefresherSettings settings{
        .zone = name("example."), .primaries = std::move(primaries), .timers = timers, .times = times};
    refresher.emplace(*loop, clock, random, settings, *this,
                      [this](const RefreshEvent& event) { note(event); });
  }
  void note(const RefreshEvent& event) {
    told += (told.empty() ? "" : " ") + std::string(word(event.kind));
    if (event.serial) told += ":" + std::to_string(event.serial->value());
    if (event.kind == RefreshEvent::Kind::transfer_failed) told += ":" + std::string(print(event.fault));
    if (!event.what.empty()) reason = event.what;
    last = event;
    log_event(logger, event);
  }
  void judge(Candidate candidate, std::function<void(CandidateVerdict)> verdict) override {
    Findings findings;
    auto built = candidate.records.build(findings);
    how.push_back(candidate.records.method);
    if (built && (!refuse || !refuse(**built))) published = *built;
    CandidateVerdict said = built && published == *built ? CandidateVerdict{*built, {}}
                            : built                      ? CandidateVerdict{nullptr, "not to our taste"}
                                                         : CandidateVerdict{nullptr, built.error().what};
    if (later)
      held = [verdict, said] { verdict(said); };
    else
      verdict(said);
  }
  void extend(Milliseconds left) override { granted = left; }
  void expire() override { expired = true; }

  /// Runs until the events end so, and then for as long as the loop has something to do at once.
  bool until(std::string_view end) {
    for (int i = 0; i < 500 && !told.ends_with(end); ++i) loop->run_once(Milliseconds(10));
    CHECK_MESSAGE(told.ends_with(end), told);
    return told.ends_with(end);
  }

  StoppedClock clock;
  Splitmix random{1};
  std::unique_ptr<Loop> loop;
  std::string lines;
  Logger logger{clock, {.least = LogLevel::debug}, [this](std::string_view line) { lines += line; }};
  std::string told, reason;
  RefreshEvent last;
  std::function<bool(const Zone&)> refuse;
  bool later = false;
  std::function<void()> held;
  ZonePtr published;
  std::vector<TransferMethod> how;
  Milliseconds granted{0};
  bool expired = false;
  std::optional<Refresher> refresher;
};

Primary at(const TestPrimary& primary, const TsigKey* key = nullptr) {
  return {.address = primary.address(), .key = key};
}

TsigKey key_of(std::string_view secret) {
  return *TsigKey::make(name("key.example."), TsigAlgorithm::hmac_sha256, as_bytes(secret));
}

/// A port at which nobody listens.
Address nobody() {
  Address at{*IpAddress::parse("127.0.0.1"), 0};
  auto fd = open_tcp_server(at);
  return *local_address(fd->get());
}

}  // namespace

TEST_CASE("a secondary without a copy fetches the zone at once") {
  TestPrimary primary({.zone = small_zone(5)});
  Secondary secondary({at(primary)});
  secondary.refresher->start(nullptr, {});
  secondary.until("begun came:5 accepted:5 confirmed");
  CHECK(dump(*secondary.published) == dump(*small_zone(5)));
  CHECK(primary.requests() == std::vector<std::string>{"tcp AXFR"});
  CHECK(secondary.granted == Seconds(604'800));
}

TEST_CASE("a secondary that is told of a new version has it; one that is current knows it by one question") {
  TestPrimary primary({.zone = small_zone(5)});
  Secondary secondary({at(primary)}, {.notify_pause = Milliseconds(0)});
  secondary.refresher->start(small_zone(5), Seconds(1000));
  secondary.until("soa:5 confirmed");
  CHECK(primary.requests() == std::vector<std::string>{"udp SOA"});
  primary.set([](Behaviour& with) { with.zone = small_zone(6, "new.example. A 192.0.2.6\n"); });
  secondary.refresher->notified(primary.address().ip);
  secondary.until("notified soa:6 begun came:6 accepted:6 confirmed");
  CHECK(dump(*secondary.published) == dump(*small_zone(6, "new.example. A 192.0.2.6\n")));
  CHECK(primary.requests() == std::vector<std::string>{"udp SOA", "udp SOA", "tcp IXFR"});
  CHECK(secondary.how == std::vector<TransferMethod>{TransferMethod::axfr});
  CHECK(secondary.lines.find("msg=\"transfer done\" zone=example. primary=") != std::string::npos);
}

TEST_CASE("the version before goes when the next one is published, be it fetched whole or as differences") {
  for (bool differences : {false, true}) {
    CAPTURE(differences);
    ZonePtr old = small_zone(5);
    std::weak_ptr<const Zone> before = old;
    TestPrimary primary({.zone = small_zone(6)});
    if (differences)
      primary.set([](Behaviour& with) {
        with.ixfr = [] { return Messages{Answer(RrType::IXFR).soa(6).soa(5).soa(6).soa(6)}; };
      });
    Secondary secondary({at(primary)});
    secondary.refresher->start(std::move(old), Seconds(1000));
    secondary.until("soa:6 begun came:6 accepted:6 confirmed");
    CHECK(before.expired());
  }
}

TEST_CASE("all of it works signed, and only with the right secret") {
  TsigKey key = key_of("0123456789abcdef"), other = key_of("fedcba9876543210");
  TsigKeyring keys;
  REQUIRE(keys.add(key));
  Behaviour behaviour{
      .zone = small_zone(5), .keys = &keys, .allowed = AccessList({{{}, name("key.example.")}})};
  TestPrimary primary(behaviour);
  Secondary good({at(primary, &key)}, {.notify_pause = Milliseconds(0)});
  good.refresher->start(small_zone(4), Seconds(1000));
  good.until("soa:5 begun came:5 accepted:5 confirmed");

  Secondary bad({at(primary, &other)});
  bad.refresher->start(small_zone(4), Seconds(1000));
  bad.until("no-soa");
  CHECK(bad.reason.find("BADSIG") != std::string::npos);

  Secondary unsigned_one({at(primary)});
  unsigned_one.refresher->start(nullptr, {});
  unsigned_one.until("begun failed:refused-by-rcode");
  CHECK(unsigned_one.reason == "the primary answers REFUSED: Prohibited");
}

TEST_CASE("when the first primary is down, the second is asked") {
  TestPrimary primary({.zone = small_zone(5)});
  Secondary secondary({{.address = nobody()}, at(primary)});
  secondary.refresher->start(small_zone(4), Seconds(1000));
  secondary.until("no-soa soa:5 begun came:5 accepted:5 confirmed");
  CHECK(secondary.refresher->primaries()[0].fault.find("nobody answers") != std::string::npos);
  CHECK(secondary.refresher->primaries()[1].serial == Serial(5));
  CHECK(secondary.refresher->primaries()[1].fault.empty());

  Secondary without_copy({{.address = nobody()}, at(primary)});
  without_copy.refresher->start(nullptr, {});
  without_copy.until("begun failed:unreachable begun came:5 accepted:5 confirmed");
}

TEST_CASE("a probe goes over TCP when UDP is silent or truncated, and without EDNS where that is unknown") {
  TestPrimary silent({.zone = small_zone(5), .silent_udp = true});
  Secondary one({at(silent)}, {}, kQuick);
  one.refresher->start(small_zone(5), Seconds(1000));
  one.until("soa:5 confirmed");
  CHECK(silent.requests() == std::vector<std::string>{"udp SOA", "udp SOA", "tcp SOA"});

  TestPrimary truncating({.zone = small_zone(5), .truncates_udp = true});
  Secondary two({at(truncating)});
  two.refresher->start(small_zone(5), Seconds(1000));
  two.until("soa:5 confirmed");
  CHECK(truncating.requests() == std::vector<std::string>{"udp SOA", "tcp SOA"});

  TestPrimary old({.zone = small_zone(5), .no_edns = true});
  Secondary three({at(old)});
  three.refresher->start(small_zone(4), Seconds(1000));
  three.until("soa:5 begun came:5 accepted:5 confirmed");
  CHECK(old.requests() == std::vector<std::string>{"udp SOA", "udp SOA", "tcp IXFR", "tcp IXFR"});
}

TEST_CASE("a primary that is not authoritative is not believed") {
  TestPrimary lame({.zone = small_zone(5), .not_authoritative = true});
  Secondary secondary({at(lame)});
  secondary.refresher->start(small_zone(4), Seconds(1000));
  secondary.until("no-soa");
  CHECK(secondary.reason == "the primary is not authoritative for the zone");
}

TEST_CASE("a transfer that breaks off is none, and the next primary is asked") {
  Splitmix random(9);
  ZonePtr zone = random_zone(random, 5, 3000, name("example."));
  TestPrimary breaking({.zone = zone, .most_messages = 2}), whole({.zone = zone});
  Secondary secondary({at(breaking), at(whole)});
  secondary.refresher->start(nullptr, {});
  secondary.until("begun failed:5:truncated begun came:5 accepted:5 confirmed");
  CHECK(dump(*secondary.published) == dump(*zone));
}

TEST_CASE("a primary that gives less than it told is passed over") {
  TestPrimary primary({.zone = small_zone(5), .told_zone = small_zone(9)});
  Secondary secondary({at(primary)});
  secondary.refresher->start(small_zone(4), Seconds(1000));
  secondary.until("soa:9 begun failed:5:not-as-promised");
  CHECK_FALSE(secondary.published);
}

TEST_CASE("a version that the publisher refuses is asked of the next primary, and ours stays") {
  TestPrimary bad({.zone = small_zone(6, "evil.example. A 192.0.2.66\n")}), good({.zone = small_zone(6)});
  Secondary secondary({at(bad), at(good)});
  secondary.refuse = [](const Zone& zone) { return zone.record_count() > 3; };
  secondary.refresher->start(nullptr, {});
  secondary.until("begun came:6 refused:6 begun came:6 accepted:6 confirmed");
  CHECK(secondary.reason == "not to our taste");
  CHECK(dump(*secondary.published) == dump(*small_zone(6)));
}

TEST_CASE("differences make the new version, and wrong ones are replaced by the whole zone") {
  auto difference = [](std::string_view old_address) {
    return [old_address = std::string(old_address)] {
      return Messages{Answer(RrType::IXFR)
                          .soa(6)
                          .soa(5)
                          .a("a.example.", old_address)
                          .soa(6)
                          .a("a.example.", "192.0.2.6")
                          .soa(6)};
    };
  };
  ZonePtr old = small_zone(5, "a.example. A 192.0.2.5\n"), now = small_zone(6, "a.example. A 192.0.2.6\n");
  TestPrimary right({.zone = now, .ixfr = difference("192.0.2.5")});
  Secondary one({at(right)});
  one.refresher->start(old, Seconds(1000));
  one.until("soa:6 begun came:6 accepted:6 confirmed");
  CHECK(one.how == std::vector<TransferMethod>{TransferMethod::ixfr});
  CHECK(dump(*one.published) == dump(*now));

  TestPrimary wrong({.zone = now, .ixfr = difference("192.0.2.99")});
  Secondary two({at(wrong)});
  two.refresher->start(old, Seconds(1000));
  two.until("soa:6 begun came:6 refused:6 begun came:6 accepted:6 confirmed");
  CHECK(two.how == std::vector<TransferMethod>{TransferMethod::ixfr, TransferMethod::axfr});
  CHECK(dump(*two.published) == dump(*now));
}

TEST_CASE("a verdict may take its time, also longer than the refresher lives") {
  TestPrimary primary({.zone = small_zone(5)});
  Secondary secondary({at(primary)});
  secondary.later = true;
  secondary.refresher->start(nullptr, {});
  secondary.until("begun came:5");
  CHECK(secondary.refresher->state().phase == RefreshPhase::judging);
  secondary.held();
  CHECK(secondary.told == "begun came:5 accepted:5 confirmed");
  secondary.held();  // a second verdict changes nothing
  CHECK(secondary.told == "begun came:5 accepted:5 confirmed");

  Secondary gone({at(primary)});
  gone.later = true;
  gone.refresher->start(nullptr, {});
  gone.until("begun came:5");
  gone.refresher.reset();
  gone.held();
  CHECK(gone.told == "begun came:5");
}

TEST_CASE("a copy expires at its time even while nobody answers") {
  Secondary secondary({{.address = nobody()}});
  secondary.refresher->start(small_zone(5), Milliseconds(200));
  secondary.until("expired");
  CHECK(secondary.expired);
}

TEST_CASE("events are counted by zone and result") {
  Metrics metrics;
  RefreshMetrics counts(metrics, name("example."));
  RefreshEvent event{
      .kind = RefreshEvent::Kind::transfer_done, .method = TransferMethod::axfr, .took = Milliseconds(50)};
  event.counts.octets = 1000;
  counts.count(event);
  event = {.kind = RefreshEvent::Kind::refused};
  counts.count(event);
  event = {.kind = RefreshEvent::Kind::expired};
  counts.count(event);
  std::string text = metrics.exposition();
  for (const char* line : {"zonewright_transfer_fetches_total{result=\"axfr\",zone=\"example.\"} 1",
                           "zonewright_transfer_fetched_bytes_total{zone=\"example.\"} 1000",
                           "zonewright_transfer_versions_total{result=\"refused\",zone=\"example.\"} 1",
                           "zonewright_transfer_expired_zones{zone=\"example.\"} 1"})
    CHECK_MESSAGE(text.find(line) != std::string::npos, std::string(line), text);
}
