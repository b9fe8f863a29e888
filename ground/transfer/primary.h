// A server that we fetch a zone from.
#pragma once

#include <optional>

#include "crypto/tls.h"
#include "dns/address.h"
#include "dns/tsig_key.h"

namespace zw {

struct Primary {
  Address address;
  std::optional<IpAddress> from{};  // the address of ours to ask from
  const TsigKey* key = nullptr;     // signs queries, and answers must be signed; outlives whoever asks
  bool ixfr = true;                 // false: always fetch the whole zone
  TlsContextPtr tls{};  // of a client: everything is asked over TLS (RFC 9103); null: in clear text
};

/// How long to wait for a primary.
struct AskTimes {
  Milliseconds udp{1'500};        // for the answer to a first datagram; a second one waits twice as long
  Milliseconds connect{4'000};    // for a TCP connection
  Milliseconds idle{15'000};      // between octets of an answer over TCP
  Milliseconds overall{600'000};  // for a whole zone
};

}  // namespace zw
