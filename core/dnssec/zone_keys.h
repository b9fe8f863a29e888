// The keys at the apex of a zone, made ready for verifying, and what they may be believed for.
#pragma once

#include <optional>
#include <vector>

#include "crypto/batch_verifier.h"
#include "dnssec/records.h"
#include "dnssec/verify.h"

namespace zw {

/// Keys of one zone that take part; a zone has two or three. Bounded since each signature may ask for all
/// that share its key tag (CVE-2023-50387).
inline constexpr std::size_t kMaxZoneKeys = 32;

/// One bit for each key, in their order.
using KeySet = std::uint32_t;
static_assert(sizeof(KeySet) * 8 >= kMaxZoneKeys);

struct ZoneKey {
  DnskeyView record;  // looks into the zone
  std::uint16_t tag;
  std::optional<PublicKey> key;   // absent if it is malformed or cannot be computed
  std::optional<BatchKey> batch;  // where many signatures at once are faster than one by one
  /// May sign RRsets (RFC 4035 §5.3.1, RFC 5011 §2.1).
  bool may_sign() const { return key && record.is_zone_key() && !record.is_revoked(); }
};

/// True for algorithms that can be computed and that the options let count.
bool is_accepted(DnssecAlgorithm algorithm, const VerifyOptions& options);

/// The DNSKEY RRset of the apex, in order. Tells what is wrong with each key.
std::vector<ZoneKey> load_keys(const Zone& zone, const VerifyOptions& options, Findings& findings);

/// Which keys an anchor of the zone names. Tells when there is none.
KeySet match_anchors(const Zone& zone, const std::vector<ZoneKey>& keys, const VerifyOptions& options,
                     Findings& findings);

}  // namespace zw
