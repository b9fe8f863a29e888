#include "localroot/portal/store.h"

#include "localroot/portal/testing.h"
#include "store/event_log.h"
#include "store/testing_migrations.h"

namespace zw::localroot::portal {
namespace {

constexpr Act kAda{1, "198.51.100.1"}, kBob{2, "198.51.100.2"};

Address at(std::string_view text) { return *Address::parse(text, kDnsPort); }

ServerDraft draft_of(std::string_view address, ZoneId zone, std::optional<KeyId> key = {}) {
  return {"a server", {at(address)}, key, {{zone, NotifyPolicy::always}}};
}

// A whole transfer of zone 1.
Report fetch(std::string_view from, Timestamp when, const PortalKey* key = nullptr) {
  Report out;
  out.asking = {at(from).ip, 1, key != nullptr, key ? key->id : 0, key ? key->secrets.front().id : 0, when};
  out.serial = Serial(2026'080'500);
  return out;
}

Report told(std::string_view whom, bool answered, Timestamp when, const PortalKey* key = nullptr) {
  Report out = fetch(whom, when, key);
  out.kind = Report::Kind::told;
  out.outcome = {answered, Rcode::NOERROR, answered ? NotifyFault::none : NotifyFault::silence, 17};
  return out;
}

template <typename Backend>
struct Fixture : PortalWorld<Backend> {
  Fixture() { zone = this->store_.offer_zone("local", zone_named(".")).value(); }
  Timestamp now() const { return this->database->now(); }
  void record(const Report& report) { REQUIRE(this->store_.record({&report, 1})); }
  PortalTarget target(AccountId account, ServerId server) {
    auto found = this->store_.server(account, server);
    REQUIRE(found);
    REQUIRE(found->targets.size() == 1);
    return found->targets.front();
  }
  std::vector<Event> events() {
    auto found = this->database->read([](Transaction& tx) { return read_events(tx, {}); });
    REQUIRE(found);
    return *found;
  }
  ZoneId zone = 0;
};

STORE_TEST("each step of the portal's tables has a way back") {
  NEED(Backend);
  PortalWorld<Backend> world;
  check_steps(*world.database, kPortalSchema);
}

STORE_TEST("a key has a name of its own and a secret as long as its digest") {
  NEED(Backend);
  Fixture<Backend> portal;
  auto one = portal->add_key(kAda, {"north", TsigAlgorithm::hmac_sha512});
  auto two = portal->add_key(kAda, {"south"});
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->secrets.front().value.size() == 64);
  CHECK(two->secrets.front().value.size() == 32);
  CHECK(one->secrets.front().name != two->secrets.front().name);
  CHECK(Name::parse(one->secrets.front().name));
  auto keys = portal->keys(kAda.account);
  REQUIRE(keys);
  REQUIRE(keys->size() == 2);
  CHECK(keys->front().label == "north");
  CHECK(keys->front().secrets.front().algorithm == TsigAlgorithm::hmac_sha512);
  CHECK(keys->front().secrets.front().value == one->secrets.front().value);
  CHECK(portal->keys(kBob.account)->empty());
}

STORE_TEST("nobody touches what is another account's") {
  NEED(Backend);
  Fixture<Backend> portal;
  PortalKey key = portal->add_key(kAda, {"north"}).value();
  ServerId server = portal->add_server(kAda, draft_of("192.0.2.1", portal.zone, key.id)).value();
  CHECK(kind_of(portal->rename_key(kBob, key.id, "mine")) == ErrorKind::not_found);
  CHECK(kind_of(portal->rotate_key(kBob, key.id)) == ErrorKind::not_found);
  CHECK(kind_of(portal->end_rotation(kBob, key.id)) == ErrorKind::not_found);
  CHECK(kind_of(portal->delete_key(kBob, key.id)) == ErrorKind::not_found);
  CHECK(kind_of(portal->add_server(kBob, draft_of("192.0.2.1", portal.zone, key.id))) ==
        ErrorKind::not_found);
  CHECK(kind_of(portal->edit_server(kBob, server, draft_of("192.0.2.2", portal.zone))) ==
        ErrorKind::not_found);
  CHECK(kind_of(portal->enable_server(kBob, server, false)) == ErrorKind::not_found);
  CHECK(kind_of(portal->delete_server(kBob, server)) == ErrorKind::not_found);
  CHECK(kind_of(portal->server(kBob.account, server)) == ErrorKind::not_found);
  CHECK(portal->servers(kBob.account, 0, 50)->empty());
}

STORE_TEST("accounts have bounds, and servers too") {
  NEED(Backend);
  Fixture<Backend> portal;
  for (int i = 0; i < 5; ++i) {
    REQUIRE(portal->add_key(kAda, {"key"}));
    REQUIRE(portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)));
  }
  CHECK(kind_of(portal->add_key(kAda, {"key"})) == ErrorKind::limit);
  CHECK(kind_of(portal->add_server(kAda, draft_of("192.0.2.1", portal.zone))) == ErrorKind::limit);
  ServerDraft wide = draft_of("192.0.2.1", portal.zone);
  for (int i = 0; i < 9; ++i) wide.addresses.push_back(at(fmt::format("192.0.2.{}", 10 + i)));
  CHECK(kind_of(portal->add_server(kBob, wide)) == ErrorKind::refused);
  ServerDraft twice = draft_of("192.0.2.1", portal.zone);
  twice.zones.push_back(twice.zones.front());
  CHECK(kind_of(portal->add_server(kBob, twice)) == ErrorKind::refused);
  CHECK(kind_of(portal->add_server(kBob, {"none", {}, {}, {}})) == ErrorKind::refused);
  CHECK(kind_of(portal->add_server(kBob, draft_of("127.0.0.1", portal.zone))) == ErrorKind::refused);
  CHECK(kind_of(portal->add_server(kBob, draft_of("192.0.2.1@5300", portal.zone))) == ErrorKind::refused);
  CHECK(kind_of(portal->add_server(kBob, draft_of("192.0.2.1", portal.zone + 1))) == ErrorKind::not_found);
  CHECK(kind_of(portal->add_key(kBob, {"two\nlines"})) == ErrorKind::malformed);
}

