// Signs a whole zone (RFC 4035 §2, RFC 5155 §7.1, RFC 8976 §3): keys at the apex, a chain of NSEC or NSEC3
// records, signatures over all that the zone speaks for, and its digest.
//
// Pure: the same zone, keys and plan give the same signed zone, whatever the number of workers, as long as
// the keys sign alike (ECDSA does, see PrivateKey::make_signer).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.h"
#include "base/workers.h"
#include "crypto/signer.h"
#include "dnssec/zonemd.h"
#include "zone/zone.h"

namespace zw {

/// What a key signs. A zone is signed by every key for data and every one for keys that it has.
enum class KeyUse : std::uint8_t {
  nothing,  // it is published only
  keys,     // DNSKEY, CDS and CDNSKEY at the apex: a KSK
  data,     // all else: a ZSK
  both,     // a CSK
};

struct ZoneSigningKey {
  Buffer dnskey;  // RDATA
  KeyUse use = KeyUse::both;
  /// A Signer for one thread; called from several. Not for a key that signs nothing.
  std::function<std::unique_ptr<Signer>()> make_signer;
};

/// RFC 5155; 0 iterations and no salt unless somebody needs them (RFC 9276 §3.1).
struct Nsec3Plan {
  std::uint16_t iterations = 0;
  Buffer salt;  // at most 255 octets
  bool opt_out = false;
};

struct SigningPlan {
  std::vector<ZoneSigningKey> keys;
  std::uint32_t dnskey_ttl = 3600;
  WallTime inception{}, expiration{};
  /// Signatures over what is not at the apex end earlier by up to this, each owner by another span, so that
  /// they are not all made anew at once.
  Seconds jitter{0};
  std::optional<Nsec3Plan> nsec3;  // absent: NSEC
  std::vector<ZonemdHash> zonemd;
  std::uint32_t zonemd_ttl = 3600;
  std::optional<Serial> serial;  // absent: that of the zone
};

/// `zone` may be signed already: its signatures, chains, keys and digests are left out, also those of other
/// types that the plan replaces. The TTL of NSEC and NSEC3 records is that of RFC 9077 §3.
/// Fails with `unsupported` if a key does not sign, with `malformed` if for an algorithm among the keys none
/// signs the keys or none the data, if a DNSKEY is none, or if signatures would end before they begin, and
/// with `conflict` if two names have one NSEC3 hash (RFC 5155 §7.1: another salt is to be chosen).
Result<ZonePtr> sign_zone(const Zone& zone, const SigningPlan& plan, Workers& workers);

}  // namespace zw
