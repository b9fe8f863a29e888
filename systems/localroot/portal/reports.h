// What engines tell the store of: who fetched what, and what became of each NOTIFY. Plain values.
#pragma once

#include <optional>
#include <string>

#include "dns/rr_type.h"
#include "localroot/portal/policy.h"
#include "transfer/notify_schedule.h"

namespace zw::localroot::portal {

/// What became of a version that was told.
struct Outcome {
  bool answered = false;
  Rcode rcode{};                          // of the answer
  NotifyFault fault = NotifyFault::none;  // why there was none
  std::uint16_t round_trip = 0;           // ms
};

/// A version that a server of the portal has from a download: it has just got it, or looked and had it.
struct Downloaded {
  Name zone;
  IpAddress from;
  ServerId server = 0;  // whose URL it was
  Serial version;
};

struct Report {
  enum class Kind : std::uint8_t {
    fetched,     // a whole transfer
    downloaded,  // by the secret URL of a server, or looked and had it; proves nothing, for NOTIFY
    asked,       // for the SOA, or a transfer that was answered by it
    refused,     // a transfer was not given
    told,        // by NOTIFY, with an outcome
  };
  Kind kind = Kind::fetched;
  Asking asking{};                         // who asked; of `told`: whom, with the key that signed
  std::uint16_t port = kDnsPort;           // of `told`
  ServerId server = 0;                     // of `downloaded`: whose URL
  std::optional<Serial> serial{};          // that it has now; of `told`: that it was told
  std::optional<Timestamp> lacks_since{};  // since when there is a newer one
  Transport transport = Transport::tcp;
  std::string refusal{};
  Outcome outcome{};
};

}  // namespace zw::localroot::portal
