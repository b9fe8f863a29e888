// NOTIFY that goes out (RFC 1996), and its answer.
#pragma once

#include <optional>
#include <string>

#include "dns/message.h"
#include "dns/tsig.h"
#include "zone/zone.h"

namespace zw {

/// Tells that `zone` has a new version; its SOA stands in the answer section as a hint (§3.7). Unsigned.
Buffer compose_notify(const Zone& zone, std::uint16_t id);

struct NotifyAnswer {
  std::optional<Rcode> rcode;  // absent if the message is no answer to our NOTIFY
  std::string what{};          // why it is none
};
/// `tsig`: made when the NOTIFY was signed; null if it was not. What is not signed as it must be is no
/// answer.
NotifyAnswer read_notify_answer(Bytes octets, NameView zone, std::uint16_t id, TsigStreamVerifier* tsig,
                                WallTime now);

}  // namespace zw
