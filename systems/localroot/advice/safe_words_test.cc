// Attempts to write syntax into a configuration by what a stranger may choose.
#include "localroot/advice/safe_words.h"

#include <doctest/doctest.h>

#include "localroot/advice/test_offer.h"

using namespace zw;
using namespace zw::localroot;
using namespace zw::localroot::testing;

namespace {

constexpr std::string_view kHostile[] = {
    "a\"; }; zone \"evil",
    "a\nserver:",
    "a\r\nb",
    "a\\",
    "a'..'b",
    "a]]b",
    "a{b}",
    "a#b",
    "a b",
    "a\tb",
    "a;b",
    "a//b",
    "a--b\"",
    "$(reboot)",
    "`reboot`",
    "a&b",
    "a|b",
    "a>b",
    "%s",
    std::string_view("a\0b", 3),
    "\xe2\x80\xae",
    "\xff",
    "a:b: c",
    "[a, b]",
    "*",
    "&anchor",
    "!tag",
    "@",
    "",
};

Name name_of(std::string_view label) {
  auto name = Name::prepend(as_bytes(label.substr(0, 63)), *Name::parse("example."));
  REQUIRE(name.has_value());
  return *name;
}

/// For each target the offer is refused as malformed, and the error is one line.
void check_refused(const Offer& offer, std::string_view value) {
  for (const TargetInfo& info : targets()) {
    auto advice = make_advice(info.target, offer, made_at());
    REQUIRE_MESSAGE(!advice.has_value(), info.word << ": " << value);
    CHECK(advice.error().kind == ErrorKind::malformed);
    CHECK(advice.error().what.find('\n') == std::string::npos);
  }
}

}  // namespace

TEST_CASE("names with other characters than letters, digits, - and _ are refused for every target") {
  for (std::string_view value : kHostile) {
    if (value.empty()) continue;  // no label
    Offer offer = whole_offer();
    offer.key->name = name_of(value);
    check_refused(offer, value);
    offer = zone_offer();
    offer.anchors.clear();
    offer.zone = name_of(value);
    check_refused(offer, value);
  }
  CHECK(check_name("it", *Name::parse("_a-1.B.example.")).has_value());
  CHECK(check_name("it", Name()).has_value());
}

TEST_CASE("texts for hosts, paths, URLs and secrets are refused alike") {
  for (std::string_view value : kHostile) {
    std::string text(value);
    auto refused = [&](auto set) {
      Offer offer = whole_offer();
      set(offer);
      check_refused(offer, value);
    };
    refused([&](Offer& offer) { offer.tls_name = text; });
    refused([&](Offer& offer) { offer.tls_authorities = text; });
    refused([&](Offer& offer) { offer.folder = "/var/" + text + "\""; });
    refused([&](Offer& offer) { offer.anchor_file = text; });
    refused([&](Offer& offer) { offer.url = "https://192.0.2.1/" + text + "'"; });
    refused([&](Offer& offer) { offer.url = "https://" + text + "\"/"; });
    refused([&](Offer& offer) { offer.key->secret = text + "\""; });
  }
}

TEST_CASE("paths are absolute and go nowhere else") {
  for (std::string_view good : {"/a", "/var/lib/un-bound/x.y_z+1"}) CHECK(check_path("it", good).has_value());
  for (std::string_view bad : {"/", "a", "/a/../b", "/a/..", "//a", "/a b", "/a\"", "/a'"})
    CHECK_FALSE_MESSAGE(check_path("it", bad).has_value(), bad);
  CHECK_FALSE(check_path("it", "/" + std::string(255, 'a')).has_value());
}

TEST_CASE("a URL is https, plain, and not within the zone that it is to fetch") {
  Name root, zone = *Name::parse("example.");
  for (std::string_view good :
       {"https://192.0.2.1/a", "https://[2001:db8::1]:8443/a/b-_.~", "https://a.test/"})
    CHECK_MESSAGE(check_url(good, root).has_value(), good);
  for (std::string_view bad : {"http://192.0.2.1/a", "https://192.0.2.1", "https:///a", "https://u@h/a",
                               "https://h:/a", "https://h:1x/a", "https://h/a?b", "https://h/a#b",
                               "https://h/%22", "https://[2001:db8::1/a", "https://h:1234567/a"})
    CHECK_FALSE_MESSAGE(check_url(bad, root).has_value(), bad);
  CHECK_FALSE(check_url("https://zones.example/a", zone).has_value());
  CHECK(check_url("https://zones.example/a", root).has_value());
  auto error = check_url("https://host/SECRET\"", root).error();
  CHECK(error.what.find("SECRET") == std::string::npos);
}

TEST_CASE("a label stays in its comment, whatever it is") {
  for (std::string_view value : kHostile) {
    if (value.empty()) continue;
    Offer offer = whole_offer();
    offer.label = std::string(value) + "MARK";
    for (const TargetInfo& info : targets()) {
      Advice advice = *make_advice(info.target, offer, made_at());
      for (const AdviceFile& file : advice.files) {
        std::size_t at = file.text.find("MARK");
        REQUIRE(at != std::string::npos);
        std::size_t begin = file.text.rfind('\n', at) + 1;
        std::string_view line = std::string_view(file.text).substr(begin, file.text.find('\n', at) - begin);
        CHECK_MESSAGE((line.starts_with("# For: \"") || line.starts_with("-- For: \"")), line);
        CHECK(line.ends_with("MARK\""));
        CHECK(file.text.find("MARK", at + 1) == std::string::npos);
      }
    }
  }
}

TEST_CASE("addresses are those of servers, and not too many") {
  auto refused = [](auto set) {
    Offer offer = whole_offer();
    set(offer);
    return !make_advice(Target::bind_9_18, offer, made_at()).has_value();
  };
  CHECK(refused([](Offer& offer) { offer.servers = {address("0.0.0.0")}; }));
  CHECK(refused([](Offer& offer) { offer.servers = {address("224.0.0.1")}; }));
  CHECK(refused([](Offer& offer) { offer.servers = {address("192.0.2.1@0")}; }));
  CHECK(refused([](Offer& offer) { offer.fall_backs.assign(17, address("192.0.2.1")); }));
  CHECK(refused([](Offer& offer) { offer.subscriber.push_back(offer.subscriber.front()); }));
}
