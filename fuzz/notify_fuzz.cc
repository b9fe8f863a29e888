// Answers to NOTIFY, as anybody may send them: to an unsigned one, and to a signed one, where nobody without
// the key has an answer.
#include "transfer/notify_out.h"

using namespace zw;

namespace {

const NotifyTopic& topic() {
  static const NotifyTopic made{*Name::parse("example."), RrType::SOA, RrClass::IN, Serial(7)};
  return made;
}

void judge(Bytes octets, const NotifySignature* signature) {
  NotifyAnswer answer = read_notify_answer(octets, topic(), signature, WallTime(Seconds(1'785'000'000)));
  ZW_ASSERT(answer.rcode.has_value() == (answer.fault == NotifyFault::none));
  ZW_ASSERT(!signature || !answer.rcode);
  if (!answer.rcode) return;
  auto message = MessageView::parse(octets);
  ZW_ASSERT(message && message->header().opcode() == Opcode::NOTIFY &&
            (message->header().bits & Header::kQr));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TsigKey key =
      *TsigKey::make(*Name::parse("k."), TsigAlgorithm::hmac_sha256, as_bytes("0123456789abcdef"));
  static TsigQueries queries;
  static const TsigMac mac(Buffer(32, 7));
  Buffer octets(data, data + size);
  if (octets.size() > 2) octets[2] |= 0x80;  // who calls has looked at QR
  judge(octets, nullptr);
  NotifySignature signature{queries, key, mac};
  judge(octets, &signature);
  return 0;
}
