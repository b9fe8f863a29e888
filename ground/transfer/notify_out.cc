#include "transfer/notify_out.h"

#include <memory>

#include "dns/message_writer.h"

namespace zw {
namespace {

NotifyFault fault_of(TsigStatus status) {
  switch (status) {
    case TsigStatus::good: return NotifyFault::none;
    case TsigStatus::absent: return NotifyFault::unsigned_;
    case TsigStatus::badkey: return NotifyFault::badkey;
    case TsigStatus::badtime: return NotifyFault::badtime;
    default: return NotifyFault::badsig;
  }
}

}  // namespace

NotifyTopic NotifyTopic::of(const Zone& zone) {
  RrSetView soa = zone.soa();
  Bytes rdata = soa.rdatas().front();
  NotifyTopic out{Name(zone.origin()), RrType::SOA, zone.rr_class(), zone.serial()};
  out.hint = {soa.ttl(), Buffer(rdata.begin(), rdata.end())};
  return out;
}

Buffer compose_notify(const NotifyTopic& topic) {
  auto writer = std::make_unique<MessageWriter>();
  Buffer out(kMostNotifyOctets);  // 12 + 259 octets of question and at most 797 of SOA; the rest is for TSIG
  writer->start(out, 0, Header::pack(Opcode::NOTIFY, Rcode::NOERROR, Header::kAa));
  bool fits = writer->question(topic.name, topic.type, topic.rr_class);
  if (topic.hint)
    fits = fits && writer->record(Section::answer, kQuestionName, RrType::SOA, topic.rr_class,
                                  topic.hint->ttl, topic.hint->rdata);
  ZW_ASSERT(fits);
  out.resize(writer->finish().size());
  return out;
}

// Who finds the message faulty may answer with a header alone.
NotifyAnswer read_notify_answer(Bytes octets, const NotifyTopic& topic, const NotifySignature* signature,
                                WallTime now) {
  MessageFault fault;
  auto message = MessageView::read(octets, fault);
  if (!message) return {{}, NotifyFault::malformed};
  Header header = message->header();
  auto question = message->question();
  bool ours = header.qr() && header.opcode() == Opcode::NOTIFY &&
              (!question || (question->name == topic.name.view() && question->type == topic.type));
  if (!ours) return {{}, NotifyFault::unasked};
  if (signature) {
    auto checked = signature->queries.check(signature->key, signature->mac, *message, now);
    if (checked.status != TsigStatus::good) return {{}, fault_of(checked.status)};
  }
  return {header.rcode()};
}

}  // namespace zw
