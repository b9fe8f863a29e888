// Makes the NSEC3 records of a zone and their signatures (RFC 5155 §7.1); for the sources of this room only.
#pragma once

#include "dnssec/set_signer.h"

namespace zw {

/// `zone`: without any; its apex has its NSEC3PARAM record. The tree of NSEC3 records of the signed zone.
/// Errors as sign_zone() has them.
Result<NodeTree> make_nsec3_tree(const Zone& zone, const SigningPlan& plan, Workers& workers);

}  // namespace zw
