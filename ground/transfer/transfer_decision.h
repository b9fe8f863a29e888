// Whether a client gets a zone, and in which form.
#pragma once

#include <string_view>

#include "authority/responder.h"
#include "authority/zone_table.h"
#include "transfer/access_list.h"
#include "transfer/differences.h"
#include "transfer/transfer_query.h"

namespace zw {

enum class TransferForm : std::uint8_t {
  error,        // one message with an RCODE: Responder::decline
  current_soa,  // one message with our SOA: "you have it", or over UDP "come back over TCP" (RFC 1995 §2)
  whole_zone,   // a stream of messages
  differences,  // from the client's version to ours, as a stream (RFC 1995 §4)
};

struct TransferDecision {
  TransferForm form = TransferForm::error;
  Rcode rcode = Rcode::NOERROR;
  std::optional<EdeCode> ede{};
  std::string_view reason{};  // a literal, for the log: of a refusal, or why IXFR gets the whole zone
};

/// `query`: absent if it could not be read. `zone`: the one whose origin is the query's name; null if there
/// is none. `access`: of the zone's list. `differences`: that lead to its version, or null.
TransferDecision decide_transfer(const std::optional<TransferQuery>& query, const ServedZone* zone,
                                 Access access, Transport transport,
                                 const Differences* differences = nullptr);

/// Writes the answer of the form `current_soa` to `request` into `out`, and gives back its size. TC is set if
/// it does not fit. `asked`: what was read of the request. `reserve`: octets to be left free, for TSIG.
std::size_t write_current_soa(MessageWriter& writer, MutableBytes out, const Request& request,
                              const TransferQuery& asked, const ServedZone& zone, WallTime now,
                              std::size_t reserve);

}  // namespace zw
