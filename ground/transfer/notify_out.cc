#include "transfer/notify_out.h"

#include <memory>

#include "dns/message_writer.h"
#include "transfer/message_text.h"

namespace zw {

Buffer compose_notify(const Zone& zone, std::uint16_t id) {
  auto writer = std::make_unique<MessageWriter>();
  Buffer out(1500);  // 12 + 259 octets of question and at most 797 of SOA
  writer->start(out, id, Header::pack(Opcode::NOTIFY, Rcode::NOERROR, Header::kAa));
  RrSetView soa = zone.soa();
  bool fits = writer->question(zone.origin(), RrType::SOA, zone.rr_class()) &&
              writer->record(Section::answer, kQuestionName, RrType::SOA, zone.rr_class(), soa.ttl(),
                             soa.rdatas().front());
  ZW_ASSERT(fits);
  out.resize(writer->finish().size());
  return out;
}

// Who finds the message faulty may answer with a header alone.
NotifyAnswer read_notify_answer(Bytes octets, NameView zone, std::uint16_t id, TsigStreamVerifier* tsig,
                                WallTime now) {
  MessageFault fault;
  auto message = MessageView::read(octets, fault);
  if (!message) return {{}, "an answer that is malformed"};
  Header header = message->header();
  auto question = message->question();
  bool ours = header.id == id && header.qr() && header.opcode() == Opcode::NOTIFY &&
              (!question || (question->name == zone && question->type == RrType::SOA));
  if (!ours) return {{}, "an answer to something else"};
  if (tsig) {
    TsigStatus status = tsig->check(*message, now);
    if (status != TsigStatus::good)
      return {{}, print_tsig_fault(status, tsig->server_error(), header.rcode())};
  }
  return {header.rcode(), {}};
}

}  // namespace zw
