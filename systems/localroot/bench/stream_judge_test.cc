#include "localroot/bench/stream_judge.h"

#include <doctest/doctest.h>

#include "dnssec/zonemd.h"
#include "transfer/sign_query.h"
#include "transfer/testing.h"
#include "transfer/transfer_query.h"

namespace zw::localroot {
namespace {

using namespace zw::testing;

// Some hundred records, so that a transfer is several messages.
ZonePtr zone_with(std::uint32_t serial, std::string_view more = {}) {
  std::string text(more);
  for (int i = 0; i < 900; ++i)
    text += fmt::format("n{}.example. TXT \"{}\"\n", i, std::string(60, static_cast<char>('a' + i % 26)));
  return small_zone(serial, text);
}

ZonePtr zone_with_digest(std::uint32_t serial) {
  ZonePtr plain = zone_with(serial);
  Digest digest = *zone_digest(*plain, ZonemdHash::SHA384);
  return zone_with(serial, "example. ZONEMD " +
                               print_rdata(RrType::ZONEMD,
                                           make_zonemd(Serial(serial), ZonemdHash::SHA384, digest.bytes())) +
                               "\n");
}

std::vector<Buffer> messages_of(const ZonePtr& zone, std::optional<TsigStreamSigner> signer = {}) {
  MessageWriter writer;
  StoppedClock clock;
  TransferQuery query{.zone = zone->origin(), .id = 7};
  ZoneSource source({writer, clock}, zone, query, Seconds(0), std::move(signer), {});
  std::vector<Buffer> out;
  for (MessageParts parts; source.next(parts);) out.push_back(parts.head);
  REQUIRE(out.size() >= 4);
  return out;
}

TransferQuestion question(TransferMethod method = TransferMethod::axfr) {
  TransferQuestion out{name("example.")};
  out.id = 7;
  out.method = method;
  return out;
}

// `failed` gives its reason, all else how it ended.
std::string judge(VersionBook& book, const std::vector<Buffer>& messages,
                  StreamCheck check = StreamCheck::records, std::optional<TsigStreamVerifier> tsig = {}) {
  StreamJudge judge(book, question(), check, std::move(tsig));
  for (const Buffer& message : messages) judge.feed(message, kNow);
  if (judge.state() == TransferState::need_more)
    judge.broke(TransferFault::unreachable, "the connection ended");
  if (judge.state() == TransferState::failed) CHECK(judge.what() != "");
  return judge.state() == TransferState::failed ? judge.reason() : "whole";
}

constexpr StreamCheck kAll[] = {StreamCheck::soa, StreamCheck::records, StreamCheck::digest};

struct Signed {
  Signed() : key(*TsigKey::make(name("k."), TsigAlgorithm::hmac_sha256, as_bytes("a secret"))) {
    REQUIRE(keys.add(key));
    Buffer query = compose_transfer_query({name("example."), RrType::AXFR, RrClass::IN, 7});
    verifier = sign_query(&key, query, kNow);
    TsigRequest request = verify_request(*MessageView::parse(query), keys, kNow);
    REQUIRE(request.status == TsigStatus::good);
    signer = *TsigStreamSigner::make(request);
  }
  TsigKey key;
  TsigKeyring keys;
  std::optional<TsigStreamVerifier> verifier;
  std::optional<TsigStreamSigner> signer;
};

}  // namespace

TEST_CASE("a whole transfer is whole by every check, and its version is booked") {
  auto messages = messages_of(zone_with_digest(5));
  for (StreamCheck check : kAll) {
    VersionBook book;
    CHECK(judge(book, messages, check) == "whole");
    CHECK(judge(book, messages, check) == "whole");
    CHECK(book.of(TransferMethod::axfr, Serial(5)).streams == 2);
    CHECK(book.of(TransferMethod::axfr, Serial(5)).proven == (check == StreamCheck::digest));
  }
}

TEST_CASE("a transfer that is cut is told, wherever it is cut") {
  auto messages = messages_of(zone_with(5));
  for (StreamCheck check : kAll) {
    VersionBook book;
    CHECK(judge(book, {}, check) == "unreachable");
    for (std::size_t kept = 1; kept < messages.size(); ++kept)
      CHECK(judge(book, {messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(kept)}, check) ==
            "truncated");
  }
}

TEST_CASE("another version's end is told by every check") {
  auto older = messages_of(zone_with(5)), newer = messages_of(zone_with(6));
  older.back() = newer.back();
  for (StreamCheck check : kAll) {
    VersionBook book;
    CHECK(judge(book, older, check) == "soa-changed");
  }
}

TEST_CASE("another version's records in midst of a transfer are told by their sum") {
  auto good = messages_of(zone_with_digest(5));
  auto mixed = good;
  mixed[1] = messages_of(zone_with(5, "changed.example. A 192.0.2.7\n"))[1];
  VersionBook book;
  CHECK(judge(book, mixed, StreamCheck::soa) == "whole");  // which cannot know
  VersionBook other;
  CHECK(judge(other, good) == "whole");
  CHECK(judge(other, mixed) == "mixed");
  CHECK(judge(other, good) == "whole");
  // A message that comes twice, or never.
  auto twice = good;
  twice.insert(twice.begin() + 2, good[1]);
  CHECK(judge(other, twice) == "mixed");
  auto without = good;
  without.erase(without.begin() + 1);
  CHECK(judge(other, without) == "mixed");
}

TEST_CASE("without an earlier transfer, the digest tells of records that do not belong") {
  auto mixed = messages_of(zone_with_digest(5));
  mixed[1] = messages_of(zone_with(5, "changed.example. A 192.0.2.7\n"))[1];
  VersionBook book;
  CHECK(judge(book, mixed, StreamCheck::digest) == "zonemd-mismatch");
  CHECK_FALSE(book.of(TransferMethod::axfr, Serial(5)).proven);
  CHECK(judge(book, messages_of(zone_with(6)), StreamCheck::digest) == "zonemd-mismatch");  // it has none
}

TEST_CASE("when the transfer that was to prove a version breaks, the next one does") {
  auto messages = messages_of(zone_with_digest(5));
  VersionBook book;
  CHECK(judge(book, {messages.front()}, StreamCheck::digest) == "truncated");
  CHECK(judge(book, messages, StreamCheck::digest) == "whole");
  CHECK(book.of(TransferMethod::axfr, Serial(5)).proven);
}

TEST_CASE("a signed transfer is whole, and one with a wrong octet, or unsigned at the end, is not") {
  Signed good, changed, unsigned_end, other_key;
  VersionBook book;
  ZonePtr zone = zone_with(5);
  CHECK(judge(book, messages_of(zone, std::move(good.signer)), StreamCheck::soa, std::move(good.verifier)) ==
        "whole");
  auto messages = messages_of(zone, std::move(changed.signer));
  messages[2][messages[2].size() / 2] ^= 1;
  CHECK(judge(book, messages, StreamCheck::soa, std::move(changed.verifier)) == "bad-tsig");
  messages = messages_of(zone, std::move(unsigned_end.signer));
  messages.back() = messages_of(zone).back();
  CHECK(judge(book, messages, StreamCheck::soa, std::move(unsigned_end.verifier)) == "bad-tsig");
  CHECK(judge(book, messages_of(zone), StreamCheck::soa, std::move(other_key.verifier)) == "bad-tsig");
}

TEST_CASE("a refusal is told with its RCODE") {
  auto messages = messages_of(zone_with(5));
  Buffer refusal(messages.front().begin(), messages.front().begin() + 12);
  set16(&refusal[2], Header::pack(Opcode::QUERY, Rcode::REFUSED, Header::kQr));
  for (std::size_t at : {4, 6, 8, 10}) set16(&refusal[at], 0);
  VersionBook book;
  StreamJudge judge(book, question(), StreamCheck::soa, {});
  judge.feed(refusal, kNow);
  CHECK(judge.reason() == "refused-by-rcode");
  CHECK(judge.what().find("REFUSED") != std::string::npos);
}

}  // namespace zw::localroot
