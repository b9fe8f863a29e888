#include "transfer/transfer_failure.h"

#include <iterator>

namespace zw {

std::string_view print(TransferFault fault) {
  static constexpr std::string_view kNames[] = {
      "malformed",   "not-our-answer", "refused-by-rcode", "bad-tsig",        "bad-frame",
      "wrong-class", "out-of-zone",    "not-zone-data",    "soa-changed",     "trailing-records",
      "truncated",   "older-serial",   "not-as-promised",  "bad-differences", "too-large",
      "unreachable", "timed-out",      "bad-tls",
  };
  static_assert(std::size(kNames) == kTransferFaults);
  return kNames[static_cast<std::size_t>(fault)];
}

}  // namespace zw
