#include "transfer/soa_answer.h"

#include <fmt/format.h>

#include "dns/edns.h"
#include "transfer/message_text.h"
#include "transfer/soa_rdata.h"

namespace zw {

namespace {

SoaAnswer no(SoaAnswerKind kind, std::string what) { return {kind, {}, {}, std::move(what)}; }

bool is_answer_to(const MessageView& message, const SoaQuestion& question) {
  Header header = message.header();
  auto asked = message.question();
  return header.id == question.id && header.qr() && header.opcode() == Opcode::QUERY &&
         header.questions == 1 && asked->name == question.zone.view() && asked->type == RrType::SOA &&
         asked->rr_class == question.rr_class;
}

// RFC 6891 §7: who does not know EDNS says FORMERR, or NOTIMP.
bool means_no_edns(Rcode rcode) {
  return rcode == Rcode::FORMERR || rcode == Rcode::NOTIMP || rcode == Rcode::BADVERS;
}

std::optional<Serial> find_serial(const MessageView& message, const SoaQuestion& question) {
  Name owner;
  Buffer rdata;
  for (const RecordView& record : message.records(Section::answer)) {
    if (record.type != RrType::SOA || record.rr_class != question.rr_class) continue;
    if (!record.expand_owner(owner) || owner != question.zone || !record.read_rdata(rdata)) continue;
    return serial_of_soa(rdata);
  }
  return std::nullopt;
}

SoaAnswer judge(const MessageView& message, const SoaQuestion& question) {
  EdnsView edns;
  MessageFault fault;
  if (EdnsView::read(message, edns, fault) == EdnsStatus::malformed)
    return no(SoaAnswerKind::failed, fmt::format("octet {}: {}", fault.at, fault.what));
  Rcode rcode = edns.rcode(message.header());
  if (rcode != Rcode::NOERROR) {
    bool retry = question.edns && means_no_edns(rcode);
    return no(retry ? SoaAnswerKind::no_edns : SoaAnswerKind::failed, print_refusal(rcode, edns));
  }
  if (message.header().tc()) return no(SoaAnswerKind::use_tcp, "the answer is truncated");
  if (!message.header().aa())
    return no(SoaAnswerKind::failed, "the primary is not authoritative for the zone");
  auto serial = find_serial(message, question);
  if (!serial) return no(SoaAnswerKind::failed, "the answer has no SOA");
  return {SoaAnswerKind::good, *serial, edns.expire(), {}};
}

}  // namespace

SoaAnswer read_soa_answer(Bytes octets, const SoaQuestion& question, TsigStreamVerifier* tsig, WallTime now) {
  MessageFault fault;
  auto message = MessageView::read(octets, fault);
  if (!message || message->end() != octets.size())
    return no(SoaAnswerKind::not_ours, "an answer that is malformed");
  if (!is_answer_to(*message, question)) return no(SoaAnswerKind::not_ours, "an answer to another question");
  if (tsig) {
    TsigStatus status = tsig->check(*message, now);
    if (status != TsigStatus::good)
      return no(SoaAnswerKind::not_ours,
                print_tsig_fault(status, tsig->server_error(), message->header().rcode()));
  }
  return judge(*message, question);
}

}  // namespace zw
