// Why a transfer from a primary came to nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dns/rr_type.h"

namespace zw {

enum class TransferFault : std::uint8_t {
  malformed,         // octets that are no message, or a record that breaks its format
  not_our_answer,    // another ID, another question, a query, another opcode
  refused_by_rcode,  // the primary answers with an error
  bad_tsig,          // unsigned, signed wrongly, or too late (RFC 8945)
  bad_frame,         // not as RFC 5936 §2.2 says: no SOA first, records in a wrong section, TC, nothing in it
  wrong_class,       //
  out_of_zone,       // an owner that is not at or below the zone
  not_zone_data,     // a type that never stands in a zone, or an SOA below the apex
  soa_changed,       // the last SOA is not the first: the primary changed the zone in midst of the transfer
  trailing_records,  // something stands behind the last SOA
  truncated,         // the end came before the last SOA
  older_serial,      // older than what we have, or 2^31 away from it (RFC 1982 §3.2)
  not_as_promised,   // older than the serial that a probe or NOTIFY told
  bad_differences,   // an IXFR answer that contradicts itself or our copy (RFC 1995 §4)
  too_large,         // over one of our TransferLimits
  unreachable,       // no connection, or it broke
  timed_out,         //
  bad_tls,           // no TLS session, or the primary is not who it should be (RFC 9103 §9.3)
};
constexpr std::size_t kTransferFaults = 18;

/// In kebab-case, for logs and metrics: `soa-changed`.
std::string_view print(TransferFault fault);

struct TransferFailure {
  TransferFault fault{};
  std::string what;       // a sentence for a person
  Rcode rcode{};          // of refused_by_rcode
  bool try_axfr = false;  // the question was IXFR, and the whole zone may still come from the same primary
};

}  // namespace zw
