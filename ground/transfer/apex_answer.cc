#include "transfer/apex_answer.h"

#include <fmt/format.h>

#include "dns/edns.h"
#include "dnssec/records.h"
#include "transfer/message_text.h"
#include "transfer/soa_rdata.h"

namespace zw {

namespace {

ApexAnswer no(ApexAnswerKind kind, std::string what) { return {.kind = kind, .what = std::move(what)}; }

bool is_answer_to(const MessageView& message, const ApexQuestion& question) {
  Header header = message.header();
  auto asked = message.question();
  return header.id == question.id && header.qr() && header.opcode() == Opcode::QUERY &&
         header.questions == 1 && asked->name == question.zone.view() && asked->type == question.type &&
         asked->rr_class == question.rr_class;
}

// RFC 6891 §7: who does not know EDNS says FORMERR, or NOTIMP.
bool means_no_edns(Rcode rcode) {
  return rcode == Rcode::FORMERR || rcode == Rcode::NOTIMP || rcode == Rcode::BADVERS;
}

// Both types tell a serial: the ZONEMD record begins with it (RFC 8976 §2.2.1).
std::optional<Serial> serial_in(RrType type, Bytes rdata) {
  if (type == RrType::SOA) return serial_of_soa(rdata);
  auto zonemd = ZonemdView::parse(rdata);
  return zonemd ? std::optional(Serial(zonemd->serial())) : std::nullopt;
}

// In the order of the answer; the serial is that of the first.
void take_records(const MessageView& message, const ApexQuestion& question, ApexAnswer& answer) {
  Name owner;
  Buffer rdata;
  for (const RecordView& record : message.records(Section::answer)) {
    if (record.type != question.type || record.rr_class != question.rr_class) continue;
    if (!record.expand_owner(owner) || owner != question.zone || !record.read_rdata(rdata)) continue;
    auto serial = serial_in(question.type, rdata);
    if (!serial) continue;
    if (answer.rdatas.empty()) answer.serial = *serial;
    answer.rdatas.push_back(rdata);
  }
}

ApexAnswer judge(const MessageView& message, const ApexQuestion& question) {
  EdnsView edns;
  MessageFault fault;
  if (EdnsView::read(message, edns, fault) == EdnsStatus::malformed)
    return no(ApexAnswerKind::failed, fmt::format("octet {}: {}", fault.at, fault.what));
  Rcode rcode = edns.rcode(message.header());
  if (rcode != Rcode::NOERROR) {
    bool retry = question.edns && means_no_edns(rcode);
    return no(retry ? ApexAnswerKind::no_edns : ApexAnswerKind::failed, print_refusal(rcode, edns));
  }
  if (message.header().tc()) return no(ApexAnswerKind::use_tcp, "the answer is truncated");
  if (!message.header().aa())
    return no(ApexAnswerKind::failed, "the primary is not authoritative for the zone");
  ApexAnswer answer{.kind = ApexAnswerKind::good, .expire = edns.expire()};
  take_records(message, question, answer);
  if (answer.rdatas.empty())
    return no(ApexAnswerKind::failed, fmt::format("the answer has no {}", print(question.type)));
  return answer;
}

}  // namespace

ApexAnswer read_apex_answer(Bytes octets, const ApexQuestion& question, TsigStreamVerifier* tsig,
                            WallTime now) {
  MessageFault fault;
  auto message = MessageView::read(octets, fault);
  if (!message || message->end() != octets.size())
    return no(ApexAnswerKind::not_ours, "an answer that is malformed");
  if (!is_answer_to(*message, question)) return no(ApexAnswerKind::not_ours, "an answer to another question");
  if (tsig) {
    TsigStatus status = tsig->check(*message, now);
    if (status != TsigStatus::good)
      return no(ApexAnswerKind::not_ours,
                print_tsig_fault(status, tsig->server_error(), message->header().rcode()));
  }
  return judge(*message, question);
}

}  // namespace zw
