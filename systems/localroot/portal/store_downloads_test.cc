// Secret URLs: what is kept of them, who may download, and what a download is noted as.
#include <set>

#include "localroot/portal/advice.h"
#include "localroot/portal/testing.h"
#include "store/event_log.h"

namespace zw::localroot::portal {
namespace {

constexpr Act kAda{1, "198.51.100.1"}, kBob{2, "198.51.100.2"};

Address at(std::string_view text) { return *Address::parse(text, kDnsPort); }

template <typename Backend>
struct Downloading : PortalWorld<Backend> {
  Downloading() {
    zone = this->store_.offer_zone("local", zone_named(".")).value();
    server = add("192.0.2.1");
  }
  ServerId add(std::string_view address, std::optional<KeyId> key = {}) {
    return this->store_.add_server(kAda, {"a server", {at(address)}, key, {{zone, NotifyPolicy::always}}})
        .value();
  }
  std::string make(ServerId of) {
    auto made = this->store_.make_download(kAda, of);
    INFO((made ? "" : made.error().what));
    REQUIRE(made);
    return std::string(as_text(this->store_.secret_of(*made)));
  }
  std::optional<ServerId> may_download(std::string_view secret) {
    auto news = reader.read();
    REQUIRE(news);
    if (*news) access = (*news)->access;
    return access->may_download(Name(), secret);
  }
  void download(std::string_view from, ServerId by, std::uint32_t serial = 7) {
    Report report;
    report.kind = Report::Kind::downloaded;
    report.asking = {at(from).ip, zone, false, 0, 0, this->database->now()};
    report.server = by;
    report.serial = Serial(serial);
    report.transport = Transport::https;
    REQUIRE(this->store_.record({&report, 1}));
  }
  PortalTarget target(ServerId of) { return this->store_.server(kAda.account, of)->targets.front(); }

