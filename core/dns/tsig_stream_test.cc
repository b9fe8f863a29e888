#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/random.h"
#include "dns/message_writer.h"
#include "dns/tsig.h"
#include "dns/tsig_vectors.h"

using namespace zw;
using namespace zw::testing;

namespace {

constexpr WallTime kNow{Seconds(1785931200)};

Buffer hex(std::string_view text) {
  Buffer out;
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(c >= 'a' ? c - 32 : c);
  ZW_ASSERT(decode_base16(upper, out));
  return out;
}

MessageView view_of(Bytes message) {
  auto view = MessageView::parse(message);
  REQUIRE(view);
  return *view;
}

// A transfer between a server and a client that share a key.
struct Transfer {
  TsigKeyring ring;
  Buffer request = hex(kRequestWithoutTsig);
  std::optional<TsigStreamVerifier> client;
  std::optional<TsigStreamSigner> server;

  Transfer() {
    REQUIRE(ring.add(
        *TsigKey::make(*Name::parse("transfer.key."), TsigAlgorithm::hmac_sha256, as_bytes(kVectorSecret))));
    client.emplace(std::move(*TsigStreamVerifier::sign_request(ring.keys()[0], request, kNow)));
    server.emplace(std::move(*TsigStreamSigner::make(verify_request(view_of(request), ring, kNow))));
  }
  static Buffer plain(int n) {
    MessageWriter writer;
    Buffer out(512);
    writer.start(out, 0x1234, 0x8400);
    REQUIRE(writer.record(Section::answer, *Name::parse("h" + std::to_string(n) + ".example.com."), RrType::A,
                          RrClass::IN, 3600, Buffer{192, 0, 2, 1}));
    out.resize(writer.finish().size());
    return out;
  }
  Buffer signed_message(int n) {
    Buffer message = plain(n);
    std::size_t size = message.size();
    message.resize(size + server->space());
    REQUIRE(server->sign(message, size, kNow) == message.size());
    return message;
  }
  Buffer unsigned_message(int n) {
    Buffer message = plain(n);
    server->pass(message);
    return message;
  }
  TsigStatus check(Bytes message) { return client->check(view_of(message), kNow); }
};

}  // namespace

TEST_CASE("a stream with unsigned messages in it is the one of another implementation, octet for octet") {
  Transfer transfer;
  const char* expected[] = {kStream0, kStream1, kStream2, kStream3, kStream4};
  for (int n = 0; n < 5; ++n) {
    CAPTURE(n);
    Buffer message = hex(expected[n]);
    WallTime now = kNow + Seconds(n);
    bool unsigned_one = n == 1 || n == 2;
    CHECK(transfer.client->check(view_of(message), now) ==
          (unsigned_one ? TsigStatus::absent : TsigStatus::good));
    CHECK(transfer.client->is_whole() == !unsigned_one);

    // Ours, from the same message without its TSIG.
    if (unsigned_one) {
      transfer.server->pass(message);
      continue;
    }
    Buffer ours = message;
    std::size_t size = view_of(message).tsig()->owner_at;
    set16(&ours[10], 0);
    REQUIRE(transfer.server->sign(ours, size, now) == message.size());
    CHECK(base16(ours) == base16(message));
  }
}

TEST_CASE("a message in parts gets the octets that it would get in one") {
  Transfer whole, parts;
  for (int n = 0; n < 4; ++n) {
    CAPTURE(n);
    Buffer expected = whole.signed_message(n), message = Transfer::plain(n);
    std::size_t first = kHeaderOctets + static_cast<std::size_t>(n), second = message.size() - 4;
    Buffer head(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(first));
    Bytes body = Bytes(message).subspan(first, second - first);
    Buffer tail(message.end() - 4, message.end());
    REQUIRE(parts.server->sign(head, body, tail, kNow));
    append(head, body);
    append(head, tail);
    CHECK(base16(head) == base16(expected));
    CHECK(parts.check(head) == TsigStatus::good);
  }
  Buffer head(kHeaderOctets), tail, full(65535 - kHeaderOctets - parts.server->space() + 1);
  CHECK_FALSE(parts.server->sign(head, full, tail, kNow));
  CHECK(tail.empty());
  CHECK(parts.check(parts.signed_message(9)) == TsigStatus::good);  // nothing was changed
}

