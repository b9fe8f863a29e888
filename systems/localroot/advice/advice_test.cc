#include "localroot/advice/advice.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "localroot/advice/root_servers.h"
#include "localroot/advice/test_offer.h"
#include "os/files.h"

using namespace zw;
using namespace zw::localroot;
using namespace zw::localroot::testing;

namespace {

std::size_t at(const std::string& text, std::string_view what) { return text.find(what); }
bool has(const std::string& text, std::string_view what) { return at(text, what) != std::string::npos; }

bool is_one_of(Target target, std::initializer_list<Target> all) {
  return std::find(all.begin(), all.end(), target) != all.end();
}

bool fills_a_cache(Target target) {
  return is_one_of(target, {Target::knot_resolver_5, Target::knot_resolver_6, Target::pdns_recursor_4,
                            Target::pdns_recursor_5});
}

std::string golden(std::string_view name) {
  auto file = read_file(ZW_SOURCE_DIR "/systems/localroot/advice/testdata/" + std::string(name), 1 << 20);
  REQUIRE_MESSAGE(file.has_value(), name);
  return std::string(as_text(*file));
}

}  // namespace

TEST_CASE("what is written for versions that Debian 12 does not have is as it was when it was looked at") {
  for (auto [target, file] : {std::pair{Target::bind_9_16, "bind-9.16.conf"},
                              {Target::bind_9_20, "bind-9.20.conf"},
                              {Target::knot_resolver_6, "knot-resolver-6.yaml"},
                              {Target::pdns_recursor_5, "pdns-recursor-5.yml"}}) {
    auto advice = make_advice(target, whole_offer(), made_at());
    REQUIRE(advice.has_value());
    CHECK_MESSAGE(text_of(*advice) == golden(file), file);
  }
  Offer by_address = whole_offer();
  by_address.key.reset();
  by_address.url.reset();
  CHECK(text_of(*make_advice(Target::pdns_recursor_5, by_address, made_at())) ==
        golden("pdns-recursor-5-transfer.yml"));
  CHECK(text_of(*make_advice(Target::bind_9_20, zone_offer(), made_at())) ==
        golden("bind-9.20-example.conf"));
}

TEST_CASE(
    "each target is written for the root, with our service and every public source where it takes them") {
  for (const TargetInfo& info : targets()) {
    CAPTURE(info.word);
    auto advice = make_advice(info.target, whole_offer(), made_at());
    REQUIRE_MESSAGE(advice.has_value(), advice.error().what);
    for (const AdviceFile& file : advice->files) {
      CHECK(has(file.text, "zonewright-advice: generator=2 target=" + std::string(info.word) +
                               " zone=. serial=2026080401 made=2026-08-05T00:00:00Z good-until=2026-11-03T"));
      CHECK(has(file.text, "File: " + file.path + "\n"));
      if (fills_a_cache(info.target)) continue;
      for (const PublicSource& source : public_sources()) {
        CHECK(has(file.text, source.ipv4));
        CHECK(has(file.text, source.ipv6));
      }
    }
    CHECK(has(advice->files.front().text, "Then: " + advice->activate + "\n"));
    CHECK(advice->activate.find('\n') == std::string::npos);
  }
}

TEST_CASE("our service is asked before the public sources; by Unbound the last line is asked first") {
  for (const TargetInfo& info : targets()) {
    if (fills_a_cache(info.target)) continue;
    CAPTURE(info.word);
    Advice advice = *make_advice(info.target, whole_offer(), made_at());
    bool unbound = info.word.starts_with("unbound");
    const std::string& text = advice.files.front().text;
    std::size_t sources = at(text, unbound ? "auth-zone:" : info.target == Target::knot ? "remote:" : "zone");
    std::string_view ours = advice.files.size() == 2 ? "127.0.0.1@5301" : "192.0.2.1";
    CHECK((text.find(ours, sources) < text.find("170.247.170.2", sources)) != unbound);
  }
}

TEST_CASE("a secret is written only where it is handed over, and then the file is not for everybody") {
  for (const TargetInfo& info : targets()) {
    CAPTURE(info.word);
    Offer offer = whole_offer();
    offer.url.reset();
    offer.key->secret.reset();
    auto without = make_advice(info.target, offer, made_at());
    if (!without) continue;  // downloads
    CHECK_FALSE(has(text_of(*without), kSecret));
    CHECK_FALSE(without->has_secret);
    CHECK_FALSE(has(without->activate, "chmod"));
    offer.key->secret = std::string(kSecret);
    auto with = make_advice(info.target, offer, made_at());
    REQUIRE(with.has_value());
    bool takes_key = !is_one_of(info.target, {Target::unbound, Target::unbound_tls});
    CHECK(has(text_of(*with), kSecret) == takes_key);
    CHECK(has(text_of(*without), "(the secret of this key)") == takes_key);
    CHECK(with->has_secret == takes_key);
    CHECK(has(with->activate, "chmod 640") == takes_key);
  }
}

