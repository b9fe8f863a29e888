#include "zone/reader.h"

#include <doctest/doctest.h>

#include <map>

#include "base/random.h"
#include "dns/rdata.h"

using namespace zw;

namespace {

constexpr std::string_view kSoa = "example. 300 IN SOA ns.example. host.example. 7 1 2 3 4\n";

struct Records final : RecordSink {
  std::string text;
  std::optional<Complaint> record(NameView owner, RrType type, std::uint32_t ttl, Bytes rdata) override {
    text +=
        print(owner) + " " + std::to_string(ttl) + " " + print(type) + " " + print_rdata(type, rdata) + "\n";
    return std::nullopt;
  }
};

std::string read(std::string_view text, ReaderOptions options = {}) {
  Records records;
  ReadReport report = read_records(text, "z", options, records);
  for (const ReadIssue& issue : report.issues) records.text += print(issue) + "\n";
  return records.text;
}

ReaderOptions with_origin(std::string_view origin) {
  ReaderOptions options;
  options.origin = *Name::parse(origin);
  return options;
}

struct Files final : IncludeLoader {
  std::map<std::string, std::string, std::less<>> files;
  Result<File> load(std::string_view path, std::string_view) override {
    auto at = files.find(path);
    if (at == files.end()) return fail(ErrorKind::not_found, "cannot read {}", path);
    return File{std::string(path), at->second};
  }
};

}  // namespace

TEST_CASE("owner, TTL and class may be left out, and TTL and class stand in either order") {
  CHECK(read("$TTL 1h\nexample. IN SOA ns host 1 2 3 4 5\n  NS ns\nwww 60 IN A 192.0.2.1\n\tIN 30 A "
             "192.0.2.2\nIN A 192.0.2.3\n") ==
        "example. 3600 SOA ns.example. host.example. 1 2 3 4 5\n"
        "example. 3600 NS ns.example.\n"
        "www.example. 60 A 192.0.2.1\n"
        "www.example. 30 A 192.0.2.2\n"
        "IN.example. 3600 A 192.0.2.3\n");
}

TEST_CASE("parentheses, comments, CRLF and a missing last newline") {
  CHECK(read("example. 5 SOA ns host ( 1 ; serial\r\n 2 3\n\n 4 5 ) ; end\r\n@ 5 TXT ( \"a;b\" c\n d ) ; "
             "x\r\n; only\r\n \t\r\nw 5 A 192.0.2.1") ==
        "example. 5 SOA ns.example. host.example. 1 2 3 4 5\n"
        "example. 5 TXT \"a;b\" \"c\" \"d\"\n"
        "w.example. 5 A 192.0.2.1\n");
}

TEST_CASE("$ORIGIN completes names, also its own") {
  CHECK(read("$ORIGIN example.\n$TTL 5\na NS b\n$ORIGIN sub\na NS b.\n@ NS @\n$ORIGIN .\nx NS y\n") ==
        "a.example. 5 NS b.example.\na.sub.example. 5 NS b.\nsub.example. 5 NS sub.example.\nx. 5 NS y.\n");
}

TEST_CASE("without an origin relative names are errors until the SOA or $ORIGIN gives one") {
  CHECK(read("www 5 A 192.0.2.1\n") ==
        "z:1:1: www is relative, and there is no origin: put $ORIGIN before it\n");
  CHECK(read("a. 5 NS b\n") == "z:1:9: b is relative, and there is no origin: put $ORIGIN before it\n");
  CHECK(read("a. 5 NS b\\.\n") == "z:1:9: b\\. is relative, and there is no origin: put $ORIGIN before it\n");
}

TEST_CASE(
    "a TTL is the given one, else $TTL, else the last one, else the MINIMUM of the SOA with a warning") {
  CHECK(read("a. A 192.0.2.1\n") == "z:1:4: the record has no TTL, and no $TTL or TTL stands before it\n");
  CHECK(read("a. 7 A 192.0.2.1\nb. A 192.0.2.2\n$TTL 9\nc. A 192.0.2.3\n") ==
        "a. 7 A 192.0.2.1\nb. 7 A 192.0.2.2\nc. 9 A 192.0.2.3\n");
  CHECK(read("a. SOA b. c. 1 2 3 4 55\na. NS b.\n") ==
        "a. 55 SOA b. c. 1 2 3 4 55\na. 55 NS b.\n"
        "z:1:4: warning: the SOA record has no TTL: its MINIMUM is taken (put $TTL before it)\n");
}