TEST_CASE("every message but the first may be unsigned, 99 in a row and not 100") {
  Transfer transfer;
  CHECK(transfer.check(transfer.signed_message(0)) == TsigStatus::good);
  for (int n = 1; n <= 99; ++n) REQUIRE(transfer.check(transfer.unsigned_message(n)) == TsigStatus::absent);
  CHECK_FALSE(transfer.client->is_whole());
  CHECK(transfer.check(transfer.signed_message(100)) == TsigStatus::good);
  for (int n = 0; n < 99; ++n) REQUIRE(transfer.check(transfer.unsigned_message(n)) == TsigStatus::absent);
  CHECK(transfer.check(Transfer::plain(0)) == TsigStatus::badsig);
  CHECK(transfer.check(transfer.signed_message(1)) == TsigStatus::badsig);  // the stream is lost
}

TEST_CASE("a stream that lost, gained, swapped or changed a message is refused") {
  enum class Fault { none, lost, gained, swapped, changed, unsigned_changed };
  for (Fault fault :
       {Fault::none, Fault::lost, Fault::gained, Fault::swapped, Fault::changed, Fault::unsigned_changed}) {
    CAPTURE(static_cast<int>(fault));
    Transfer transfer;
    std::vector<Buffer> messages;
    messages.reserve(10);
    for (int n = 0; n < 9; ++n)
      messages.push_back(n % 3 == 1 ? transfer.unsigned_message(n) : transfer.signed_message(n));
    switch (fault) {
      case Fault::none: break;
      case Fault::lost: messages.erase(messages.begin() + 3); break;
      case Fault::gained: messages.insert(messages.begin() + 4, Transfer::plain(77)); break;
      case Fault::swapped: std::swap(messages[2], messages[3]); break;
      case Fault::changed: messages[5][20] ^= 1; break;
      case Fault::unsigned_changed: messages[4][20] ^= 1; break;
    }
    bool refused = false;
    for (const Buffer& message : messages) {
      TsigStatus status = transfer.check(message);
      if (status != TsigStatus::good && status != TsigStatus::absent) refused = true;
      if (refused) CHECK(status == TsigStatus::badsig);
    }
    CHECK(refused == (fault != Fault::none));
    CHECK(transfer.client->is_whole() == (fault == Fault::none));
  }
}

TEST_CASE("a stream that ends unsigned is not whole") {
  Transfer transfer;
  CHECK_FALSE(transfer.client->is_whole());
  CHECK(transfer.check(transfer.signed_message(0)) == TsigStatus::good);
  CHECK(transfer.client->is_whole());
  CHECK(transfer.check(transfer.unsigned_message(1)) == TsigStatus::absent);
  CHECK_FALSE(transfer.client->is_whole());
}

TEST_CASE("random octets in place of TSIG are judged without fault") {
  Splitmix random(4);
  Transfer transfer;
  const Buffer good = transfer.request;
  std::size_t read = 0;
  for (int round = 0; round < 20000; ++round) {
    Buffer message = good;
    std::size_t at = round % 2 ? view_of(good).tsig()->owner_at : 0;
    for (std::uint64_t bends = 1 + random.below(4); bends > 0; --bends)
      message[at + random.below(message.size() - at)] = static_cast<std::uint8_t>(random.next());
    MessageFault fault;
    auto view = MessageView::read(message, fault);
    if (!view) continue;
    ++read;
    TsigRequest request = verify_request(*view, transfer.ring, kNow);
    if (request.status == TsigStatus::good) {
      // Nothing but the ID, and the case of the key's and the algorithm's name, can have changed.
      std::size_t tsig_at = view->tsig()->owner_at;
      CHECK(same_bytes(Bytes(message).first(tsig_at).subspan(2), Bytes(good).first(tsig_at).subspan(2)));
      Buffer a = message, b = good;
      lower_in_place(&a[tsig_at], a.size() - tsig_at);
      lower_in_place(&b[tsig_at], b.size() - tsig_at);
      CHECK(same_bytes(Bytes(a).subspan(tsig_at), Bytes(b).subspan(tsig_at)));
    }
    if (request.wants_signer()) {
      auto signer = TsigStreamSigner::make(request);
      REQUIRE(signer);
      Buffer answer(12 + signer->space());
      CHECK(signer->sign(answer, 12, kNow) == answer.size());
      CHECK(view_of(answer).tsig_count() == 1);
    }
    Transfer fresh;
    CHECK(fresh.client->check(*view, kNow) != TsigStatus::good);
  }
  CHECK(read > 1000);
}
