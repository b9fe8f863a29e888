#include "localroot/advice/check.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "localroot/advice/changes.h"
#include "localroot/advice/test_offer.h"

using namespace zw;
using namespace zw::localroot;
using namespace zw::localroot::testing;

namespace {

/// `line:rule`, one behind the other.
std::string found_in(std::string_view text, WallTime now = made_at()) {
  auto findings = check_advice(text, now);
  REQUIRE(findings.has_value());
  std::string out;
  for (const AdviceFinding& finding : findings->all)
    out += fmt::format("{}{}:{}", out.empty() ? "" : " ", finding.line, finding.rule);
  return out;
}

Dialect dialect_of(std::string_view text) { return check_advice(text, made_at())->dialect; }

}  // namespace

TEST_CASE("nothing is found in what we write ourselves, until its time is over") {
  for (const TargetInfo& info : targets()) {
    CAPTURE(info.word);
    for (Offer offer : {whole_offer(), zone_offer()}) {
      offer.url.reset();
      offer.key.reset();
      for (bool more : {false, true}) {
        if (more) offer = offer.zone.view().is_root() ? whole_offer() : zone_offer();
        auto advice = make_advice(info.target, offer, made_at());
        if (!advice) continue;
        for (const AdviceFile& file : advice->files) {
          CHECK(found_in(file.text).empty());
          CHECK(found_in(file.text, made_at() + kAdviceLife) == "1:advice-ended");
        }
      }
    }
  }
}

TEST_CASE("old addresses of root servers are found wherever they stand, but not in comments") {
  CHECK(found_in("auth-zone:\n name: \".\"\n zonemd-check: yes\n zonemd-reject-absence: yes\n "
                 "fallback-enabled: yes\n"
                 " for-downstream: no\n primary: 199.9.14.201 # b\n master: 2001:500:200::b@53\n"
                 " # primary: 192.228.79.201\n") == "7:stale-address 8:stale-address");
  CHECK(found_in("zone \".\" { type mirror; primaries { 128.8.10.90; /* 128.63.2.53;\n 198.32.64.12; */\n"
                 "2001:500:1::803f:235; // 198.41.0.10\n}; };") == "1:stale-address 3:stale-address");
  CHECK(found_in("B.ROOT-SERVERS.NET. 3600000 A 192.228.79.201\n; L.ROOT-SERVERS.NET. A 198.32.64.12\n"
                 "A.ROOT-SERVERS.NET. 3600000 A 198.41.0.4\n") == "1:stale-address");
  CHECK(found_in("address 128.9.0.107:53") == "1:stale-address");  // of whatever language
  auto one = check_advice("x 199.9.14.201", made_at())->all.at(0);
  CHECK(one.what == "199.9.14.201 is no longer b.root-servers.net: until 2023; now 170.247.170.2");
}

TEST_CASE("root servers that give the zone to nobody are found as sources, and as hints they are well") {
  std::string_view bind =
      "zone \".\" {\n type mirror;\n primaries {\n 198.41.0.4;\n 170.247.170.2; };\n};\n"
      "server 198.41.0.4 { edns no; };\n";
  CHECK(found_in(bind) == "4:no-transfer");
  CHECK(found_in("zone:\n name: \".\"\n request-xfr: AXFR 199.7.83.42 NOKEY\nverify:\n enable: yes\nzone:\n "
                 "verifier: x\n") == "3:no-transfer");
  CHECK(found_in("A.ROOT-SERVERS.NET. 3600000 A 198.41.0.4\n").empty());
}

TEST_CASE("a name as a source is found") {
  CHECK(found_in("zone:\n  - domain: .\n    master: b\n    zonemd-verify: on\n    dnssec-validation: on\n"
                 "remote:\n  - id: b\n    address: lax.xfr.dns.icann.org\n") == "8:name-as-source");
}

TEST_CASE("an auth-zone of Unbound that is not verified, or without a fall-back, is found") {
  CHECK(found_in("server:\n  verbosity: 1\nauth-zone:\n  name: \".\"\n  primary: 192.0.2.1\n") ==
        "3:not-verified 3:no-fall-back 3:answers-clients");
  CHECK(found_in("auth-zone:\n  url: \"https://a/\"\n  zonemd-check: yes\n  fallback-enabled: yes\n  "
                 "for-downstream: no\n") == "1:not-verified");
  CHECK(found_in("auth-zone:\n  name: \"local.\"\n  zonefile: \"x\"\n").empty());  // fetched from nobody
}