TEST_CASE("what an offer lacks is told, and nothing is made up") {
  auto fault = [](Target target, const Offer& offer) {
    auto advice = make_advice(target, offer, made_at());
    return advice ? std::string("none") : advice.error().what;
  };
  Offer empty;
  CHECK(fault(Target::bind_9_18, empty) == "there is no address of our service to transfer the zone from");
  CHECK(has(fault(Target::unbound_tls, empty), "no transfer over TLS"));
  CHECK(has(fault(Target::unbound_https, empty), "no download over HTTPS"));
  CHECK(has(fault(Target::knot_resolver_6, empty), "no download over HTTPS"));
  CHECK(has(fault(Target::unbound_nsd, empty), "only with a TSIG key"));
  CHECK(has(fault(Target::pdns_recursor_4, empty), "neither transfer nor download"));
  Offer tls_only = whole_offer();
  tls_only.servers.clear();
  CHECK(has(fault(Target::bind_9_16, tls_only), "no address"));
  CHECK(fault(Target::bind_9_18, tls_only) == "none");
  Offer truncated = whole_offer();
  truncated.key->algorithm = TsigAlgorithm::hmac_sha256_128;
  CHECK(has(fault(Target::knot, truncated), "hmac-sha256-128 is not to be had"));
  CHECK(fault(Target::zonewright, truncated) == "none");
}

TEST_CASE("another zone has no public sources, its own trust anchor, and a file of its own") {
  for (const TargetInfo& info : targets()) {
    CAPTURE(info.word);
    auto advice = make_advice(info.target, zone_offer(), made_at());
    if (is_one_of(info.target, {Target::knot_resolver_5, Target::knot_resolver_6})) {
      REQUIRE_FALSE(advice.has_value());
      CHECK(advice.error().kind == ErrorKind::unsupported);
      continue;
    }
    REQUIRE_MESSAGE(advice.has_value(), advice.error().what);
    std::string text = text_of(*advice);
    CHECK_FALSE(has(text, "170.247.170.2"));
    CHECK(has(text, "example."));
    CHECK_FALSE(has(text, "root.key"));
  }
  Offer offer = zone_offer();
  offer.fall_backs = {address("203.0.113.9@5300")};
  CHECK(
      has(text_of(*make_advice(Target::nsd, offer, made_at())), "request-xfr: AXFR 203.0.113.9@5300 NOKEY"));
  offer.anchors.clear();
  CHECK_FALSE(make_advice(Target::bind_9_18, offer, made_at()).has_value());
  offer = whole_offer();
  offer.public_fall_backs = false;
  CHECK_FALSE(has(text_of(*make_advice(Target::knot, offer, made_at())), "170.247.170.2"));
}

TEST_CASE("PowerDNS Recursor verifies what it can: a digest without a key, and a download before a key") {
  Offer offer = whole_offer();
  CHECK(has(text_of(*make_advice(Target::pdns_recursor_4, offer, made_at())), "\"url\", \"https://"));
  offer.url.reset();
  std::string with_key = text_of(*make_advice(Target::pdns_recursor_4, offer, made_at()));
  CHECK(has(with_key, "zonemd = \"ignore\""));
  CHECK(has(with_key, "believed by the key alone"));
  offer.key.reset();
  CHECK(has(text_of(*make_advice(Target::pdns_recursor_4, offer, made_at())), "zonemd = \"require\""));
}

TEST_CASE("software that cannot keep a copy is told apart from what nobody knows") {
  CHECK(find_target("bind-9.18") == Target::bind_9_18);
  for (const TargetInfo& info : targets()) CHECK((info.notify_port == 0) == fills_a_cache(info.target));
  for (std::string_view word : {"dnsmasq", "systemd-resolved"}) {
    auto found = find_target(word);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().kind == ErrorKind::unsupported);
    CHECK(has(found.error().what, "cannot keep a copy of a zone"));
  }
  auto unknown = find_target("bind-8\n");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().kind == ErrorKind::not_found);
  CHECK(has(unknown.error().what, "\"bind-8\\n\"; expected one of bind-9.16, "));
}
