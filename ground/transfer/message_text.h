// What is wrong with an answer, in words. Text of the other side is in them: it is escaped by whoever writes
// it down.
#pragma once

#include <string>

#include "dns/edns.h"
#include "dns/tsig_record.h"

namespace zw {

/// `the primary answers REFUSED: Prohibited (not you)`, with the extended error that `edns` holds (RFC 8914).
std::string print_refusal(Rcode rcode, const EdnsView& edns);
/// `TSIG: BADKEY, the other side says BADKEY, RCODE NOTAUTH`.
std::string print_tsig_fault(TsigStatus status, Rcode server_error, Rcode rcode);

}  // namespace zw
