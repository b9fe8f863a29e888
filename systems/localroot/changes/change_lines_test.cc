#include "localroot/changes/change_lines.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "localroot/changes/testing.h"
#include "localroot/root_archive.h"
#include "zone/random_zone.h"

using namespace zw;
using namespace zw::localroot;
using namespace zw::localroot::testing;
using zw::testing::RandomZone;

namespace {

std::string lines_of(const Changeset& changes, ChangeScope scope) {
  std::string out;
  REQUIRE(append_records(out, changes, scope, 1 << 26));
  return out;
}

ChangeVersion counted(const Changeset& changes) {
  ChangeVersion out;
  out.previous = changes.from;
  count_changes(changes, out);
  return out;
}

// The other way: what a reader makes of the lines.
Changeset replay(std::string_view lines, const Zone& before, Serial to) {
  Changeset out(before.origin(), before.rr_class());
  out.from = before.serial();
  out.to = to;
  for (const std::string& line : split(lines)) {
    auto record = parse_record(line);
    REQUIRE_MESSAGE(record, record.error().what);
    CHECK(record->rr_class == print(before.rr_class()));
    auto rdata = parse_rdata(record->type, record->rdata);
    REQUIRE_MESSAGE(rdata, line);
    bool inside = record->added ? out.add(record->owner, record->type, record->ttl, *rdata)
                                : out.remove(record->owner, record->type, record->ttl, *rdata);
    CHECK(inside);
  }
  out.sort();
  return out;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

}  // namespace

TEST_CASE("a version and its records as lines") {
  Changeset changes = step(1, 2);
  CHECK(lines_of(changes, ChangeScope::data) ==
        R"({"op":"add","owner":"a2-0.example.","type":"A","class":"IN","ttl":60,"rdata":"192.0.2.1"})"
        "\n");
  auto all = split(lines_of(changes, ChangeScope::all));
  REQUIRE(all.size() == 4);
  CHECK(all[0] == R"({"op":"remove","signing":true,"owner":"example.","type":"SOA","class":"IN","ttl":300,)"
                  R"("rdata":"ns.example. host.example. 1 1800 900 604800 300"})");
  CHECK(is_signing_line(all[0]));
  CHECK_FALSE(is_signing_line(all[3]));
  CHECK(lines_of(changes, ChangeScope::none).empty());
  ChangeVersion version = counted(changes);
  CHECK(version.data.removed == 0);
  CHECK(version.data.added == 1);
  CHECK(version.signing.removed == 1);
  CHECK(version.signing.added == 2);
  CHECK_FALSE(version.signatures_only());
  version.zone = *Name::parse("example.");
  version.entry = 7;
  version.serial = Serial(2);
  version.published_at = kBegin;
  version.records = ChangeScope::data;
  std::string line = print_version(version);
  CHECK(line ==
        R"({"op":"version","zone":"example.","serial":2,"previous":1,"entry":7,)"
        R"("published_at":"2026-08-01T00:00:00Z","digest_kind":null,"digest":null,"signatures_only":false,)"
        R"("removed":0,"added":1,"signing_removed":1,"signing_added":2,"records":"data"})"
        "\n");
  line.pop_back();
  CHECK(print_version(*parse_version(line)) == line + "\n");
  CHECK(parse_version(line)->lines() == 1);
  CHECK(print_record(*parse_record(split(lines_of(changes, ChangeScope::data))[0])) ==
        "+ a2-0.example. 60 IN A 192.0.2.1\n");
}

TEST_CASE("the SOA is data when more than its serial changes") {
  Changeset changes;
  changes.remove(Name(), RrType::SOA, 300, soa(1));
  changes.add(Name(), RrType::SOA, 300, soa(2));
  CHECK(counted(changes).signatures_only());
  CHECK(lines_of(changes, ChangeScope::data).empty());
  Changeset slower;
  slower.remove(Name(), RrType::SOA, 300, soa(1));
  slower.add(Name(), RrType::SOA, 300, soa(2, 3600));
  CHECK(counted(slower).data.sum() == 2);
  CHECK(split(lines_of(slower, ChangeScope::data)).size() == 2);
}

TEST_CASE("what takes too many octets is not begun") {
  std::string out = "before";
  Changeset changes = step(1, 2, 100);
  CHECK_FALSE(append_records(out, changes, ChangeScope::data, 9000));
  CHECK(out == "before");
  CHECK(append_records(out, changes, ChangeScope::data, 10'000));
}

TEST_CASE("lines that are not ours are refused") {
  std::string version = print_version({});
  version.pop_back();
  REQUIRE(parse_version(version));
  for (const char* name : {"zone", "serial", "previous", "entry", "published_at", "digest_kind", "digest",
                           "removed", "added", "signing_removed", "signing_added", "records"}) {
    std::string bad = version;
    bad.replace(bad.find("\"" + std::string(name) + "\":") + 1, 1, "_");
    CHECK_MESSAGE(!parse_version(bad), name);
  }
  std::string record = split(lines_of(step(1, 2), ChangeScope::data))[0];
  for (const char* name : {"owner", "type", "class", "ttl", "rdata"}) {
    std::string bad = record;
    bad.replace(bad.find("\"" + std::string(name) + "\":") + 1, 1, "_");
    CHECK_MESSAGE(!parse_record(bad), name);
  }
  CHECK_FALSE(parse_record(version));
  CHECK_FALSE(parse_version(record));
  CHECK_FALSE(is_whole_line(std::string_view(record).substr(0, record.size() - 1)));
  CHECK_FALSE(is_whole_line(std::string_view(record).substr(1)));
  record[40] = '\0';
  CHECK_FALSE(is_whole_line(record));
}

TEST_CASE("the longest record is a line within bounds, and reads back") {
  Buffer text;
  while (text.size() + 256 <= 65'535) {
    text.push_back(255);
    text.resize(text.size() + 255, 0x07);
  }
  Buffer label(63, 0xff);
  Name owner = *Name::parse("example.");
  for (int i = 0; i < 3; ++i)
    if (auto longer = Name::prepend(i == 2 ? Bytes(label).first(55) : Bytes(label), owner)) owner = *longer;
  Changeset changes(*Name::parse("example."));
  REQUIRE(changes.add(owner, RrType::TXT, 60, text));
  std::string line = lines_of(changes, ChangeScope::data);
  CHECK(line.size() > 320'000);
  CHECK(line.size() <= kMostChangeLine);
  line.pop_back();
  auto back = parse_record(line);
  REQUIRE_MESSAGE(back, back.error().what);
  CHECK(*parse_rdata(RrType::TXT, back->rdata) == text);
}

TEST_CASE("the lines of a feed lead from one version of any zone to the next") {
  Splitmix random(20261127);
  for (int round = 0; round < 24; ++round) {
    RandomZone model(random, round % 4 ? *Name::parse("Example.") : Name(),
                     round % 6 ? RrClass::IN : RrClass::CH);
    model.change(random.below(round % 3 ? 600 : 20));
    ZonePtr zone = model.build();
    for (std::uint32_t serial = 2; serial < 8; ++serial) {
      model.set_serial(serial);
      model.change(random.below(random.below(3) ? 10 : 300));
      ZonePtr next = model.build();
      Changeset changes = *diff(*zone, *next);
      std::string lines = lines_of(changes, ChangeScope::all);
      CHECK(is_plain(lines));
      auto got = apply(*zone, replay(lines, *zone, next->serial()));
      REQUIRE_MESSAGE(got, got.error().what);
      CHECK(canonical_text(**got) == canonical_text(*next));
      // What is counted is what is there, by either scope.
      ChangeVersion version = counted(changes);
      version.records = ChangeScope::all;
      CHECK(split(lines).size() == version.lines());
      version.records = ChangeScope::data;
      std::string data = lines_of(changes, ChangeScope::data);
      CHECK(split(data).size() == version.lines());
      CHECK(version.signatures_only() == !change_of(changes).data);
      for (const std::string& line : split(lines)) {
        CHECK(is_whole_line(line));
        CHECK((data.find(line + "\n") == std::string::npos) == is_signing_line(line));
      }
      zone = next;
    }
  }
}

TEST_CASE("three years of the root in a feed") {
  std::string path = RootArchive::find(ZW_SOURCE_DIR);
  if (path.empty()) return;
  std::size_t versions = 0, signatures_only = 0, octets = 0, records = 0, largest = 0;
  RootArchive::read(path, [&](const Changeset& changes, const SignatureSpan& span) {
    if (changes.removed.is_empty() && changes.added.is_empty()) return;  // where it begins
    ChangeVersion version = counted(changes);
    version.entry = ++versions;
    version.serial = changes.to;
    version.published_at = span.inception;
    version.digest_kind = "SHA-384";
    version.digest = std::string(96, 'A');
    version.signing = {2'792, 2'792};  // the archive leaves them out
    version.records = ChangeScope::data;
    signatures_only += version.signatures_only();
    std::string text = print_version(version) + lines_of(changes, ChangeScope::data);
    octets += text.size();
    largest = std::max(largest, text.size());
    records += version.data.sum();
  });
  CHECK(versions == 2'575);
  CHECK(signatures_only == 2'008);
  CHECK(octets < 4'000'000);
  MESSAGE(versions, " versions, ", signatures_only, " of signatures only, ", records, " records, ", octets,
          " octets, the largest version ", largest);
}
