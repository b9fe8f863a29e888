// The numbers at the end of SOA RDATA (RFC 1035 §3.3.13).
#pragma once

#include "base/bytes.h"
#include "base/serial.h"

namespace zw {

/// `rdata`: well formed.
inline Serial serial_of_soa(Bytes rdata) { return Serial(get32(rdata.data() + rdata.size() - 20)); }

}  // namespace zw
