// An answer to AXFR or IXFR (RFC 5936, RFC 1995) from a primary that means us no good. The first octet
// chooses what was asked; then come messages, each behind two octets of its length. ID, QR and RCODE are set
// right, so that what stands behind them is reached. What is complete must make a zone with the serial that
// it says, or none.
#include <algorithm>

#include "transfer/transfer_in.h"
#include "zone/reader.h"

namespace {

using namespace zw;

ZonePtr current() {
  static const ZonePtr zone = read_zone(
                                  "$TTL 300\nexample. SOA ns.example. host.example. 7 1800 900 604800 "
                                  "86400\nexample. NS ns.example.\n"
                                  "ns.example. A 192.0.2.1\na.example. A 192.0.2.1\n",
                                  "current")
                                  .zone;
  return zone;
}

Buffer take_message(Bytes& input) {
  std::size_t size = std::min<std::size_t>(get16(input.data()), input.size() - 2);
  Buffer message(input.begin() + 2, input.begin() + 2 + static_cast<std::ptrdiff_t>(size));
  input = input.subspan(2 + size);
  if (message.size() >= 4) {
    set16(message.data(), 7);
    message[2] = static_cast<std::uint8_t>((message[2] & 0x07) | 0x80);
    message[3] &= 0xf0;
  }
  return message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  bool ixfr = data[0] & 1;
  TransferQuestion question{.zone = current()->origin(), .id = 7};
  if (ixfr) question.method = TransferMethod::ixfr;
  if (ixfr || (data[0] & 4)) question.current = current();
  question.over_udp = ixfr && (data[0] & 2);
  IncomingTransfer transfer(question, {.memory = 1 << 24});
  Bytes input(data + 1, size - 1);
  while (input.size() >= 2 && transfer.state() == TransferState::need_more)
    transfer.feed(take_message(input), WallTime());
  if (transfer.end() != TransferState::complete) {
    ZW_ASSERT(transfer.state() != TransferState::need_more);
    ZW_ASSERT((transfer.state() == TransferState::failed) == !transfer.failure().what.empty());
    return 0;
  }
  Findings findings;
  auto zone = transfer.take().build(findings);
  if (!zone) return 0;
  ZW_ASSERT((*zone)->serial() == *transfer.serial());
  if (question.current) ZW_ASSERT((*zone)->serial() > question.current->serial());
  return 0;
}