TEST_CASE("others without verification are found") {
  CHECK(found_in("zone \".\" {\n type slave;\n masters { 192.0.2.1; };\n};\n") == "2:not-verified");
  CHECK(found_in("options { dnssec-validation no; };\nzone \"a\" { type secondary; };\n") ==
        "1:not-verified");
  CHECK(found_in("remote:\n  - id: a\nzone:\n  - domain: .\n    master: a\n") ==
        "4:not-verified 4:not-verified");
  CHECK(found_in("zone:\n  name: \".\"\n  request-xfr: 192.0.2.1 NOKEY\n") == "3:not-verified");
  CHECK(found_in("zoneToCache(\".\", \"url\", \"https://a/\", {})\n") ==
        "1:not-verified 1:not-verified 1:refresh");
  CHECK(check_advice("zoneToCache(\".\", \"axfr\", \"192.0.2.1\", { tsigname=\"a\", zonemd=\"ignore\", "
                     "refreshPeriod=1 })",
                     made_at())
            ->all.at(0)
            .what.find("without a key") != std::string::npos);
  CHECK(found_in("prefill.config({ ['.'] = { url = 'https://a/', interval = 600 } })") == "1:refresh");
  CHECK(found_in("[[zone]]\nrequire-zonemd = false\n[[zone.primary]]\naddress = \"192.0.2.1\"\n") ==
        "2:not-verified");
}

TEST_CASE("what a text is for is seen by its words") {
  CHECK(dialect_of("") == Dialect::unknown);
  CHECK(dialect_of("forward-zone:\n") == Dialect::unknown);
  for (const TargetInfo& info : targets()) {
    CAPTURE(info.word);
    auto advice = make_advice(info.target, whole_offer(), made_at());
    Dialect found = dialect_of(advice->files.front().text);
    bool same = false;
    for (auto [begin, dialect] : {std::pair{"bind", Dialect::bind},
                                  {"unbound", Dialect::unbound},
                                  {"knot-resolver", Dialect::knot_resolver},
                                  {"nsd", Dialect::nsd},
                                  {"pdns", Dialect::pdns_recursor},
                                  {"zonewright", Dialect::zonewright}})
      same |= info.word.starts_with(begin) && found == dialect;
    CHECK((same || (info.word == "knot" && found == Dialect::knot)));
  }
}

TEST_CASE("foreign text is bounded in size, depth and findings") {
  CHECK_FALSE(check_advice(std::string((1 << 20) + 1, '\n'), made_at()).has_value());
  std::string deep = "zone \".\" { type mirror; ";
  for (int i = 0; i < 100000; ++i) deep += "{";
  CHECK(check_advice(deep, made_at())->dialect == Dialect::bind);
  std::string many;
  for (int i = 0; i < 50000; ++i) many += "199.9.14.201\n";
  CHECK(check_advice(many, made_at())->all.size() == 1000);
  CHECK(found_in("}}}}\"'\\\0{ type \"\n*/ /*").empty());
}

TEST_CASE("changes are told line by line, and when they were made does not count") {
  Offer offer = whole_offer();
  std::string had = text_of(*make_advice(Target::bind_9_18, offer, made_at()));
  std::string later = text_of(*make_advice(Target::bind_9_18, offer, made_at() + std::chrono::days(9)));
  CHECK(had != later);
  CHECK(print_changes(had, later)->empty());
  offer.tls_servers = {address("192.0.2.9", 853)};
  std::string moved = text_of(*make_advice(Target::bind_9_18, offer, made_at()));
  auto changes = print_changes(had, moved);
  CHECK(changes->find("-    192.0.2.1 port 853") != std::string::npos);
  CHECK(changes->find("+    192.0.2.9 port 853") != std::string::npos);
  CHECK(changes->starts_with("@@ "));
  CHECK(*print_changes("a\nb\nc\n", "a\nc  \nd\n") == "@@ 2 @@\n-b\n@@ 4 @@\n+d\n");
  CHECK(*print_changes("", "a\n") == "@@ 1 @@\n+a\n");
  CHECK_FALSE(print_changes(std::string(3000, '\n'), "").has_value());
}
