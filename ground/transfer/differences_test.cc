#include "transfer/differences.h"

#include "transfer/testing.h"
#include "zone/random_zone.h"
#include "zone/writer.h"

using namespace zw;
using namespace zw::testing;

namespace {

constexpr Differences::Settings kSteps{.whole = 1 << 30};
constexpr Differences::Settings kCondensed{.whole = 1 << 30, .condensed = true};

/// Versions 1, 2, … of a zone of all types of records.
std::vector<ZonePtr> versions(std::uint64_t seed, std::string_view origin, std::size_t count) {
  Splitmix random(seed);
  RandomZone zone(random, name(origin));
  zone.change(80);
  std::vector<ZonePtr> out = {zone.build()};
  while (out.size() < count) {
    zone.set_serial(static_cast<std::uint32_t>(out.size() + 1));
    zone.change(random.below(25));
    out.push_back(zone.build());
  }
  return out;
}

DifferencesPtr differences_of(const std::vector<ZonePtr>& zones, const Differences::Settings& settings) {
  DifferencesPtr out = Differences::none(zones[0], settings);
  for (std::size_t i = 1; i < zones.size(); ++i)
    out = out->with(*diff(*zones[i - 1], *zones[i]), zones[i], settings);
  return out;
}

struct Source : Outgoing<ImageSource, std::vector<MessageRunPtr>> {
  explicit Source(const Zone& zone, const Differences::Answer& answer,
                  std::optional<TsigStreamSigner> signer = {})
      : Outgoing(zone.origin(), answer.runs, {.type = RrType::IXFR, .client = Serial(1)}, std::move(signer)) {
  }
};

/// What a client with `old` has after the answer.
ZonePtr followed(const ZonePtr& old, const Differences::Answer& answer) {
  Source out(*old, answer);
  IncomingTransfer transfer(ixfr_question(old));
  Messages messages = drain(*out.source);
  CHECK(feed(transfer, messages) == TransferState::complete);
  CHECK(transfer.came_by() == TransferMethod::ixfr);
  std::size_t octets = 0;
  for (const Buffer& message : messages) octets += message.size() + 2;
  CHECK(octets == answer.octets + old->origin().size() + 4);  // and the question
  return build(transfer);
}

}  // namespace

TEST_CASE("from each version there is a way to the newest, in steps or condensed") {
  for (bool condensed : {false, true})
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      auto zones = versions(seed, seed % 3 ? "Example." : ".", 5);
      DifferencesPtr differences = differences_of(zones, condensed ? kCondensed : kSteps);
      CHECK(differences->versions() == 4);
      CHECK(differences->oldest() == Serial(1));
      for (std::size_t i = 0; i < 4; ++i) {
        auto answer = differences->from(zones[i]->serial());
        REQUIRE(answer);
        CHECK(canonical_text(*followed(zones[i], *answer)) == canonical_text(*zones.back()));
      }
      CHECK_FALSE(differences->from(zones.back()->serial()));
      CHECK_FALSE(differences->from(Serial(77)));
      CHECK_FALSE(differences->is_too_far(Serial(77)));
    }
}

TEST_CASE("condensed differences leave out what was undone") {
  std::vector<ZonePtr> zones = {
      small_zone(1), small_zone(2, "a.example. TXT \"" + std::string(200, 'x') + "\"\n"), small_zone(3)};
  std::size_t steps = differences_of(zones, kSteps)->from(Serial(1))->octets;
  std::size_t condensed = differences_of(zones, kCondensed)->from(Serial(1))->octets;
  CHECK(condensed + 400 < steps);
}

TEST_CASE("nobody is sent differences that are as large as the zone: the oldest go first") {
  for (bool condensed : {false, true}) {
    auto zones = versions(3, "example.", 9);
    Differences::Settings settings{.whole = 1 << 30, .condensed = condensed};
    std::size_t all = differences_of(zones, settings)->octets();
    std::size_t last = 9;
    for (std::size_t whole : {all + 1000, all, all / 2, all / 4, std::size_t{100}}) {
      settings.whole = whole;
      DifferencesPtr differences = differences_of(zones, settings);
      CHECK(differences->versions() <= last);
      CHECK(differences->octets() <= whole);
      CHECK(differences->last_step_octets() > 0);
      last = differences->versions();
      for (std::uint32_t serial = 1; serial < 9; ++serial) {
        auto answer = differences->from(Serial(serial));
        CHECK(answer.has_value() == (serial + last >= 9));
        CHECK(differences->is_too_far(Serial(serial)) == !answer.has_value());
        if (answer) CHECK(answer->octets < whole);
      }
    }
    CHECK(last == 0);
  }
}

