#include "authority/request.h"

namespace zw {
namespace {

// Types that stand in no question (RFC 6895 §3.1, RFC 9824 §3.5), beside those that are transfers.
bool is_no_question(RrType type) {
  return type == RrType{} || type == RrType::OPT || type == RrType::NXNAME || type == RrType::TKEY ||
         type == RrType::TSIG;
}

}  // namespace

Request Request::read(Bytes message) {
  Request request(message);
  auto header = Header::read(message);
  if (header && !header->qr()) request.classify();
  return request;
}

void Request::fail(Rcode rcode, std::optional<EdeCode> reason) {
  kind_ = RequestKind::faulty;
  fault_ = rcode;
  reason_ = reason;
}

// Opcodes before all else: the body of one that nobody knows may have any form.
void Request::classify() {
  const Header header = Header::of_checked(octets_.data());
  bool is_known = header.opcode() == Opcode::QUERY || header.opcode() == Opcode::NOTIFY;
  MessageFault fault;
  message_ = MessageView::read(octets_, fault);
  if (message_) question_ = message_->question();
  if (!is_known) return fail(Rcode::NOTIMP);
  if (!is_whole()) return fail(Rcode::FORMERR);
  if (edns_ && edns_->version() > 0) return fail(Rcode::BADVERS);
  if (header.opcode() == Opcode::QUERY) return classify_query(header);
  if (header.questions != 1) return fail(Rcode::FORMERR);
  kind_ = RequestKind::notify;
}

bool Request::is_whole() {
  if (!message_ || message_->end() != octets_.size()) return false;
  MessageFault fault;
  EdnsView edns;
  EdnsStatus status = EdnsView::read(*message_, edns, fault);
  if (status == EdnsStatus::good) edns_ = edns;
  if (status == EdnsStatus::malformed || message_->tsig_count() > 1) return false;
  auto tsig = message_->tsig();
  return !tsig || tsig->end() == octets_.size();  // the last record, in the last section (RFC 8945 §5.1)
}

void Request::classify_query(const Header& header) {
  bool asks_for_cookie = header.questions == 0 && edns_ && edns_->has(OptionCode::COOKIE);
  if (header.questions != 1 && !asks_for_cookie) return fail(Rcode::FORMERR);  // RFC 9619
  bool is_ixfr = question_ && question_->type == RrType::IXFR;
  if (header.count(Section::answer) > 0 || (header.count(Section::authority) > 0 && !is_ixfr))
    return fail(Rcode::FORMERR);
  if (question_ && is_no_question(question_->type)) return fail(Rcode::FORMERR, EdeCode::invalid_query_type);
  bool is_transfer = is_ixfr || (question_ && question_->type == RrType::AXFR);
  kind_ = is_transfer ? RequestKind::transfer : RequestKind::query;
}

}  // namespace zw
