#include <doctest/doctest.h>

#include <algorithm>

#include "localroot/portal/pages/notices.h"
#include "localroot/portal/pages/progress.h"
#include "localroot/portal/pages/server_form.h"
#include "localroot/portal/pages/words.h"
#include "localroot/portal/server_offer.h"
#include "localroot/portal/testing.h"

namespace zw::localroot::portal {
namespace {

ReadAddresses read(std::string_view text, bool has_key = false) { return read_addresses(text, has_key, {}); }

PortalKey key_named(std::string_view name, std::string_view secret) {
  PortalKey out;
  out.id = 7;
  out.secrets.emplace_back();
  out.secrets.front().name = name;
  out.secrets.front().value.assign(secret.begin(), secret.end());
  return out;
}

std::string fault_of(const ReadDraft& read, std::string_view field) {
  auto at = std::ranges::find(read.faults, field, &FormFaults::value_type::first);
  return at == read.faults.end() ? "" : at->second;
}

// ---- words ------------------------------------------------------------------------------------------------

TEST_CASE("times and sizes are said in the largest unit that fits") {
  CHECK(print_span(Seconds(1)) == "1 second");
  CHECK(print_span(Seconds(59)) == "59 seconds");
  CHECK(print_span(Seconds(60)) == "1 minute");
  CHECK(print_span(Seconds(47 * 3600)) == "47 hours");
  CHECK(print_span(Seconds(48 * 3600)) == "2 days");
  CHECK(print_span(Seconds(-5)) == "0 seconds");
  CHECK(print_octets(999) == "999 octets");
  CHECK(print_octets(1'330'583) == "1.3 MB");
  CHECK(print_zone(*Name::parse(".")) == "the root zone");
  CHECK(print_zone(*Name::parse("example.")) == "example");
  Timestamp at{Seconds(1'800'000'000)};
  CHECK(print_past(at, at + Seconds(300)) == "5 minutes ago, 2027-01-15 08:00 UTC");
  CHECK(print_past(at, at) == "just now, 2027-01-15 08:00 UTC");
}

TEST_CASE("the state of a server is that of its targets together") {
  ServerSummary server;
  CHECK(tag_of(server).words == "no zone chosen");
  server.targets = 2;
  CHECK(tag_of(server).words == "waits for a transfer");
  server.active = 1;
  CHECK(tag_of(server).words == "1 of 2 active");
  server.active = 2;
  CHECK(tag_of(server).look == "good");
  server.active = 1, server.paused = 1;
  CHECK(tag_of(server).words == "1 of 2 paused");
  server.enabled = false;
  CHECK(tag_of(server).words == "disabled");
  server = ServerSummary();
  server.targets = 2, server.active = 1, server.downloading = 1;
  CHECK(tag_of(server).words == "1 of 2 fetches over HTTPS");
  CHECK(tag_of(server).look == "good");
  server.active = 0, server.downloading = 2;
  CHECK(tag_of(server).words == "fetches over HTTPS");
  server.targets = 3;
  CHECK(tag_of(server).words == "waits for a transfer");
}

TEST_CASE("a notice is one of ours or none") {
  CHECK(notice("key-deleted") == "The key is gone.");
  CHECK(notice("<b>").empty());
  CHECK(notice("").empty());
}

TEST_CASE("what went wrong begins with a capital and ends with a stop") {
  CHECK(sentence("label: expected 1 to 64 characters") == "Label: expected 1 to 64 characters.");
  CHECK(sentence("Why?") == "Why?");
  CHECK(sentence("").empty());
}

// ---- the form of a server ---------------------------------------------------------------------------------

TEST_CASE("addresses are read line by line, and faults name the line") {
  ReadAddresses good = read("192.0.2.53\r\n\n  2001:db8::53 ,\n");
  CHECK(good.faults.empty());
  REQUIRE(good.addresses.size() == 2);
  CHECK(good.addresses[1].port == kDnsPort);
  ReadAddresses bad = read("192.0.2.53\nresolver.example\n192.0.2.1@5300\n224.0.0.1");
  CHECK(bad.faults.find("Line 1") == bad.faults.npos);
  CHECK(bad.faults.find("Line 2: \"resolver.example\" is no IP address") != bad.faults.npos);
  CHECK(bad.faults.find("Line 3: Address 192.0.2.1@5300: without a key") != bad.faults.npos);
  CHECK(bad.faults.find("Line 4:") != bad.faults.npos);
  CHECK(read("192.0.2.1@5300", true).faults.empty());
  CHECK(read("").faults == "Give at least one address that the server asks us from.");
  CHECK(read(" \n\r\n").faults == read("").faults);
}

TEST_CASE("more lines than addresses are borne are not all looked at") {
  std::string many;
  for (int i = 0; i < 9; ++i) many += fmt::format("192.0.2.{}\n", i + 1);
  CHECK(read(many).faults == "Give at most 8 addresses; there are 9.");
  std::string blank(100, '\n');
  CHECK_FALSE(read("192.0.2.1\n" + blank + "192.0.2.2").faults.empty());
}

TEST_CASE("a form is read into a draft, with a fault beside each field that is wrong") {
  std::vector<PortalKey> keys;
  keys.push_back(key_named("a.localroot.", "secret"));
  std::vector<PortalZone> zones{zone_named("."), zone_named("example.")};
  zones[0].id = 1, zones[1].id = 2;
  auto parse = [&](std::string_view text) {
    return read_draft(*WebFields::parse_form(text), keys, zones, {});
  };
  ReadDraft good = parse("label=home&addresses=192.0.2.1&key=7&zone-1=no&zone-2=3");
  CHECK(good.faults.empty());
  CHECK(good.draft.key == 7);
  CHECK(good.draft.zones == std::vector<ServerDraft::Zone>{{2, NotifyPolicy::change_or_deadline}});
  CHECK_FALSE(parse("label=home&addresses=192.0.2.1&key=none&zone-1=0").draft.key);
  ReadDraft bad = parse("label=&addresses=x&key=8&zone-1=5");
  CHECK(bad.faults.size() == 4);
  CHECK(fault_of(bad, "key") == "Choose one of your keys, or none.");
  CHECK(fault_of(bad, "zones") == "Choose one of what is offered for each zone.");
  CHECK(fault_of(parse("label=x&addresses=192.0.2.1"), "zones") == "Choose at least one zone.");
}

// ---- what a server is offered -----------------------------------------------------------------------------

TEST_CASE("an offer has the first address of each family, and a secret only if it is asked for") {
  ServiceFacts facts;
  facts.zones.emplace_back();
  facts.zones.front().name = *Name::parse(".");
  facts.zones.front().serial = Serial(5);
  PortalServer server;
  server.draft.label = "home";
  for (const char* text : {"192.0.2.1", "192.0.2.2", "2001:db8::1"})
    server.draft.addresses.push_back(*Address::parse(text, kDnsPort));
  PortalKey key = key_named("a.localroot.", "secret");
  Name root = *Name::parse(".");
  Offer offer = offer_for(facts, root.view(), server, {&key}).value();
  CHECK(offer.subscriber == std::vector{*IpAddress::parse("192.0.2.1"), *IpAddress::parse("2001:db8::1")});
  CHECK(offer.serial == Serial(5));
  CHECK_FALSE(offer.key->secret);
  CHECK(offer_for(facts, root.view(), server, {&key, true})->key->secret == "c2VjcmV0");
  CHECK_FALSE(offer_for(facts, root.view(), server, {nullptr, true})->key);
  Name other = *Name::parse("example.");
  CHECK(offer_for(facts, other.view(), server, {&key}).error().kind == ErrorKind::not_found);
}

TEST_CASE("an offer has the URL of the server, and its secret only if it is asked for") {
  ServiceFacts facts;
  facts.zones.emplace_back();
  PortalServer server;
  Name root;
  auto offer = [&](std::string_view secret = {}) {
    return offer_for(facts, root.view(), server, {.download = secret}).value();
  };
  CHECK(offer().no_url.starts_with("our service offers no download"));
  facts.downloads = "https://192.0.2.1";
  CHECK_FALSE(offer().url);
  CHECK(offer().no_url.starts_with("this server has no URL"));
  facts.zones.front().offer.url = "https://192.0.2.1/zones/ROOT.zone";
  facts.zones.front().offer.url_is_secret = false;
  CHECK(offer("x").url == "https://192.0.2.1/zones/ROOT.zone");  // everybody may
  server.download.emplace();
  CHECK(offer("x7").url == "https://192.0.2.1/zones/x7/ROOT.zone");
  CHECK(offer("x7").url_is_secret);
  CHECK(offer().url == "https://192.0.2.1/zones/THE-SECRET-OF-THIS-SERVER/ROOT.zone");
  CHECK_FALSE(offer().url_is_secret);
  auto has_secret = [&](std::string_view secret) {
    return make_advice(Target::knot_resolver_5, offer(secret), WallTime())->has_secret;
  };
  CHECK(has_secret("x7"));
  CHECK_FALSE(has_secret(""));
  // Who has to resolve the zone to fetch it cannot; others need no URL.
  facts.zones.front().offer.url.reset();
  facts.zones.front().name = *Name::parse("example.");
  facts.downloads = "https://zones.example";
  Offer within = offer_for(facts, facts.zones.front().name.view(), server, {.download = "x7"}).value();
  CHECK_FALSE(within.url);
  CHECK(within.no_url.find("zones.example") != std::string::npos);
}

}  // namespace

// ---- the store, as pages use it ---------------------------------------------------------------------------

namespace {
struct Paused : PortalWorld<OnSqlite> {
  Paused() {
    zone = store_.offer_zone("local", zone_named(".")).value();
    draft.label = "home";
    draft.addresses = {*Address::parse("192.0.2.1", kDnsPort)};
    draft.zones = {{zone, NotifyPolicy::always}};
    server = store_.add_server({1}, draft).value();
  }
  ZoneId zone = 0;
  ServerDraft draft;
  ServerId server = 0;
};
}  // namespace

TEST_CASE("servers of an account that is paused are told of nothing until it is resumed") {
  Paused world;
  Act admin{1, "local", 9};
  REQUIRE(world->pause_account(admin));
  CHECK(world->paused_since(1).value().has_value());
  CHECK_FALSE(world->paused_since(2).value().has_value());
  CHECK(world->server(1, world.server)->targets.front().state.phase() == Phase::disabled);
  CHECK(world->enable_server({1}, world.server, true).error().kind == ErrorKind::refused);
  CHECK(world->add_server({1}, world.draft).error().kind == ErrorKind::refused);
  REQUIRE(world->edit_server({1}, world.server, world.draft));
  CHECK_FALSE(world->server(1, world.server)->enabled);
  CHECK(world->add_server({2}, world.draft).has_value());
  REQUIRE(world->resume_account(admin));
  CHECK(world->enable_server({1}, world.server, true).has_value());
}

TEST_CASE("progress counts each server once") {
  Paused world;
  Progress progress = progress_of(world.store_, 1).value();
  CHECK(progress.waiting == 1);
  REQUIRE(progress.next());
  CHECK(progress.next()->id == world.server);
  CHECK_FALSE(progress.is_done());
  REQUIRE(world->enable_server({1}, world.server, false));
  progress = progress_of(world.store_, 1).value();
  CHECK(progress.disabled == 1);
  CHECK(progress.waiting == 0);
}

TEST_CASE("what an account registered goes in the transaction of who ends it, or stays") {
  Paused world;
  auto undone = world.database->write([&](Transaction& tx) -> Result<void> {
    ZW_CHECK(world->delete_account(tx, {1}));
    return fail(ErrorKind::refused, "not now");
  });
  CHECK_FALSE(undone);
  CHECK(world->server(1, world.server).has_value());
  REQUIRE(world->delete_account({1}));
  CHECK(world->server(1, world.server).error().kind == ErrorKind::not_found);
}

}  // namespace zw::localroot::portal
