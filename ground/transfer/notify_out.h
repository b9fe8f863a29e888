// NOTIFY that goes out (RFC 1996), and its answer. Of any type: SOA for secondaries, CDS and CSYNC for
// parents (RFC 9859).
#pragma once

#include <optional>

#include "dns/message.h"
#include "dns/tsig_queries.h"
#include "transfer/notify_schedule.h"
#include "zone/zone.h"

namespace zw {

/// What is told: that records of this name and type have changed.
struct NotifyTopic {
  Name name;
  RrType type = RrType::SOA;
  RrClass rr_class = RrClass::IN;
  Serial serial;  // of the version that has the change
  /// The new SOA, which stands in the answer section as a hint (RFC 1996 §3.7).
  struct Hint {
    std::uint32_t ttl;
    Buffer rdata;
  };
  std::optional<Hint> hint{};

  /// That the zone has a new version.
  static NotifyTopic of(const Zone& zone);
};

/// Octets of a NOTIFY and its TSIG, at most.
constexpr std::size_t kMostNotifyOctets = 1'500;

/// The message, unsigned and with ID 0.
Buffer compose_notify(const NotifyTopic& topic);

/// What was signed, to check the answer with.
struct NotifySignature {
  TsigQueries& queries;
  const TsigKey& key;
  const TsigMac& mac;
};
struct NotifyAnswer {
  std::optional<Rcode> rcode{};           // absent if the message is no answer to our NOTIFY
  NotifyFault fault = NotifyFault::none;  // why it is none
};
/// `octets`: a message with QR set, ID and sender as they must be. `signature`: of the NOTIFY; null if it had
/// none. What is not signed as it must be is no answer.
NotifyAnswer read_notify_answer(Bytes octets, const NotifyTopic& topic, const NotifySignature* signature,
                                WallTime now);

}  // namespace zw
