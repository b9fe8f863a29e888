// A query for a zone: AXFR (RFC 5936 §2.1) or IXFR (RFC 1995 §3), as a server reads it and a secondary writes
// it.
#pragma once

#include <optional>

#include "authority/request.h"
#include "base/serial.h"
#include "dns/name.h"
#include "dns/transport.h"
#include "zone/zone.h"

namespace zw {

struct TransferQuery {
  Name zone{};  // in the letter case of the question
  RrType type = RrType::AXFR;
  RrClass rr_class = RrClass::IN;
  std::uint16_t id = 0;
  bool recursion_desired = false;  // to be echoed
  std::optional<Serial> client{};  // of IXFR: the version that the client has
  bool edns = false;               // the answer may have an OPT record
  bool asks_expire = false;        // RFC 7314
  bool asks_padding = false;       // over TLS: each message may be padded (RFC 7830 §6)
};

/// Of a request of the kind `transfer`. Absent if it is an IXFR without the SOA of the client (RFC 1995 §3),
/// which is answered with FORMERR.
std::optional<TransferQuery> read_transfer_query(const Request& request,
                                                 Transport transport = Transport::tcp);

/// What a secondary wants to know in a query that it writes.
struct TransferAsking {
  Name zone;
  RrType type = RrType::AXFR;  // AXFR, IXFR, or a type of the apex such as SOA
  RrClass rr_class = RrClass::IN;
  std::uint16_t id = 0;
  const Zone* current = nullptr;  // its SOA goes into the authority section of IXFR
  bool edns = true;               // with the question for EXPIRE
  bool padded = false;            // over TLS: as RFC 8467 §4.1 has it, which asks for padded answers
};
/// The query, unsigned.
Buffer compose_transfer_query(const TransferAsking& asking);

}  // namespace zw
