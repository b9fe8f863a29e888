#include "zone/step.h"

#include <doctest/doctest.h>

#include "crypto/digest.h"
#include "zone/random_zone.h"
#include "zone/writer.h"

using namespace zw;
using zw::testing::RandomZone;
using zw::testing::text;

namespace {

// A file whose digest is right, whatever stands in it.
Buffer sealed(Buffer body) {
  append(body, digest(DigestAlgorithm::sha256, body).bytes());
  return body;
}

struct Versions {
  explicit Versions(std::uint64_t seed, std::string_view origin, std::size_t steps = 2) : random(seed) {
    RandomZone zone(random, *Name::parse(origin));
    zone.change(60);
    zones.push_back(zone.build());
    for (std::uint32_t serial = 2; zones.size() <= steps; ++serial) {
      zone.set_serial(serial);
      zone.change(random.below(30));
      if (random.below(3) == 0) zone.remove_run(10);
      zones.push_back(zone.build());
    }
  }
  Splitmix random;
  std::vector<ZonePtr> zones;
};

}  // namespace

TEST_CASE("a step and the newer version give the differences and the older version") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Versions made(seed, seed % 2 ? "." : "Example.org.", 1);
    const Zone &older = *made.zones[0], &newer = *made.zones[1];
    Changeset changes = *diff(older, newer);
    Buffer file = write_step(older, changes);
    StepHead head = *read_step_head(file);
    CHECK(head.origin == older.origin());
    CHECK(head.from == older.serial());
    CHECK(head.to == newer.serial());
    auto read = read_step(file, newer);
    REQUIRE_MESSAGE(read, read.error().what);
    CHECK(text(*read) == text(changes));
    auto back = apply(newer, reversed(*read));
    REQUIRE_MESSAGE(back, back.error().what);
    CHECK(canonical_text(**back) == canonical_text(older));
  }
}

TEST_CASE("two differences are condensed to the one between their ends") {
  for (std::uint64_t seed = 100; seed < 160; ++seed) {
    Versions made(seed, "example.org.", 3);
    Changeset whole = *diff(*made.zones[0], *made.zones[1]);
    for (std::size_t i = 1; i < 3; ++i) whole = *condense(whole, *diff(*made.zones[i], *made.zones[i + 1]));
    CHECK(text(whole) == text(*diff(*made.zones[0], *made.zones[3])));
  }
  Versions made(7, "example.org.");
  Changeset step = *diff(*made.zones[0], *made.zones[1]);
  CHECK(condense(step, step).error().kind == ErrorKind::conflict);
}

TEST_CASE("what is added stands in no step, so a zone that is signed anew makes small ones") {
  Splitmix random(5);
  RandomZone zone(random, *Name::parse("example."));
  ZonePtr small = zone.build();
  zone.set_serial(2);
  zone.change(500);
  ZonePtr large = zone.build();
  Buffer grown = write_step(*small, *diff(*small, *large));
  Buffer shrunk = write_step(*large, reversed(*diff(*small, *large)));
  CHECK(grown.size() * 3 < shrunk.size());
}

TEST_CASE("a step for another version, or of another zone, is told") {
  Versions made(9, "example.org.");
  Buffer file = write_step(*made.zones[0], *diff(*made.zones[0], *made.zones[1]));
  CHECK(read_step(file, *made.zones[1]));
  CHECK(read_step(file, *made.zones[2]).error().kind == ErrorKind::conflict);
  CHECK(read_step(file, *Versions(9, "example.net.").zones[1]).error().kind == ErrorKind::conflict);
}

TEST_CASE("a damaged step is refused: each octet counts, and each cut") {
  Versions made(11, "example.org.", 1);
  Buffer file = write_step(*made.zones[0], *diff(*made.zones[0], *made.zones[1]));
  for (std::size_t i = 0; i < file.size(); ++i) {
    Buffer broken = file;
    broken[i] ^= 0x10;
    CHECK(read_step(broken, *made.zones[1]).error().kind == ErrorKind::malformed);
    CHECK(read_step(Bytes(file).first(i), *made.zones[1]).error().kind == ErrorKind::malformed);
  }
}

TEST_CASE("a step with a good digest is read to its end or refused with the place") {
  Versions made(12, "example.org.", 1);
  Buffer file = write_step(*made.zones[0], *diff(*made.zones[0], *made.zones[1]));
  Buffer body(file.begin(), file.end() - 32);
  int refused = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    Buffer broken = body;
    broken[i] ^= 0x81;
    auto read = read_step(sealed(broken), *made.zones[1]);
    if (!read) ++refused;
    CHECK_FALSE(read_step(sealed(Buffer(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(i))),
                          *made.zones[1]));
  }
  CHECK(refused > 0);
  body.push_back(0);
  CHECK(read_step(sealed(body), *made.zones[1]).error().what.find("octets behind the last set") !=
        std::string::npos);
}