STORE_TEST("a server becomes active by a transfer, and the page shows what is known") {
  NEED(Backend);
  Fixture<Backend> portal;
  PortalKey key = portal->add_key(kAda, {"north"}).value();
  ServerId server = portal->add_server(kAda, draft_of("2001:db8::53", portal.zone, key.id)).value();
  CHECK(portal.target(1, server).state.phase() == Phase::unproven);
  Report refused = fetch("2001:db8::53", portal.now());
  refused.kind = Report::Kind::refused;
  refused.refusal = "a TSIG signature is needed";
  portal.record(refused);
  portal.record(fetch("2001:db8::53", portal.now()));
  portal.record(fetch("2001:db8::54", portal.now(), &key));
  PortalTarget before = portal.target(1, server);
  CHECK(before.state.phase() == Phase::unproven);
  CHECK(before.facts.refusal == "a TSIG signature is needed");
  CHECK_FALSE(before.facts.held);
  Report fetched = fetch("2001:db8::53", portal.now(), &key);
  fetched.transport = Transport::tls;
  portal.record(fetched);
  portal.record(told("2001:db8::53", true, portal.now(), &key));
  PortalTarget after = portal.target(1, server);
  CHECK(after.state.phase() == Phase::active);
  CHECK(after.facts.held == Serial(2026'080'500));
  CHECK(after.facts.transport == Transport::tls);
  CHECK(after.facts.told_at == portal.now());
  REQUIRE(after.facts.outcome);
  CHECK(after.facts.outcome->answered);
  CHECK(after.facts.outcome->round_trip == 17);
  auto list = portal->servers(1, 0, 50).value();
  REQUIRE(list.size() == 1);
  CHECK(list.front().active == 1);
  CHECK(list.front().addresses == std::vector{at("2001:db8::53")});
}

