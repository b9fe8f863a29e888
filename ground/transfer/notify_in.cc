#include "transfer/notify_in.h"

#include "transfer/soa_rdata.h"

namespace zw {

namespace {

// Any record that is no SOA of the zone, or is malformed, is no hint.
std::optional<Serial> read_hint(const MessageView& message, NameView zone) {
  auto answers = message.records(Section::answer);
  return answers.empty() ? std::nullopt : serial_of_soa(*answers.begin(), zone);
}

}  // namespace

std::optional<NotifyRequest> read_notify(const Request& request) {
  const QuestionView& question = *request.question();
  if (question.type != RrType::SOA) return std::nullopt;
  return NotifyRequest{question.name, question.rr_class, read_hint(*request.message(), question.name)};
}

NotifyDecision decide_notify(const std::optional<NotifyRequest>& request, const NotifiedZone* zone,
                             const IpAddress& sender, std::optional<NameView> key) {
  if (!request) return {Rcode::NOTIMP, false, "a NOTIFY that is not about an SOA"};
  if (!zone) return {Rcode::NOTAUTH, false, "not a secondary for this zone"};
  if (Access access = zone->allowed.decide({sender, key}); access != Access::granted)
    return {Rcode::REFUSED, false, print(access)};
  if (zone->published && request->hint == zone->published)
    return {Rcode::NOERROR, false, "this serial is published already"};
  return {Rcode::NOERROR, true, "the zone may have changed"};
}

void mark_notify_answer(MutableBytes response) {
  set16(&response[2], static_cast<std::uint16_t>(get16(&response[2]) | Header::kAa));
}

}  // namespace zw