TEST_CASE("errors have file, line and column, and the reader goes on to the next record") {
  CHECK(read("a. 5 A 192.0.2.1.\nb. 5 A 192.0.2.2\nc. 5 MX (\n 10\n a..b. )\nd. 5 A 192.0.2.4\n") ==
        "b. 5 A 192.0.2.2\nd. 5 A 192.0.2.4\nz:1:8: expected an IPv4 address\nz:5:4: a label cannot be "
        "empty\n");
  CHECK(read("a. 5 A\nb. 5 A 192.0.2.2\n") ==
        "b. 5 A 192.0.2.2\nz:1:7: expected an address, found the end of the line\n");
  CHECK(read("a. 5 TXT \"open\nb. 5 A 192.0.2.2\n") ==
        "b. 5 A 192.0.2.2\nz:1:11: a quoted string is not closed on its line\n");
  CHECK(read("a. 5 TXT ( x\nb. 5 A 192.0.2.2\n") == "z:1:10: a parenthesis is not closed\n");
  CHECK(read(" A 192.0.2.1\n") == "z:1:2: the first record has no owner name before it\n");
  CHECK(read("a. 5 FOO x\n") == "z:1:6: FOO is no RR type, class or TTL\n");
  CHECK(read("a. 5 5 A 192.0.2.1\n") == "z:1:6: a second TTL\n");
  CHECK(read("a. IN IN A 192.0.2.1\n") == "z:1:7: a second class\n");
  CHECK(read("a. 2147483648 A 192.0.2.1\n") ==
        "z:1:4: a TTL is at most 2147483647 seconds, plain or with units such as 1h30m\n");
  CHECK(read("a. 5 CH A 192.0.2.1\n") == "z:1:6: a record of class CH in a zone of class IN\n");
  CHECK(read("a. 5 ANY \\# 0\n") == "z:1:6: ANY records do not stand in zones\n");
  CHECK(read("a. 5 A 192.0.2.1 192.0.2.2\n") == "z:1:18: the A record goes on behind its last field\n");
  CHECK(read("$FOO\n") == "z:1:1: $FOO is no directive: expected $ORIGIN, $TTL, $INCLUDE or $GENERATE\n");
  CHECK(read("$TTL 5 5\n") == "z:1:8: the line goes on behind its directive\n");
  CHECK(read(")\n") == "z:1:1: a parenthesis is closed that was not opened\n");
}

TEST_CASE("twenty errors are told, then the reader stops") {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "a. 5 A x\n";
  Records records;
  ReadReport report = read_records(text, "z", {}, records);
  CHECK(report.errors == 20);
  CHECK(report.issues.size() == 20);
  CHECK(report.issues.back().line == 20);
}

TEST_CASE("$GENERATE makes records as BIND does") {
  auto options = with_origin("example.");
  CHECK(read("$TTL 5\n$GENERATE 1-3/2 host$ A 192.0.2.$\n", options) ==
        "host1.example. 5 A 192.0.2.1\nhost3.example. 5 A 192.0.2.3\n");
  CHECK(read("$GENERATE 10-11 ${-10,3,x} 5 CNAME $.${0,5,n}.\n", options) ==
        "000.example. 5 CNAME 10.a.0.0.\n001.example. 5 CNAME 11.b.0.0.\n");
  CHECK(read("$GENERATE 1-1 a\\$$$ 5 TXT \"$ x\"\n", options) == "a\\$\\$.example. 5 TXT \"1 x\"\n");
  CHECK(read("$GENERATE 3-1 a$ 5 A 192.0.2.$\n", options) ==
        "z:1:11: expected a range such as 1-127 or 0-254/2, found 3-1\n");
  CHECK(read("$GENERATE 255-256 a$ 5 A 192.0.2.$\nb 5 A 192.0.2.1\n", options) ==
        "a255.example. 5 A 192.0.2.255\nb.example. 5 A 192.0.2.1\nz:1:11: expected an IPv4 address\n");
  CHECK(read("$GENERATE 1-1 ${-2} 5 A 192.0.2.1\n", options).starts_with("z:1:11: expected ${offset"));
  ReaderOptions few = options;
  few.most_generated = 2;
  CHECK(read("$GENERATE 1-9 a$ 5 A 192.0.2.$\n", few)
            .ends_with("z:1:11: $GENERATE makes more than 2 records\n"));
}

