#include <doctest/doctest.h>

#include "base/random.h"
#include "config/manual.h"
#include "config/settings.h"

namespace zw {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Policy { strict, relaxed };

struct Primary {
  Address at;
  std::optional<std::string> key;
  bool operator==(const Primary&) const = default;
};
struct ZoneSetting {
  std::string name;
  std::vector<Primary> primaries;
  std::vector<Network> transfer{Network(*IpAddress::parse("127.0.0.0"), 8)};
  bool operator==(const ZoneSetting&) const = default;
};
struct Limits {
  milliseconds idle = seconds(10);
  std::size_t message = 65536;
  unsigned connections = 4096;
  bool operator==(const Limits&) const = default;
};
struct Config {
  std::string state = "/var/lib/zonewright";
  Policy policy = Policy::strict;
  bool quick = false;
  std::optional<WallTime> at;
  std::vector<Address> listen;
  Limits limits;
  std::vector<ZoneSetting> zones;
  bool operator==(const Config&) const = default;
};

Settings<Config> settings() {
  Settings<Primary> primary;
  primary.required("address", &Primary::at, address_type(53), "Where it is.");
  primary.row("key", &Primary::key, maybe(text_type("the name of a key")), "Its TSIG key.");
  Settings<ZoneSetting> zone;
  zone.required("name", &ZoneSetting::name, text_type("the name of a zone", 255), "The apex.");
  zone.tables("primary", &ZoneSetting::primaries, primary, 8,
              "Where the zone comes from, the first one first.");
  zone.row("transfer", &ZoneSetting::transfer, list_of(network_type(), 3), "Who may take it.");
  Settings<Limits> limits;
  limits.row("idle", &Limits::idle, duration_type(milliseconds(100), std::chrono::hours(1)), "Idle time.");
  limits.row("message", &Limits::message, size_type(512, 1 << 20), "Largest message.");
  limits.row("connections", &Limits::connections, number_type(1u, 100000u), "TCP connections.");
  Settings<Config> root;
  root.row("state", &Config::state, path_type(), "The state folder.");
  root.row("policy", &Config::policy,
           one_of<Policy>({{"strict", Policy::strict}, {"relaxed", Policy::relaxed}}), "How to judge.");
  root.row("quick", &Config::quick, flag_type(), "Whether to hurry.");
  root.row("at", &Config::at, maybe(time_type()), "The time to judge at.");
  root.row("listen", &Config::listen, list_of(address_type(53), 10), "Where to listen.");
  root.table("limits", &Config::limits, limits, "Bounds.");
  root.tables("zone", &Config::zones, zone, 5, "One for each zone.");
  root.check([](const Config& config, const Toml& from, Complaints& complaints) {
    if (config.quick && config.policy == Policy::strict)
      complaints.add(place_of(from, "quick"), "\"quick\" does not go with the policy \"strict\"");
  });
  return root;
}

std::string errors(std::string_view text) {
  auto config = parse_config(text, settings());
  REQUIRE_FALSE(config.has_value());
  return print_errors("f.toml", config.error());
}

TEST_CASE("an empty file has all defaults") {
  auto config = parse_config("", settings());
  REQUIRE(config.has_value());
  CHECK(*config == Config{});
}

TEST_CASE("values of every type are read where they belong") {
  auto config = parse_config(
      "state = '/srv/z'\npolicy = 'relaxed'\nquick = true\nat = 2026-08-05T00:00:00Z\n"
      "listen = ['127.0.0.1', '[::1]:5300', '192.0.2.1@54']\n"
      "[limits]\nidle = '1m30s'\nmessage = '4KiB'\nconnections = 7\n"
      "[[zone]]\nname = '.'\ntransfer = ['192.0.2.0/24', '::1']\n"
      "[[zone.primary]]\naddress = '192.0.2.7'\nkey = 'k1'\n[[zone.primary]]\naddress = '192.0.2.8@5353'\n"
      "[[zone]]\nname = 'arpa.'\n",
      settings());
  REQUIRE(config.has_value());
  CHECK(config->state == "/srv/z");
  CHECK(config->policy == Policy::relaxed);
  CHECK(config->at == parse_time("2026-08-05T00:00:00Z"));
  REQUIRE(config->listen.size() == 3);
  CHECK(config->listen[1].print() == "::1@5300");
  CHECK(config->limits == Limits{seconds(90), 4096, 7});
  REQUIRE(config->zones.size() == 2);
  CHECK(config->zones[0].transfer.size() == 2);
  REQUIRE(config->zones[0].primaries.size() == 2);
  CHECK(config->zones[0].primaries[0].key == "k1");
  CHECK(config->zones[0].primaries[1].at.port == 5353);
  CHECK(config->zones[1].transfer == ZoneSetting{}.transfer);
}

TEST_CASE("all that is wrong is told, each with its line and column, in the order of the text") {
  std::string text = errors(
      "stat = '/srv'\n"
      "policy = 'strickt'\n"
      "quick = 'yes'\n"
      "listen = ['127.0.0.1', '127.0.0.1:x', 53]\n"
      "[limits]\n"
      "  idle = 30\n"
      "  message = '4KB'\n"
      "  connections = 0\n"
      "[[zone]]\n"
      "transfer = ['192.0.2.1/24']\n"
      "[[zone]]\n"
      "name = 7\n"
      "wholly-unknown-word = 1\n");
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    std::size_t end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  REQUIRE(lines.size() == 12);
  CHECK(lines[0] == "f.toml:1:1: unknown setting \"stat\"; did you mean \"state\"?");
  CHECK(lines[1] ==
        "f.toml:2:10: expected one of \"strict\", \"relaxed\" (did you mean \"strict\"?), got \"strickt\"");
  CHECK(lines[2] == "f.toml:3:9: expected true or false, got a text");
  CHECK(lines[3].starts_with("f.toml:4:24: expected an IP address"));
  CHECK(lines[3].ends_with("got \"127.0.0.1:x\""));
  CHECK(lines[4].starts_with("f.toml:4:39: expected an IP address"));
  CHECK(lines[4].ends_with("got a whole number"));
  CHECK(lines[5] == "f.toml:6:10: expected a duration from \"100ms\" to \"1h\", got a whole number");
  CHECK(lines[6] == "f.toml:7:13: expected a size from \"512B\" to \"1MiB\", got \"4KB\"");
  CHECK(lines[7] == "f.toml:8:17: expected a whole number from 1 to 100000, got 0");
  CHECK(lines[8] == "f.toml:9:1: setting \"name\" is missing: expected the name of a zone");
  CHECK(lines[9].starts_with("f.toml:10:13: bits are set after the prefix; did you mean 192.0.2.0/24?"));
  CHECK(lines[10] == "f.toml:12:8: expected the name of a zone, got a whole number");
  CHECK(lines[11] == "f.toml:13:1: unknown setting \"wholly-unknown-word\"");
}

TEST_CASE("values that do not go together are told once each is well by itself") {
  CHECK(errors("quick = true\n") == "f.toml:1:1: \"quick\" does not go with the policy \"strict\"\n");
  CHECK(errors("quick = true\nstate = ''\n").find("does not go with") == std::string::npos);
}

TEST_CASE("a text that is no TOML is told with its place") {
  CHECK(errors("a = 1\nb = [\n").starts_with("f.toml:"));
  CHECK(errors("quick = true\nquick = false\n").starts_with("f.toml:2:"));
}

TEST_CASE("tables where values belong, and the other way round, are told") {
  CHECK(errors("limits = 3\n").find("1:10: expected a table, got a whole number") != std::string::npos);
  CHECK(errors("[zone]\nname = '.'\n").find("[[zone]], got a table") != std::string::npos);
  CHECK(errors("zone = [1]\n").find("expected a table, got a whole number") != std::string::npos);
  CHECK(errors("zone = [{name='a'},{name='a'},{name='a'},{name='a'},{name='a'},{name='a'}]\n")
            .find("expected at most 5 tables, got 6") != std::string::npos);
  CHECK(errors("[[zone]]\nname='a'\ntransfer=['::1','::1','::1','::1']\n").find("got 4 items") !=
        std::string::npos);
}

TEST_CASE("foreign text in an error stays on its line") {
  std::string text = errors("state = \"\"\npolicy = \"a\\nb\\u001b[2J\"\n\"x\\ny\" = 1\n");
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("the number of complaints is bounded") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "k" + std::to_string(i) + " = 1\n";
  auto config = parse_config(text, settings());
  REQUIRE_FALSE(config.has_value());
  CHECK(config.error().size() == Complaints::kMost);
}

TEST_CASE("what is printed is read back as the same value") {
  Splitmix random(21);
  for (int i = 0; i < 200; ++i) {
    Config config;
    config.state = "/srv/\"quoted\" \\ \xc3\xa9/" + std::to_string(random.next());
    config.policy = random.below(2) ? Policy::strict : Policy::relaxed;
    config.quick = config.policy == Policy::relaxed && random.below(2);
    if (random.below(2)) config.at = WallTime(seconds(random.below(4000000000)));
    config.limits = {milliseconds(100 + random.below(3599000)), 512 + random.below(1000000),
                     static_cast<unsigned>(1 + random.below(99999))};
    for (std::size_t n = random.below(3); n > 0; --n) {
      std::uint8_t octets[16];
      random.fill(octets);
      config.listen.push_back({random.below(2) ? IpAddress::v4(octets) : IpAddress::v6(octets),
                               static_cast<std::uint16_t>(random.next())});
    }
    for (std::size_t n = random.below(4); n > 0; --n) {
      ZoneSetting zone;
      zone.name = "zone-" + std::to_string(n) + ".";
      for (std::size_t p = random.below(3); p > 0; --p)
        zone.primaries.push_back({{*IpAddress::parse("192.0.2.1"), static_cast<std::uint16_t>(p)},
                                  p == 1 ? std::optional<std::string>("key") : std::nullopt});
      zone.transfer.clear();
      if (random.below(2)) zone.transfer.push_back(Network(*IpAddress::parse("2001:db8::1"), 40));
      config.zones.push_back(zone);
    }
    std::string text = settings().print(config);
    CAPTURE(text);
    auto back = parse_config(text, settings());
    REQUIRE(back.has_value());
    CHECK(*back == config);
  }
}

TEST_CASE("durations and sizes are read with their units and in no other way") {
  for (auto [text, ms] :
       {std::pair{"0s", 0}, {"250ms", 250}, {"1h30m", 5400000}, {"1w2d3h4m5s6ms", 788645006}})
    CHECK(parse_duration(text) == milliseconds(ms));
  for (const char* text : {"", "30", "s", "1.5s", "-1s", "1s1m", "1s1s", "1 s", "1S", "1y",
                           "9999999999999999999s", "1125899906842625w"})
    CHECK_FALSE(parse_duration(text).has_value());
  for (auto [text, octets] : {std::pair{"0B", 0u}, {"512B", 512u}, {"64KiB", 65536u}, {"3GiB", 3221225472u}})
    CHECK(parse_size(text) == octets);
  for (const char* text : {"", "64", "64K", "64KB", "64kib", "1KiB1B", "KiB", "1099511627776GiB"})
    CHECK_FALSE(parse_size(text).has_value());
  for (std::uint64_t value : {0ull, 1ull, 999ull, 1000ull, 61000ull, 604800001ull}) {
    CHECK(parse_duration(print_duration(milliseconds(value))) == milliseconds(value));
    CHECK(parse_size(print_size(value)) == value);
  }
}

TEST_CASE("help, manual, README and example tell every row with its type and default") {
  auto docs = settings().docs();
  std::string help = print_settings_help(docs), man = print_settings_man(docs),
              markdown = print_settings_markdown(docs), example = print_settings_example(docs);
  CHECK(
      help.find("limits.idle\n    Idle time.\n    a duration from \"100ms\" to \"1h\"; default \"10s\"\n") !=
      std::string::npos);
  CHECK(help.find("[[zone.primary]]\n    Where the zone comes from") != std::string::npos);
  CHECK(help.find("zone.name\n    The apex.\n    the name of a zone; has to be given\n") !=
        std::string::npos);
  CHECK(markdown.find("| `idle` | a duration from \"100ms\" to \"1h\"; default \"10s\" | Idle time. |") !=
        std::string::npos);
  CHECK(markdown.find("`[[zone]]`: One for each zone.") != std::string::npos);
  CHECK(man.find(".TP\n.B limits.idle\nIdle time.\n(a duration") != std::string::npos);
  for (const auto& text : {help, man, markdown, example})
    for (const char* key : {"state", "policy", "quick", "at", "listen", "idle", "message", "connections",
                            "name", "address", "key", "transfer"})
      CHECK(text.find(key) != std::string::npos);
  auto parsed = parse_config(example, settings());
  REQUIRE(parsed.has_value());
  CHECK(*parsed == Config{});
}

TEST_CASE("tables share rows by a part, with its bounds, checks and help") {
  struct Shared {
    std::string name;
    unsigned count = 3;
    bool operator==(const Shared&) const = default;
  };
  struct Whole {
    bool quick = false;
    Shared shared;
    bool operator==(const Whole&) const = default;
  };
  Settings<Shared> shared;
  shared.required("name", &Shared::name, text_type(), "Its name.");
  shared.row("count", &Shared::count, number_type(1u, 9u), "How many.");
  shared.check([](const Shared& value, const Toml& from, Complaints& complaints) {
    if (value.name == "none") complaints.add(place_of(from, "name"), "it has to be one");
  });
  Settings<Whole> whole;
  whole.row("quick", &Whole::quick, flag_type(), "Whether to hurry.");
  whole.part(&Whole::shared, shared);
  auto read = parse_config("name = \"x\"\nquick = true\ncount = 4\n", whole);
  REQUIRE(read);
  CHECK(*read == Whole{true, {"x", 4}});
  CHECK(parse_config(whole.print(*read), whole).value() == *read);
  CHECK(whole.docs().size() == 3);
  CHECK(whole.docs()[2].preset == "3");
  CHECK(parse_config("count = 4\n", whole).error().size() == 1);
  CHECK(parse_config("name = \"x\"\ncount = 10\n", whole).error()[0].what.find("from 1 to 9") !=
        std::string::npos);
  CHECK(parse_config("name = \"none\"\n", whole).error()[0].what == "it has to be one");
}

TEST_CASE("the nearest name is one that may have been meant") {
  std::vector<std::string> known = {"state", "listen", "trust-anchor"};
  CHECK(nearest("sate", known) == "state");
  CHECK(nearest("trust_anchor", known) == "trust-anchor");
  CHECK(nearest("trustanchors", known) == "trust-anchor");
  CHECK(nearest("colour", known).empty());
  CHECK(nearest(std::string(100000, 'a'), known).empty());
}

}  // namespace
}  // namespace zw
