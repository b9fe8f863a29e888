// TSIG: any octets are judged, and what we sign is good on the other side.
#include <cstdlib>
#include <string>

#include "dns/tsig.h"

using namespace zw;

namespace {

constexpr WallTime kNow{Seconds(1785931200)};

void expect(bool holds) {
  if (!holds) std::abort();
}

TsigKeyring make_ring() {
  TsigKeyring ring;
  for (auto algorithm : {TsigAlgorithm::hmac_md5, TsigAlgorithm::hmac_sha1, TsigAlgorithm::hmac_sha256,
                         TsigAlgorithm::hmac_sha256_128, TsigAlgorithm::hmac_sha512}) {
    auto key = TsigKey::make(*Name::parse("transfer.key."), algorithm, as_bytes("a secret"));
    key->accept_truncated(0);
    expect(ring.add(std::move(*key)).has_value());
  }
  return ring;
}

// Whatever a request was, its answer is well formed and says what was wrong.
void answer(const TsigRequest& request, TsigStreamVerifier& client) {
  if (!request.wants_signer()) return;
  auto signer = TsigStreamSigner::make(request);
  expect(signer.has_value());
  Buffer out(kHeaderOctets + signer->space());
  expect(signer->sign(MutableBytes(out).first(out.size() - 1), kHeaderOctets, kNow) == 0);
  expect(signer->sign(out, kHeaderOctets, kNow) == out.size());
  auto view = MessageView::parse(out);
  TsigRecord record;
  MessageFault fault;
  expect(view && TsigRecord::read(*view, record, fault) == TsigStatus::good);
  expect((record.error == Rcode::NOERROR) == (request.status == TsigStatus::good));
  expect(client.check(*view, kNow) != TsigStatus::good);  // it never saw this request
}

// A request and two answers made of the input go through.
void go_through(const TsigKeyring& ring, Bytes plain) {
  const TsigKey& key = ring.keys()[plain[0] % ring.size()];
  Buffer request(plain.begin(), plain.end());
  auto client = TsigStreamVerifier::sign_request(key, request, kNow);
  if (!client) return expect(client.error().kind == ErrorKind::limit);
  auto view = MessageView::parse(request);
  expect(view.has_value());
  TsigRequest found = verify_request(*view, ring, kNow + kTsigFudge);
  expect(found.status == TsigStatus::good && found.key == &key);
  auto signer = TsigStreamSigner::make(found);
  expect(signer.has_value());
  Buffer response(plain.size() + signer->space());
  for (bool is_signed : {true, false, true}) {
    std::size_t size = plain.size();
    std::copy(plain.begin(), plain.end(), response.begin());
    if (is_signed)
      size = signer->sign(response, size, kNow);
    else
      signer->pass(plain);
    auto sent = MessageView::parse(Bytes(response).first(size));
    expect(sent && client->check(*sent, kNow) == (is_signed ? TsigStatus::good : TsigStatus::absent));
  }
  expect(client->is_whole());
  response[plain[1] % plain.size()] ^= 0x10;
  std::size_t size = signer->sign(response, plain.size(), kNow);
  response[2] ^= 1;
  if (auto bent = MessageView::parse(Bytes(response).first(size)))
    expect(client->check(*bent, kNow) != TsigStatus::good);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TsigKeyring ring = make_ring();
  if (auto key = TsigKey::parse(as_text(Bytes(data, size)))) expect(!key->secret().empty());
  MessageFault fault;
  auto view = MessageView::read(Bytes(data, size), fault);
  if (!view) return 0;
  TsigRequest request = verify_request(*view, ring, kNow);
  Buffer other(kHeaderOctets);
  auto client = TsigStreamVerifier::sign_request(ring.keys()[0], other, kNow);
  expect(client && client->check(*view, kNow) != TsigStatus::good);
  answer(request, *client);
  if (view->tsig_count() == 0 && view->end() == size) go_through(ring, Bytes(data, size));
  return 0;
}
