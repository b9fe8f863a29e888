// Trust anchors: the keys that a validator believes before it has asked anybody (RFC 4033 §2).
#pragma once

#include "base/bytes.h"
#include "dns/name.h"
#include "dns/rr_type.h"

namespace zw {

struct TrustAnchor {
  Name owner;    // the apex of the zone
  RrType type;   // DS or DNSKEY
  Buffer rdata;  // well formed for the type
};

}  // namespace zw