TEST_CASE("a history read backwards gives what following it forwards gave") {
  for (bool condensed : {false, true}) {
    auto zones = versions(4, "example.", 6);
    const Differences::Settings& settings = condensed ? kCondensed : kSteps;
    DifferencesPtr forwards = differences_of(zones, settings);
    DifferencesPtr backwards = Differences::none(zones.back(), settings);
    for (std::size_t i = 5; i-- > 0;) backwards = backwards->behind(*diff(*zones[i], *zones[i + 1]));
    CHECK(backwards->octets() == forwards->octets());
    CHECK(backwards->last_step_octets() == forwards->last_step_octets());
    for (std::uint32_t serial = 1; serial < 6; ++serial) {
      auto a = forwards->from(Serial(serial)), b = backwards->from(Serial(serial));
      REQUIRE((a && b));
      Source x(*zones[0], *a), y(*zones[0], *b);
      CHECK(drain(*x.source) == drain(*y.source));
    }
    Differences::Settings tight = settings;
    tight.whole = forwards->from(Serial(4))->octets + 1;
    backwards = Differences::none(zones.back(), tight);
    backwards = backwards->behind(*diff(*zones[4], *zones[5]));
    REQUIRE(backwards);
    if (!condensed) {
      backwards = backwards->behind(*diff(*zones[3], *zones[4]));
      REQUIRE(backwards);
    }
    for (std::size_t i = backwards->versions() == 2 ? 3 : 4; backwards && i-- > 0;)
      if (auto more = backwards->behind(*diff(*zones[i], *zones[i + 1])); more)
        backwards = more;
      else
        break;
    CHECK(backwards->versions() < 5);
    backwards = backwards->without({Serial(1), Serial(2)});
    CHECK(backwards->is_too_far(Serial(2)));
  }
}

TEST_CASE("what was kept in the other form is given up when the form changes") {
  auto zones = versions(6, "example.", 4);
  DifferencesPtr differences = differences_of({zones[0], zones[1], zones[2]}, kSteps);
  differences = differences->with(*diff(*zones[2], *zones[3]), zones[3], kCondensed);
  CHECK(differences->versions() == 1);
  CHECK(canonical_text(*followed(zones[2], *differences->from(Serial(3)))) == canonical_text(*zones[3]));
}

TEST_CASE("steps are shared by all versions that go through them, and by the answers") {
  auto zones = versions(8, "example.", 4);
  DifferencesPtr before = differences_of({zones[0], zones[1], zones[2]}, kSteps);
  DifferencesPtr after = before->with(*diff(*zones[2], *zones[3]), zones[3], kSteps);
  auto old = before->from(Serial(1)), now = after->from(Serial(1)), late = after->from(Serial(2));
  CHECK(old->runs[1] == now->runs[1]);
  CHECK(now->runs[2] == late->runs[1]);
}

TEST_CASE("large records get a message of their own; what fits into none has no way") {
  auto zone_with = [](std::uint32_t serial, std::size_t octets) {
    ZoneBuilder builder(name("example."));
    builder.add(name("example."), RrType::SOA, 300, soa_rdata(name("example."), serial));
    for (int i = 0; i < 3; ++i)
      builder.add(name("a" + std::to_string(i) + ".example."), RrType::A, 300, Buffer{192, 0, 2, 1});
    if (octets) builder.add(name("a1.example."), RrType{65280}, 300, Buffer(octets, 'x'));
    Findings findings;
    return *builder.build(findings);
  };
  ZonePtr none = zone_with(1, 0), large = zone_with(2, 60'000), too_large = zone_with(2, 65'000);
  DifferencesPtr differences = differences_of({none, large}, kSteps);
  REQUIRE(differences->from(Serial(1)));
  CHECK(canonical_text(*followed(none, *differences->from(Serial(1)))) == canonical_text(*large));
  differences = differences_of({none, too_large}, kSteps);
  CHECK_FALSE(differences->from(Serial(1)));
  CHECK(differences->is_too_far(Serial(1)));
  CHECK_FALSE(Differences::none(too_large, kSteps)->behind(*diff(*none, *too_large)));
}

TEST_CASE("differences are signed as a stream, each client with its own key") {
  auto zones = versions(9, "example.", 3);
  DifferencesPtr differences = differences_of(zones, kSteps);
  for (bool changed_on_the_way : {false, true}) {
    TsigKey key = *TsigKey::make(name("k."), TsigAlgorithm::hmac_sha256, as_bytes("0123456789abcdef"));
    TsigKeyring ring;
    REQUIRE(ring.add(key));
    Buffer query = compose_transfer_query(
        {.zone = name("example."), .type = RrType::IXFR, .id = 7, .current = zones[0].get()});
    auto verifier = *TsigStreamVerifier::sign_request(key, query, kNow);
    TsigRequest request = verify_request(*MessageView::parse(query), ring, kNow);
    Source out(*zones[0], *differences->from(Serial(1)), *TsigStreamSigner::make(request));
    Messages messages = drain(*out.source);
    if (changed_on_the_way) messages[1][messages[1].size() / 2] ^= 1;
    IncomingTransfer transfer(ixfr_question(zones[0]), {}, std::move(verifier));
    feed(transfer, messages);
    CHECK(transfer.end() == (changed_on_the_way ? TransferState::failed : TransferState::complete));
  }
}