STORE_TEST("what is edited keeps the proofs of what stays") {
  NEED(Backend);
  Fixture<Backend> portal;
  ServerId server = portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)).value();
  portal.record(fetch("192.0.2.1", portal.now()));
  TargetId id = portal.target(1, server).id;
  ServerDraft draft = draft_of("192.0.2.1", portal.zone);
  draft.label = "another name";
  draft.zones.front().policy = NotifyPolicy::security;
  REQUIRE(portal->edit_server(kAda, server, draft));
  PortalTarget renamed = portal.target(1, server);
  CHECK(renamed.id == id);
  CHECK(renamed.policy == NotifyPolicy::security);
  CHECK(renamed.state.phase() == Phase::active);
  draft.key = portal->add_key(kAda, {"north"})->id;
  REQUIRE(portal->edit_server(kAda, server, draft));
  CHECK(portal.target(1, server).state.phase() == Phase::unproven);
  draft.addresses = {at("192.0.2.2")};
  REQUIRE(portal->edit_server(kAda, server, draft));
  CHECK(portal.target(1, server).id != id);
  CHECK(portal->server(1, server)->draft.label == "another name");
}

STORE_TEST("a rotation has an overlap, and ends by itself or by hand") {
  NEED(Backend);
  Fixture<Backend> portal;
  PortalKey key = portal->add_key(kAda, {"north"}).value();
  ServerId server = portal->add_server(kAda, draft_of("192.0.2.1", portal.zone, key.id)).value();
  portal.record(fetch("192.0.2.1", portal.now(), &key));
  PortalKey rotated = portal->rotate_key(kAda, key.id, {{}, Seconds(3600)}).value();
  REQUIRE(rotated.secrets.size() == 2);
  CHECK(rotated.secrets.front().id != key.secrets.front().id);
  CHECK(rotated.secrets.back().ends_at == portal.now() + Seconds(3600));
  CHECK(kind_of(portal->rotate_key(kAda, key.id)) == ErrorKind::conflict);
  CHECK(kind_of(portal->delete_key(kAda, key.id)) == ErrorKind::conflict);
  CHECK(portal.target(1, server).state.phase() == Phase::active);
  portal.clock.pass(Seconds(3600));
  CHECK(portal->tidy().value() == 1);
  CHECK(portal.target(1, server).state.phase() == Phase::unproven);
  portal.record(fetch("192.0.2.1", portal.now(), &key));  // that came late
  CHECK(portal.target(1, server).state.phase() == Phase::unproven);
  portal.record(fetch("192.0.2.1", portal.now(), &rotated));
  CHECK(portal.target(1, server).state.phase() == Phase::active);
  CHECK(kind_of(portal->end_rotation(kAda, key.id)) == ErrorKind::conflict);
  PortalKey again = portal->rotate_key(kAda, key.id, {TsigAlgorithm::hmac_sha384, {}}).value();
  CHECK(again.secrets.front().algorithm == TsigAlgorithm::hmac_sha384);
  REQUIRE(portal->end_rotation(kAda, key.id));
  CHECK(portal->keys(1)->front().secrets.size() == 1);
  CHECK(portal.target(1, server).state.phase() == Phase::unproven);
  REQUIRE(portal->delete_server(kAda, server));
  REQUIRE(portal->delete_key(kAda, key.id));
  CHECK(portal->keys(1)->empty());
}

