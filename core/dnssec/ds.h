// From a key to its DS record (RFC 4034 §5.1.4, RFC 4509, RFC 6605 §2).
#pragma once

#include "base/result.h"
#include "crypto/digest.h"
#include "dnssec/records.h"

namespace zw {

/// "SHA-256", or the decimal number for a type that has no name here.
std::string print(DigestType type);

/// The digest of a DNSKEY as it stands in a DS record.
/// `owner`: of the key, in any letter case. `key`: the DNSKEY RDATA, from the flags on.
/// Fails with `unsupported` if `type` is a digest that we cannot compute.
Result<Digest> ds_digest(NameView owner, Bytes key, DigestType type);

/// The RDATA of a DS record for `key`. Fails as ds_digest() does.
Result<Buffer> make_ds(NameView owner, DnskeyView key, DigestType type);

}  // namespace zw
