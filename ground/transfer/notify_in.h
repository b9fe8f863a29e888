// NOTIFY that comes in (RFC 1996): is it for us, may its sender say so, and what do we answer. The answer
// section is only a hint, which may spare us a probe but never causes anything (§3.7, §3.8).
#pragma once

#include <optional>
#include <string_view>

#include "authority/request.h"
#include "base/serial.h"
#include "transfer/access_list.h"

namespace zw {

/// What a NOTIFY says.
struct NotifyRequest {
  NameView zone;  // a view into the message
  RrClass rr_class = RrClass::IN;
  std::optional<Serial> hint;
};

/// Of a request of the kind `notify`. Absent if it is not about an SOA, which is answered with NOTIMP: NOTIFY
/// of other types is for parents (RFC 9859). AA is not asked for: its lack changes nothing that we do.
std::optional<NotifyRequest> read_notify(const Request& request);

/// What we know of the zone that a NOTIFY names.
struct NotifiedZone {
  const AccessList& allowed;        // primaries, by address and key, and whoever else may notify
  std::optional<Serial> published;  // absent if we have no copy, or only one that expired
};

struct NotifyDecision {
  Rcode rcode = Rcode::NOERROR;
  bool refresh = false;       // tell the refresher
  std::string_view reason{};  // for log and EDE; a literal
};
/// `request`: absent if it could not be read. `zone`: null if we are no secondary for it. `key`: as in
/// AccessList::decide. RFC 1996 §3.10 would ignore strangers; they are answered REFUSED, so that one that is
/// ours and set up wrongly hears of it, and stops.
NotifyDecision decide_notify(const std::optional<NotifyRequest>& request, const NotifiedZone* zone,
                             const IpAddress& sender, std::optional<NameView> key);

/// Makes of a response, as Responder::decline wrote it, the answer to NOTIFY: AA is set.
void mark_notify_answer(MutableBytes response);

}  // namespace zw