STORE_TEST("who does not answer is paused, and so is who is silent for long") {
  NEED(Backend);
  Fixture<Backend> portal;
  ServerId deaf = portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)).value();
  ServerId silent = portal->add_server(kAda, draft_of("192.0.2.2", portal.zone)).value();
  portal.record(fetch("192.0.2.1", portal.now()));
  portal.record(fetch("192.0.2.2", portal.now()));
  for (unsigned i = 0; i < PortalRules().most_unanswered; ++i) {
    CHECK(portal.target(1, deaf).state.phase() == Phase::active);
    portal.record(told("192.0.2.1", false, portal.now()));
  }
  CHECK(portal.target(1, deaf).state.pause == Pause::unanswered);
  CHECK(portal.target(1, silent).state.phase() == Phase::active);
  portal.clock.pass(Seconds(31 * 86'400));
  CHECK(portal->tidy().value() == 1);
  CHECK(portal->tidy().value() == 0);
  CHECK(portal.target(1, silent).state.pause == Pause::silence);
  CHECK(portal->servers(1, 0, 50)->front().paused == 1);
  portal.record(fetch("192.0.2.2", portal.now()));
  CHECK(portal.target(1, silent).state.phase() == Phase::active);
}

STORE_TEST("lists go on where the page before ended") {
  NEED(Backend);
  Fixture<Backend> portal;
  for (int i = 0; i < 5; ++i) REQUIRE(portal->add_server(kAda, draft_of("192.0.2.1", portal.zone)));
  REQUIRE(portal->add_server(kBob, draft_of("192.0.2.1", portal.zone)));
  std::size_t seen = 0;
  for (ServerId after = 0;;) {
    auto page = portal->servers(1, after, 2).value();
    if (page.empty()) break;
    seen += page.size();
    CHECK(page.front().id > after);
    after = page.back().id;
  }
  CHECK(seen == 5);
}

STORE_TEST("zones are offered to everybody, or to who was invited") {
  NEED(Backend);
  Fixture<Backend> portal;
  PortalZone closed = zone_named("example.");
  closed.invited_only = true;
  closed.note = "2 million records, hourly";
  ZoneId id = portal->offer_zone("local", closed).value();
  CHECK(portal->zones(1)->size() == 1);
  CHECK(portal->zones({})->size() == 2);
  CHECK(kind_of(portal->add_server(kAda, draft_of("192.0.2.1", id))) == ErrorKind::not_found);
  REQUIRE(portal->invite("local", id, 1));
  CHECK(portal->zones(1)->back().note == "2 million records, hourly");
  ServerId server = portal->add_server(kAda, draft_of("192.0.2.1", id)).value();
  REQUIRE(portal->uninvite("local", id, 1));
  CHECK(portal->server(1, server)->targets.empty());
  CHECK(portal->server(1, server)->draft.addresses.size() == 1);
  closed.invited_only = closed.offered = false;
  CHECK(portal->offer_zone("local", closed).value() == id);
  CHECK(portal->zones(1)->size() == 1);
}

STORE_TEST("events tell who did what, and neither secrets nor addresses nor labels") {
  NEED(Backend);
  Fixture<Backend> portal;
  PortalKey key = portal->add_key(kAda, {"very-own-label"}).value();
  ServerId server = portal->add_server(kAda, draft_of("192.0.2.77", portal.zone, key.id)).value();
  REQUIRE(portal->rotate_key(kAda, key.id));
  REQUIRE(portal->enable_server(kAda, server, false));
  REQUIRE(portal->enable_server(kAda, server, false));  // no change
  auto events = portal.events();
  REQUIRE(events.size() == 5);
  CHECK(events.front().action == "server.disable");
  CHECK(events.front().actor == "account/1");
  CHECK(events.front().origin == "198.51.100.1");
  CHECK(events.front().subject == fmt::format("server/{}", server));
  for (const Event& event : events) {
    std::string entry = event_entry(event);
    for (std::string_view word : {"very-own-label", "192.0.2.77", key.secrets.front().name.c_str()})
      CHECK(entry.find(word) == std::string::npos);
  }
}

STORE_TEST("an account takes its data along, and leaves nothing but events") {
  NEED(Backend);
  Fixture<Backend> portal;
  PortalKey key = portal->add_key(kAda, {"north"}).value();
  REQUIRE(portal->add_server(kAda, draft_of("192.0.2.1", portal.zone, key.id)));
  REQUIRE(portal->add_server(kBob, draft_of("192.0.2.9", portal.zone)));
  std::string open = portal->export_account(1, true).value(), shut = portal->export_account(1, false).value();
  CHECK(open.find("192.0.2.1@53") != std::string::npos);
  CHECK(open.find("192.0.2.9") == std::string::npos);
  CHECK(open.find(R"("secret":)") != std::string::npos);
  CHECK(shut.find(R"("secret":)") == std::string::npos);
  REQUIRE(portal->delete_account(kAda));
  CHECK(portal->keys(1)->empty());
  CHECK(portal->servers(1, 0, 50)->empty());
  CHECK(portal->servers(2, 0, 50)->size() == 1);
  CHECK(portal->export_account(1, true).value() == R"({"account":1,"keys":[],"servers":[]})");
  CHECK(portal.events().front().action == "account.delete");
}

}  // namespace
}  // namespace zw::localroot::portal