TEST_CASE("$INCLUDE reads another file with its own origin and comes back to this one") {
  Files files;
  files.files["sub"] = "w 5 A 192.0.2.1\n$ORIGIN deep.example.\n@ 5 A 192.0.2.2\n";
  files.files["bad"] = "w 5 A x\n";
  files.files["loop"] = "$INCLUDE loop\n";
  auto options = with_origin("example.");
  options.includes = &files;
  CHECK(read("a 5 A 192.0.2.9\n$INCLUDE sub sub.example.\n 5 A 192.0.2.8\nb 5 A 192.0.2.7\n", options) ==
        "a.example. 5 A 192.0.2.9\nw.sub.example. 5 A 192.0.2.1\ndeep.example. 5 A 192.0.2.2\n"
        "a.example. 5 A 192.0.2.8\nb.example. 5 A 192.0.2.7\n");
  CHECK(read("$INCLUDE bad\nb 5 A 192.0.2.7\n", options) ==
        "b.example. 5 A 192.0.2.7\nbad:1:7: expected an IPv4 address\n");
  CHECK(read("$INCLUDE none\n", options) == "z:1:10: cannot read none\n");
  CHECK(read("$INCLUDE loop\n", options) == "loop:1:10: $INCLUDE goes deeper than 10 files\n");
  CHECK(read("$INCLUDE sub\n", with_origin("example.")) == "z:1:10: $INCLUDE is not allowed here\n");
}

TEST_CASE("a zone takes its origin from the SOA, wherever it stands") {
  auto reading = read_zone("b.example. 5 A 192.0.2.1\nexample. 5 NS b.example.\n" + std::string(kSoa), "z");
  REQUIRE(reading.zone);
  CHECK(print(reading.zone->origin()) == "example.");
  CHECK(reading.zone->record_count() == 3);
  CHECK(reading.zone->serial() == Serial(7));
}

TEST_CASE("what makes no zone is told") {
  auto issue = [](std::string_view text) {
    auto reading = read_zone(text, "z");
    CHECK_FALSE(reading.zone);
    REQUIRE(!reading.report.issues.empty());
    return print(reading.report.issues[0]);
  };
  CHECK(issue("") == "z:1:1: there is no SOA record");
  CHECK(issue("a. 5 A 192.0.2.1\n") == "z:1:1: there is no SOA record");
  CHECK(issue(std::string(kSoa) + "example.org. 5 A 192.0.2.1\n") ==
        "z:2:16: example.org. A is out of the zone example.");
  CHECK(issue(std::string(kSoa) + "a.example. 5 IN A x\n") == "z:2:19: expected an IPv4 address");
}

TEST_CASE("any text is read to an end") {
  Splitmix random(21);
  static constexpr std::string_view kOctets = "aA.@0 \t\n\r()\";\\$N*S-{},\x80";
  static constexpr std::string_view kWords[] = {
      "$ORIGIN ", "$TTL ", "$GENERATE 1-3 ", "$INCLUDE ", " IN ", " A ", " SOA ", " 5 ", "192.0.2.1\n"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::uint64_t n = random.below(60); n > 0; --n)
      random.below(3) ? text.push_back(kOctets[random.below(kOctets.size())])
                      : void(text += kWords[random.below(std::size(kWords))]);
    read(text);
    read_zone(text, "z", with_origin("a."));
  }
}
