// The numbers at the end of SOA RDATA (RFC 1035 §3.3.13).
#pragma once

#include <optional>

#include "base/serial.h"
#include "dns/message.h"

namespace zw {

/// `rdata`: well formed.
inline Serial serial_of_soa(Bytes rdata) { return Serial(get32(rdata.data() + rdata.size() - 20)); }

/// Of a record in a message; absent unless it is a well-formed SOA of `zone`.
inline std::optional<Serial> serial_of_soa(const RecordView& record, NameView zone) {
  Name owner;
  Buffer rdata;
  bool is_soa = record.type == RrType::SOA && record.expand_owner(owner) && owner.view() == zone;
  return is_soa && record.read_rdata(rdata) ? std::optional(serial_of_soa(rdata)) : std::nullopt;
}

}  // namespace zw
