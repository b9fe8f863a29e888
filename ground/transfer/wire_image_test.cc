#include "transfer/wire_image.h"

#include <algorithm>

#include "transfer/testing.h"

using namespace zw;
using namespace zw::testing;

namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 30;

struct Source : Outgoing<ImageSource, std::vector<MessageRunPtr>> {
  explicit Source(WireImagePtr image, TransferQuery query = {}, std::optional<TsigStreamSigner> signer = {})
      : Outgoing(image->zone()->origin(), {image->run()}, query, std::move(signer)) {}
};

ZonePtr zone_with(std::size_t rdata_octets) {
  ZoneBuilder builder(name("example."));
  builder.add(name("example."), RrType::SOA, 300, soa_rdata(name("example."), 1));
  builder.add(name("big.example."), RrType{65280}, 300, Buffer(rdata_octets, 'x'));
  Findings findings;
  return *builder.build(findings);
}

}  // namespace

TEST_CASE("an image carries the zone to each client, whatever the zone") {
  Splitmix random(11);
  int images = 0;
  for (int round = 0; round < 40; ++round) {
    Name origin = round % 3 == 0 ? Name() : random_name(random, {}, 3);
    ZonePtr zone = random_zone(random, 9, random.below(900), origin);
    WireImagePtr image = WireImage::make(zone, kPlenty);
    Messages rendered = axfr_of(zone);
    bool has_room = std::all_of(rendered.begin(), rendered.end(), [](const Buffer& message) {
      return message.size() <= MessageRun::kMostAnswers;
    });
    CHECK((image != nullptr || !has_room));
    if (!image) continue;
    ++images;
    for (int client = 0; client < 2; ++client) {
      Source out(image);
      CHECK(dump(*arrived(drain(*out.source), origin)) == dump(*zone));
    }
  }
  CHECK(images > 30);
}

TEST_CASE("headers, question and OPT are the client's; the octets behind them are shared") {
  Splitmix random(12);
  ZonePtr zone = random_zone(random, 1, 3000, name("example."));
  WireImagePtr image = WireImage::make(zone, kPlenty);
  REQUIRE(image);
  REQUIRE(image->messages().size() > 2);
  Source out(image, {.zone = name("EXAMPLE."),
                     .type = RrType::IXFR,
                     .recursion_desired = true,
                     .client = Serial(0),
                     .edns = true,
                     .asks_expire = true});
  MessageParts parts;
  for (std::size_t i = 0; out.source->next(parts); ++i) {
    CHECK(parts.body.data() == image->messages()[i].answers.data());
    Buffer message = parts.head;
    append(message, parts.body);
    append(message, parts.tail);
    auto view = MessageView::parse(message);
    REQUIRE(view);
    Header header = view->header();
    CHECK(header.id == 7);
    CHECK(header.bits == (Header::kQr | Header::kAa | Header::kRd));
    CHECK(header.questions == (i == 0));
    CHECK(header.count(Section::additional) == (i == 0));
    if (i > 0) continue;
    CHECK(view->question()->type == RrType::IXFR);
    CHECK(print(view->question()->name) == "EXAMPLE.");
    EdnsView edns;
    MessageFault fault;
    REQUIRE(EdnsView::read(*view, edns, fault) == EdnsStatus::good);
    CHECK(edns.expire() == Seconds(4711));
    Name owner;
    REQUIRE(view->records(Section::answer).begin()->expand_owner(owner));
    CHECK(print(owner) == "example.");  // the zone's letters, not the question's
  }
  CHECK(out.ends == 1);
  CHECK(out.sent.whole);
  CHECK(out.sent.messages == image->messages().size());
  CHECK(out.sent.records == zone->record_count() + 1);
  CHECK(out.sent.octets > image->octets());
}

TEST_CASE("each client gets signatures of its own key over the shared octets") {
  Splitmix random(13);
  ZonePtr zone = random_zone(random, 1, 3000, name("example."));
  WireImagePtr image = WireImage::make(zone, kPlenty);
  REQUIRE(image);
  for (auto algorithm : {TsigAlgorithm::hmac_sha1, TsigAlgorithm::hmac_sha256, TsigAlgorithm::hmac_sha512})
    for (bool changed_on_the_way : {false, true}) {
      TsigKey key = *TsigKey::make(name("a.key."), algorithm, as_bytes("0123456789abcdef"));
      TsigKeyring ring;
      REQUIRE(ring.add(key));
      Buffer query = compose_transfer_query({.zone = name("example."), .id = 7});
      auto verifier = *TsigStreamVerifier::sign_request(key, query, kNow);
      TsigRequest request = verify_request(*MessageView::parse(query), ring, kNow);
      REQUIRE(request.status == TsigStatus::good);
      Source out(image, {.edns = true}, *TsigStreamSigner::make(request));
      Messages messages = drain(*out.source);
      if (changed_on_the_way) messages[1][messages[1].size() / 2] ^= 1;
      IncomingTransfer transfer(axfr_question(), {}, std::move(verifier));
      feed(transfer, messages);
      CHECK(transfer.end() == (changed_on_the_way ? TransferState::failed : TransferState::complete));
      if (!changed_on_the_way) CHECK(dump(*build(transfer)) == dump(*zone));
    }
}

TEST_CASE("there is no image of a zone that is too large, or of which a record fills a message") {
  ZonePtr zone = small_zone(1);
  std::size_t octets = WireImage::make(zone, kPlenty)->octets();
  CHECK(WireImage::make(zone, octets));
  CHECK_FALSE(WireImage::make(zone, octets - 1));
  CHECK(WireImage::make(zone_with(64'000), kPlenty));
  CHECK_FALSE(WireImage::make(zone_with(65'000), kPlenty));
  CHECK_FALSE(WireImage::make(zone_with(65'535), kPlenty));
}

TEST_CASE("what is sent stays until the last client has it, and each tells once how that ended") {
  WireImagePtr image = WireImage::make(small_zone(5), kPlenty);
  std::weak_ptr<const MessageRun> held = image->run();
  Source out(image), left(image);
  image.reset();
  left.source.reset();
  CHECK(left.ends == 1);
  CHECK_FALSE(left.sent.whole);
  CHECK(arrived(drain(*out.source), name("example."))->serial() == Serial(5));
  CHECK_FALSE(held.expired());
  out.source.reset();
  CHECK(held.expired());
  CHECK(out.ends == 1);
}