  ZoneId zone = 0;
  ServerId server = 0;
  FeedReader reader{*this->database};
  PortalAccessPtr access;
};

STORE_TEST("the secret of a server is told again, and is not in the store") {
  NEED(Backend);
  Downloading<Backend> portal;
  CHECK_FALSE(portal->server(kAda.account, portal.server)->download);
  std::string secret = portal.make(portal.server);
  CHECK(secret.size() == 32);
  auto kept = portal->server(kAda.account, portal.server)->download;
  REQUIRE(kept);
  CHECK(as_text(portal->secret_of(*kept)) == secret);
  CHECK(as_text(kept->seed).find(secret) == std::string_view::npos);
  PortalSettings other;
  other.download_key = SecretBuffer(32, 8);
  CHECK(PortalStore(*portal.database, other).secret_of(*kept).empty());  // rather than one that nobody knows
  auto exported = portal->export_account(kAda.account, true);
  REQUIRE(exported);
  CHECK(exported->find(secret) != std::string::npos);
  CHECK(portal->export_account(kAda.account, false)->find(secret) == std::string::npos);
}

STORE_TEST("a secret lets its server download what it is registered for, until there is another one") {
  NEED(Backend);
  Downloading<Backend> portal;
  CHECK_FALSE(portal.may_download("anything"));
  std::string first = portal.make(portal.server);
  CHECK(portal.may_download(first) == portal.server);
  CHECK_FALSE(portal.access->may_download(*Name::parse("example."), first));
  std::string second = portal.make(portal.server);
  CHECK(second != first);
  CHECK_FALSE(portal.may_download(first));
  CHECK(portal.may_download(second) == portal.server);
  REQUIRE(portal->enable_server(kAda, portal.server, false));
  CHECK_FALSE(portal.may_download(second));
  REQUIRE(portal->enable_server(kAda, portal.server, true));
  CHECK(portal.may_download(second));
  REQUIRE(portal->delete_download(kAda, portal.server));
  CHECK_FALSE(portal.may_download(second));
  CHECK(portal->delete_download(kAda, portal.server).error().kind == ErrorKind::not_found);
}

STORE_TEST("one that was ended and made again between two looks is there, and a server takes its own along") {
  NEED(Backend);
  Downloading<Backend> portal;
  std::string first = portal.make(portal.server);
  CHECK(portal.may_download(first));
  REQUIRE(portal->delete_download(kAda, portal.server));
  std::string second = portal.make(portal.server);
  CHECK(portal.may_download(second));
  CHECK_FALSE(portal.access->may_download(Name(), first));
  REQUIRE(portal->delete_server(kAda, portal.server));
  CHECK_FALSE(portal.may_download(second));
  std::string third = portal.make(portal.add("192.0.2.2"));
  CHECK(portal.may_download(third));
  FeedReader anew(*portal.database);
  CHECK((*anew.read())->access->may_download(Name(), third));
  REQUIRE(portal->delete_account(kAda));
  CHECK_FALSE(portal.may_download(third));
}

STORE_TEST("nobody makes or ends a URL of another's server, and each change is noted") {
  NEED(Backend);
  Downloading<Backend> portal;
  CHECK(portal->make_download(kBob, portal.server).error().kind == ErrorKind::not_found);
  portal.make(portal.server);
  CHECK(portal->delete_download(kBob, portal.server).error().kind == ErrorKind::not_found);
  portal.make(portal.server);
  REQUIRE(portal->delete_download(kAda, portal.server));
  auto events =
      portal.database->read([](Transaction& tx) { return read_events(tx, {.actor = "account/1"}); });
  REQUIRE(events);
  std::set<std::string> actions;
  for (const Event& event : *events) actions.insert(event.action);
  CHECK(actions == std::set<std::string>{"server.add", "server.download", "server.download-again",
                                         "server.download-end"});
  PortalStore without(*portal.database, {});
  CHECK(without.make_download(kAda, portal.server).error().kind == ErrorKind::unsupported);
}

STORE_TEST("a download is noted of the server's target at its address, and proves nothing for NOTIFY") {
  NEED(Backend);
  Downloading<Backend> portal;
  PortalKey key = portal->add_key(kAda, {"north"}).value();
  ServerId twin = portal.add("192.0.2.1", key.id);
  portal.download("192.0.2.9", portal.server);  // from elsewhere: it may, and it says nothing of the server
  CHECK_FALSE(portal.target(portal.server).facts.fetched_at);
  portal.download("192.0.2.1", portal.server);
  PortalTarget target = portal.target(portal.server);
  CHECK(target.facts.held == Serial(7));
  CHECK(target.facts.transport == Transport::https);
  CHECK(target.facts.fetched_at == portal.database->now());
  CHECK(target.state.phase() == Phase::unproven);
  CHECK_FALSE(portal.target(twin).facts.fetched_at);
  portal.download("192.0.2.1", twin, 8);  // whatever key the server has
  CHECK(portal.target(twin).facts.held == Serial(8));
  CHECK(portal.target(portal.server).facts.held == Serial(7));
}

STORE_TEST("who fetches over HTTPS is well until he has not for two days") {
  NEED(Backend);
  Downloading<Backend> portal;
  auto summary = [&] { return portal->servers(kAda.account, 0, 10)->front(); };
  auto advice = [&] { return advise(portal.target(portal.server), false, portal.database->now()); };
  CHECK(summary().downloading == 0);
  portal.download("192.0.2.1", portal.server);
  CHECK(summary().downloading == 1);
  CHECK_FALSE(advice().is_fault);
  CHECK(advice().what.starts_with("It fetches over HTTPS"));
  portal.clock.pass(std::chrono::days(2));
  CHECK(summary().downloading == 1);
  portal.clock.pass(Seconds(1));
  CHECK(summary().downloading == 0);
  CHECK(advice().is_fault);
  portal.download("192.0.2.1", portal.server);
  CHECK_FALSE(advice().is_fault);
}

STORE_TEST("who looks for what is wrong gets those first that are not told, and disabled ones not at all") {
  NEED(Backend);
  Downloading<Backend> portal;
  ServerId told = portal.server, waits = portal.add("192.0.2.2"), off = portal.add("192.0.2.3");
  Report report;
  report.asking = {at("192.0.2.1").ip, portal.zone, false, 0, 0, portal.database->now()};
  REQUIRE(portal->record({&report, 1}));
  REQUIRE(portal->enable_server(kAda, off, false));
  auto found = portal->targets_to_look_at(kAda.account, 10);
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK(found->at(0).server == waits);
  CHECK(found->at(1).server == told);
  CHECK(found->at(1).targets.at(0).state.phase() == Phase::active);
  CHECK(portal->targets_to_look_at(kAda.account, 1)->size() == 1);
  CHECK(portal->targets_to_look_at(kBob.account, 10)->empty());
}

}  // namespace
}  // namespace zw::localroot::portal
