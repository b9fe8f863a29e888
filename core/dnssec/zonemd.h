// The digest of a whole zone and its check (RFC 8976): scheme SIMPLE with SHA-384 and SHA-512.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "crypto/digest.h"
#include "dnssec/records.h"
#include "zone/zone.h"

namespace zw {

/// "SHA-384", "SHA-512", or the decimal number.
std::string print(ZonemdHash hash);
/// Absent for hashes that we cannot compute.
std::optional<DigestAlgorithm> digest_algorithm(ZonemdHash hash);

/// Feeds each of `digesters` the zone as RFC 8976 §3.3 lays it out: every record in canonical form and order,
/// occluded ones too, without the ZONEMD RRset of the apex and without its signatures.
void digest_zone(const Zone& zone, std::span<Digester> digesters);

/// The digest with scheme SIMPLE. Fails with `unsupported` for other hashes than SHA-384 and SHA-512.
Result<Digest> zone_digest(const Zone& zone, ZonemdHash hash);

/// The RDATA of a ZONEMD record with scheme SIMPLE.
Buffer make_zonemd(Serial serial, ZonemdHash hash, Bytes digest);

enum class ZonemdVerdict {
  valid,            // one record that counts has the zone's digest; the others do not matter (RFC 8976 §4)
  mismatch,         // a record counts, and the digest is another one
  absent,           // no ZONEMD at the apex
  serial_mismatch,  // none counts: the serial is not that of the SOA
  malformed,        // none counts: digests of less than 12 octets (RFC 8976 §2.2.4)
  duplicate,        // none counts: the same scheme and hash stand twice (RFC 8976 §4)
  unsupported,      // none counts: schemes or hashes that we do not know
};

struct ZonemdReport {
  ZonemdVerdict verdict = ZonemdVerdict::absent;
  std::string what;  // a sentence
  /// What was computed, if anything was: by the record that is valid, else by the first that counts.
  std::optional<ZonemdHash> hash;
  std::optional<Digest> digest;
};

/// Computes and compares. Says nothing of the record's own signature: see verify_zone().
ZonemdReport check_zonemd(const Zone& zone);

}  // namespace zw
